/** Makes plugin instances: each gets a container with its own options, logger and randomness. */
import { z } from 'zod';
import { container as root, injectable, type InjectionToken } from './di.js';
import type { Model } from './contracts.js';
import { getErrorMessage, getHarnessErrors, HarnessError, HarnessErrors } from './errors.js';
import type { Class, InstanceOf, PluginKind, PluginMark } from './plugin.js';
import type { RegistryEntry } from './registry.js';
import * as tokens from './tokens.js';
import { seededRandom } from './util/random.js';

/** What instances may be given. Routers, metrics… get no secrets, and routers no files. */
export interface InstanceTools {
  readonly logger: tokens.Logger;
  readonly files: tokens.Files;
  readonly secrets: tokens.Secrets;
  readonly seed: number;
}

/** Checks options against the plugin's schema; default: none. @throws HarnessErrors of RXB2105 */
export function checkOptions(entry: RegistryEntry, options: unknown, location?: string): unknown {
  const { kind, definition } = entry.mark;
  const parsed = (definition.options ?? z.strictObject({})).safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path, message }) => {
    const where = path.join('.') || '(top level)';
    const details = { kind, name: definition.name, path: where, problem: message };
    return new HarnessError('invalidPluginOptions', details, { location });
  });
  throw new HarnessErrors(mistakes);
}

/**
 * Makes an instance of a plugin from options that {@link checkOptions} returned. `workspace` is for
 * models; default: `results` beside the config, under the backend's name. @throws RXB2106
 */
export function instantiate<K extends PluginKind>(
  entry: RegistryEntry<K>,
  options: unknown,
  tools: InstanceTools,
  workspace?: tokens.Workspace,
): InstanceOf[K] {
  const { kind, definition } = entry.mark as PluginMark;
  const { name } = definition;
  if (entry.plugin === null)
    throw new Error(`${kind} "${name}" is a third-party plugin and was not loaded`);
  const plugin = entry.plugin as Class<InstanceOf[K]>;
  const child = root.createChildContainer();
  const give = <T>(token: InjectionToken<T>, useValue: T): void =>
    void child.register(token, { useValue });
  give(tokens.OPTIONS, options);
  give(tokens.LOGGER, tools.logger);
  give(tokens.RANDOM, seededRandom(`${tools.seed}/${name}`));
  if (kind !== 'router' && kind !== 'metric') give(tokens.FILES, tools.files);
  if (kind === 'model') {
    give(tokens.SECRETS, tools.secrets);
    give(tokens.WORKSPACE, workspace ?? { model: name, results: tools.files.resolve('results') });
  }
  const broken = (problem: string, cause?: unknown): HarnessError =>
    new HarnessError('brokenPluginContract', { kind, name, problem }, { cause });
  injectable()(plugin as never); // here because a plugin may have its own copy of tsyringe
  let instance: InstanceOf[K];
  try {
    instance = child.resolve(plugin as never);
  } catch (cause) {
    throw getHarnessErrors(cause) === undefined ? broken(getErrorMessage(cause), cause) : cause;
  }
  if (kind === 'model' && typeof (instance as Partial<Model>).info !== 'function')
    throw broken('it has no method `info` (version 0.1 called it `card`)');
  return instance;
}
