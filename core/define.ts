/** Plugins without decorators: a definition and a function that makes an instance. */
import type { z } from 'zod';
import type { Dataset, Router, Scorer } from './contracts.js';
import { inject } from './di.js';
import {
  dataset,
  metric,
  reporter,
  type MetricDefinition,
  type ReporterDefinition,
  router,
  scorer,
  type DatasetDefinition,
  type RouterDefinition,
  type ScorerDefinition,
} from './plugin.js';
import type { Metric } from './metric.js';
import type { Reporter } from './reporter.js';
import type { PluginClass } from './plugin-files.js';
import type { SignalRequest, SignalsOf } from './signals/requests.js';
import { FILES, LOGGER, OPTIONS, RANDOM, type Files, type Logger } from './tokens.js';
import type { Random } from './util/random.js';

/** What an instance is made from: its checked options, a logger, and a random source of its own. */
export interface Tools<Options> {
  readonly options: Options;
  readonly logger: Logger;
  readonly random: Random;
}

/** A class whose instances are what `make` returns, with the named tokens injected. */
function createPluginClass<T extends object>(
  name: string,
  tokens: Readonly<Record<string, Parameters<typeof inject>[0]>>,
  make: (tools: never) => T,
): new (...args: never[]) => T {
  const keys = Object.keys(tokens);
  const Plugin = class {
    constructor(...given: readonly unknown[]) {
      return make(Object.fromEntries(keys.map((key, i) => [key, given[i]])) as never);
    }
  };
  Object.defineProperty(Plugin, 'name', { value: name });
  keys.forEach((key, i) =>
    inject(tokens[key] as Parameters<typeof inject>[0])(Plugin, undefined, i),
  );
  return Plugin as unknown as new (...args: never[]) => T;
}

/** A router: its definition, and a function that makes an instance. Export what it returns. */
export function defineRouter<
  const Needs extends readonly SignalRequest[],
  Schema extends z.ZodType = z.ZodType<object>,
>(
  definition: RouterDefinition<Needs, Schema>,
  make: (tools: Tools<z.output<Schema>>) => Router<SignalsOf<Needs>>,
): PluginClass {
  const Plugin = createPluginClass(
    definition.name,
    { options: OPTIONS, logger: LOGGER, random: RANDOM },
    make,
  );
  router(definition)(Plugin as never);
  return Plugin;
}

/** A dataset: its definition, and a function that makes an instance; it may read files. */
export function defineDataset<Schema extends z.ZodType = z.ZodType<object>>(
  definition: DatasetDefinition<Schema>,
  make: (tools: Tools<z.output<Schema>> & { readonly files: Files }) => Dataset,
): PluginClass {
  const Plugin = createPluginClass(
    definition.name,
    { options: OPTIONS, logger: LOGGER, random: RANDOM, files: FILES },
    make,
  );
  dataset(definition)(Plugin);
  return Plugin;
}

/** A scorer: its definition, and a function that makes an instance. */
export function defineScorer<Schema extends z.ZodType = z.ZodType<object>>(
  definition: ScorerDefinition<Schema>,
  make: (tools: Tools<z.output<Schema>>) => Scorer,
): PluginClass {
  const Plugin = createPluginClass(
    definition.name,
    { options: OPTIONS, logger: LOGGER, random: RANDOM },
    make,
  );
  scorer(definition)(Plugin);
  return Plugin;
}

/** A metric: its definition, and a function that makes an instance. */
export function defineMetric<Schema extends z.ZodType = z.ZodType<object>>(
  definition: MetricDefinition<Schema>,
  make: (tools: Tools<z.output<Schema>>) => Metric,
): PluginClass {
  const Plugin = createPluginClass(
    definition.name,
    { options: OPTIONS, logger: LOGGER, random: RANDOM },
    make,
  );
  metric(definition)(Plugin);
  return Plugin;
}

/** A reporter: its definition, and a function that makes an instance. */
export function defineReporter<Report, Schema extends z.ZodType = z.ZodType<object>>(
  definition: ReporterDefinition<Schema>,
  make: (tools: Tools<z.output<Schema>>) => Reporter<Report>,
): PluginClass {
  const Plugin = createPluginClass<Reporter<Report>>(
    definition.name,
    { options: OPTIONS, logger: LOGGER, random: RANDOM },
    make,
  );
  reporter(definition)(Plugin as never);
  return Plugin;
}
