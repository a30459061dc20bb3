/** Settings of the environment (`RXB_…`, `.env`) and flags of the command line. */
import { HarnessError } from '../../core/errors.js';
import { PipelineError } from '../errors.js';
import type { ConfigLayer } from './layers.js';

/** Values that a flag or the environment may set over the config. */
export interface Overrides {
  readonly name?: string;
  readonly limit?: number;
  readonly seed?: number;
  readonly results?: string;
  readonly offline?: boolean;
  readonly dataDir?: string;
  readonly trust?: readonly string[];
  /** Names of recorded models; they replace the options of `models.weak` and `models.strong`. */
  readonly recorded?: { readonly weak: string; readonly strong: string };
  readonly perturb?: boolean;
  readonly reporters?: readonly unknown[];
  /** The part of the config to work on; left out = all. */
  readonly datasets?: readonly string[] | undefined;
  readonly routers?: readonly string[] | undefined;
}

interface Setting {
  readonly env: string;
  readonly flag: string;
  /** A value of the environment as the config holds it. */
  readonly read: (text: string) => unknown;
  /** What is wrong with a value of the environment that {@link read} reads; null = nothing. */
  readonly findProblem?: (text: string) => string | null;
  /** The part of a config that holds the value. */
  readonly put: (value: unknown) => ConfigLayer['values'];
}

const keep = (text: string): string => text;
const isOn = (text: string): boolean => !/^(0|false|no)$/i.test(text);
/** `table,junit=junit.xml` as entries of `reporters`. */
const readReporters = (text: string): readonly unknown[] =>
  list(text).map((part) => {
    const [name = '', file] = part.split(/=(.*)/s);
    return file === undefined ? name : [name, { file }];
  });
const isReporter = (part: string): boolean => /^[^=\s][^=]*(=.+)?$/s.test(part);
const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

const SETTINGS: Readonly<
  Record<Exclude<keyof Overrides, 'recorded' | 'datasets' | 'routers'>, Setting>
> = {
  name: { env: 'RXB_NAME', flag: '--name', read: keep, put: (name) => ({ name }) },
  limit: { env: 'RXB_LIMIT', flag: '--limit', read: Number, put: (limit) => ({ limit }) },
  seed: {
    env: 'RXB_SEED',
    flag: '--seed',
    read: Number,
    put: (seed) => ({ protocol: { seed } }),
  },
  results: { env: 'RXB_RESULTS', flag: '--results', read: keep, put: (results) => ({ results }) },
  offline: { env: 'RXB_OFFLINE', flag: '--offline', read: isOn, put: (offline) => ({ offline }) },
  dataDir: { env: 'RXB_DATA_DIR', flag: '--data-dir', read: keep, put: (dataDir) => ({ dataDir }) },
  perturb: {
    env: 'RXB_PERTURB',
    flag: '--perturb',
    read: isOn,
    put: (on) => ({ perturbations: { on } }),
  },
  reporters: {
    env: 'RXB_REPORTERS',
    flag: '--reporter',
    read: readReporters,
    findProblem: (text) =>
      list(text).every(isReporter)
        ? null
        : 'it must be NAME or NAME=FILE, or several separated by commas',
    put: (reporters) => ({ reporters }),
  },
  trust: {
    env: 'RXB_TRUST',
    flag: '--trust',
    read: list,
    put: (trust) => ({ isolation: { trust } }),
  },
};

/** The layers that the environment and flags add; a flag wins over a variable. */
export function buildOverrideLayers(
  flags: Overrides,
  env: Readonly<Record<string, string | undefined>>,
): { readonly layers: readonly ConfigLayer[]; readonly mistakes: readonly HarnessError[] } {
  const layers: ConfigLayer[] = [];
  const mistakes: HarnessError[] = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const flag = flags[name as keyof Overrides];
    const text = env[setting.env] ?? '';
    if (flag !== undefined) {
      layers.push({ name: `flag ${setting.flag}`, values: setting.put(flag) });
      continue;
    }
    if (text === '') continue;
    const value = setting.read(text);
    const problem = Number.isNaN(value)
      ? 'it is not a number'
      : (setting.findProblem?.(text) ?? null);
    if (problem !== null)
      mistakes.push(
        new PipelineError('invalidOption', {
          option: setting.env,
          value: text,
          problem,
          command: 'run',
        }),
      );
    else layers.push({ name: `env ${setting.env}`, values: setting.put(value) });
  }
  for (const [model, recorded] of Object.entries(flags.recorded ?? {}))
    for (const options of [undefined, { model: recorded }])
      // undefined removes the old options
      layers.push({ name: 'rxb pairs', values: { models: { [model]: { options } } } });
  return { layers, mistakes };
}
