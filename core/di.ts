/**
 * The only file that names the injection packages; reflect-metadata must be loaded before tsyringe.
 */
import 'reflect-metadata';
export {
  container,
  inject,
  injectable,
  type DependencyContainer,
  type InjectionToken,
} from 'tsyringe';
