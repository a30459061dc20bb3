/**
 * One child container per plugin instance: it gets its own options, logger, files and random
 * source, and nothing of its neighbours.
 */
import { z } from 'zod';
import { container as root, injectable } from './di.js';
import type { Dataset, Model, Router, Scorer } from './contracts.js';
import { HarnessError, HarnessErrors, getErrorMessage } from './errors.js';
import type { Metric } from './metric.js';
import type { PluginKind } from './plugin.js';
import type { Reporter } from './reporter.js';
import type { RegistryEntry } from './registry.js';
import {
  FILES,
  LOGGER,
  OPTIONS,
  WORKSPACE,
  RANDOM,
  SECRETS,
  type Files,
  type Logger,
  type Workspace,
  type Secrets,
} from './tokens.js';
import { seededRandom } from './util/random.js';

interface InstanceOf {
  router: Router<object>;
  dataset: Dataset;
  scorer: Scorer;
  model: Model;
  metric: Metric;
  reporter: Reporter;
}

/** What an instance may be given. Routers and metrics get no `files`, only models `secrets`. */
export interface InstanceTools {
  readonly logger: Logger;
  readonly files: Files;
  readonly secrets: Secrets;
  readonly seed: number;
}

/**
 * Checks options against the plugin's schema; every mistake is named. A plugin without a schema
 * takes no options.
 */
export function checkOptions(entry: RegistryEntry, options: unknown, location?: string): unknown {
  const schema = entry.mark.definition.options ?? z.strictObject({});
  const parsed = schema.safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  const { kind, definition } = entry.mark;
  throw new HarnessErrors(
    parsed.error.issues.map(
      (issue) =>
        new HarnessError(
          'invalidPluginOptions',
          {
            kind,
            name: definition.name,
            path: issue.path.join('.') || '(top level)',
            problem: issue.message,
          },
          location === undefined ? {} : { location },
        ),
    ),
  );
}

/**
 * Makes an instance of a plugin. `options` must have passed {@link checkOptions}. `place` is for
 * models; left out = `results` beside the config, under the backend's name.
 */
export function instantiate<K extends PluginKind>(
  entry: RegistryEntry<K>,
  options: unknown,
  tools: InstanceTools,
  workspace?: Workspace,
): InstanceOf[K] {
  const child = root.createChildContainer();
  child.register(OPTIONS, { useValue: options });
  child.register(LOGGER, { useValue: tools.logger });
  child.register(RANDOM, { useValue: seededRandom(`${tools.seed}/${entry.mark.definition.name}`) });
  const kind: PluginKind = entry.mark.kind;
  if (kind !== 'router' && kind !== 'metric') child.register(FILES, { useValue: tools.files });
  if (kind === 'model') {
    child.register(SECRETS, { useValue: tools.secrets });
    child.register(WORKSPACE, {
      useValue: workspace ?? {
        model: entry.mark.definition.name,
        results: tools.files.resolve('results'),
      },
    });
  }
  // Marked here and not in the plugin: a plugin may carry its own copy of the injection package.
  if (entry.plugin === null)
    throw new Error(
      `${kind} "${entry.mark.definition.name}" is a third-party plugin and was not loaded`,
    );
  injectable()(entry.plugin as unknown as new (...args: unknown[]) => object);
  try {
    return child.resolve(entry.plugin as unknown as new (...args: unknown[]) => InstanceOf[K]);
  } catch (cause) {
    if (cause instanceof HarnessError || cause instanceof HarnessErrors) throw cause;
    throw new HarnessError(
      'brokenPluginContract',
      { kind, name: entry.mark.definition.name, problem: getErrorMessage(cause) },
      { cause },
    );
  }
}
