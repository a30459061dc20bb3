/** The only file that imports tsyringe, which needs reflect-metadata to be loaded first. */
import 'reflect-metadata';
export { container, inject, injectable, type InjectionToken } from 'tsyringe';
