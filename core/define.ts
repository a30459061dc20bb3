/** Plugins without decorators: a definition and a function that makes an instance. */
import type { z } from 'zod';
import type { Reporter, Router } from './contracts.js';
import type { ReporterDefinition, RouterDefinition } from './definitions.js';
import { inject } from './di.js';
import { markAs, type DefinitionOf, type InstanceOf, type PluginKind } from './plugin.js';
import type { PluginClass } from './plugin-files.js';
import type { SignalRequest, SignalsOf } from './signals/requests.js';
import { FILES, LOGGER, OPTIONS, RANDOM, type Files, type Logger } from './tokens.js';
import type { Random } from './util/random.js';

/** What an instance is made from: its checked options, a logger and its own random source. */
export interface Tools<Options> {
  readonly options: Options;
  readonly logger: Logger;
  readonly random: Random;
}

const TOKENS = { options: OPTIONS, logger: LOGGER, random: RANDOM };

/** A `define…` function: `More` are the tools that this kind gets besides {@link Tools}. */
const define =
  <K extends Exclude<PluginKind, 'model'>, More = unknown>(kind: K, more = {}) =>
  <Schema extends z.ZodType = z.ZodType<object>>(
    definition: DefinitionOf<Schema>[K],
    make: (tools: Tools<z.output<Schema>> & More) => InstanceOf[K],
  ): PluginClass => {
    const tokens = Object.entries({ ...TOKENS, ...more });
    const Plugin = class {
      constructor(...given: readonly unknown[]) {
        return make(Object.fromEntries(tokens.map(([name], i) => [name, given[i]])) as never);
      }
    };
    Object.defineProperty(Plugin, 'name', { value: definition.name });
    tokens.forEach(([, token], i) => inject(token)(Plugin, undefined, i));
    markAs(kind)<Schema>(definition)(Plugin as never);
    return Plugin;
  };

/** Defines a router. Export what it returns. */
export const defineRouter: <
  const Needs extends readonly SignalRequest[],
  Schema extends z.ZodType = z.ZodType<object>,
>(
  definition: RouterDefinition<Needs, Schema>,
  make: (tools: Tools<z.output<Schema>>) => Router<SignalsOf<Needs>>,
) => PluginClass = define('router') as never;
/** Defines a dataset, which may also read files. */
export const defineDataset = define<'dataset', { readonly files: Files }>('dataset', {
  files: FILES,
});
/** Defines a scorer. */
export const defineScorer = define('scorer');
/** Defines a metric. */
export const defineMetric = define('metric');
/** Defines a reporter of `Report`, such as a finished run. */
export const defineReporter: <Report, Schema extends z.ZodType = z.ZodType<object>>(
  definition: ReporterDefinition<Schema>,
  make: (tools: Tools<z.output<Schema>>) => Reporter<Report>,
) => PluginClass = define('reporter') as never;
