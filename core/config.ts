/**
 * Finds, loads and checks the config. Precedence: flag > RXB_* environment (.env included) > config
 * file > default.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { cosmiconfig } from 'cosmiconfig';
import { ConfigSchema, type ResolvedConfig } from './config-schema.js';
import { importFile } from './plugin-files.js';
import { HarnessError, HarnessErrors, getErrorMessage } from './errors.js';
import { secretsFrom } from './secrets.js';
import type { Secrets } from './tokens.js';
import { isObject } from './util/json.js';

/** Values that a flag or the environment may set over the config. */
export interface Overrides {
  readonly name?: string;
  readonly limit?: number;
  readonly seed?: number;
  readonly results?: string;
  readonly offline?: boolean;
  readonly dataDir?: string;
  readonly trust?: readonly string[];
  /**
   * Names of recorded models that stand in for the options of `models.weak` and `models.strong`.
   */
  readonly recorded?: { readonly weak: string; readonly strong: string };
  readonly perturb?: boolean;
}

/** Where one value of the resolved config came from. */
export interface ValueSource {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
}

/** A checked config and where it stands. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  readonly file: string;
  readonly folder: string;
  readonly sources: readonly ValueSource[];
  /** The environment, with what .env beside the config adds to it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `harness.config.ts:14 (routers[3])` for a value of the config. */
  readonly getLocation: (path: string, value?: string) => string;
  /** Out of the environment and `.env`. */
  readonly secrets: Secrets;
}

const text = (given: string): string => given;
/** `table,junit=junit.xml` as entries of `reporters`. */
const parseReporters = (given: string): readonly unknown[] =>
  given.split(',').map((part) => {
    const [name = '', file] = part.trim().split(/=(.*)/s);
    return file === undefined ? name : [name, { file }];
  });
const switchedOn = (given: string): boolean => !/^(0|false|no)$/i.test(given);

const SETTINGS = {
  name: { env: 'RXB_NAME', flag: '--name', path: ['name'], read: text },
  limit: { env: 'RXB_LIMIT', flag: '--limit', path: ['limit'], read: Number },
  seed: { env: 'RXB_SEED', flag: '--seed', path: ['protocol', 'seed'], read: Number },
  results: { env: 'RXB_RESULTS', flag: '--results', path: ['results'], read: text },
  offline: { env: 'RXB_OFFLINE', flag: '--offline', path: ['offline'], read: switchedOn },
  dataDir: { env: 'RXB_DATA_DIR', flag: '--data-dir', path: ['dataDir'], read: text },
  perturb: {
    env: 'RXB_PERTURB',
    flag: '--perturb',
    path: ['perturbations', 'on'],
    read: switchedOn,
  },
  reporters: {
    env: 'RXB_REPORTERS',
    flag: '--reporter',
    path: ['reporters'],
    read: parseReporters,
  },
  trust: {
    env: 'RXB_TRUST',
    flag: '--trust',
    path: ['isolation', 'trust'],
    read: (given: string) => given.split(',').map((part) => part.trim()),
  },
} as const;

const setAt = (target: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) target[head] = value;
  else {
    const inner = isObject(target[head]) ? { ...target[head] } : {};
    target[head] = inner;
    setAt(inner, rest, value);
  }
};

const getAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (Array.isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined),
    value,
  );

const leaves = (
  value: unknown,
  path: readonly string[] = [],
): readonly (readonly [readonly string[], unknown])[] => {
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(item, [...path, String(i)]));
  if (isObject(value))
    return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
  return value === undefined ? [] : [[path, value]];
};

const formatPath = (path: readonly string[]): string =>
  path.map((key, i) => (/^\d+$/.test(key) ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');

const readEnvFile = async (folder: string): Promise<Record<string, string | undefined>> => {
  // most projects have none
  const text = await readFile(join(folder, '.env'), 'utf8').catch(() => '');
  return parseEnv(text) as Record<string, string | undefined>;
};

const NOT_INSTALLED = /^Cannot find (module|package) 'routerxbench'/;

const find = async (
  cwd: string,
  configFile: string | undefined,
): Promise<{ readonly file: string; readonly raw: unknown }> => {
  const typescript = async (file: string): Promise<unknown> => {
    const module = await importFile(file);
    return 'default' in module ? module['default'] : module;
  };
  const explorer = cosmiconfig('harness', {
    searchPlaces: [
      'harness.config.ts',
      'harness.config.mts',
      'harness.config.js',
      'harness.config.mjs',
      'harness.config.cjs',
      'harness.config.json',
      'harness.config.yaml',
    ],
    loaders: { '.ts': typescript, '.mts': typescript },
    searchStrategy: 'global',
    cache: false,
  });
  try {
    const result =
      configFile === undefined
        ? await explorer.search(cwd)
        : await explorer.load(resolve(cwd, configFile));
    if (result === null) throw new HarnessError('configNotFound', { folder: cwd });
    return { file: result.filepath, raw: result.isEmpty === true ? {} : result.config };
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    const problem = NOT_INSTALLED.test(getErrorMessage(cause))
      ? 'it imports routerxbench, which is not installed in its folder; run `npm install routerxbench` there.'
      : getErrorMessage(cause);
    throw new HarnessError(
      'configNotLoaded',
      { file: configFile ?? `(searched from ${cwd})`, problem },
      { cause },
    );
  }
};

/** One config over another: objects member by member, everything else replaced. */
const mergeOver = (
  base: Record<string, unknown>,
  overrides: Record<string, unknown>,
): Record<string, unknown> =>
  Object.entries(overrides).reduce<Record<string, unknown>>(
    (all, [key, value]) => {
      const below = all[key];
      return {
        ...all,
        [key]: isObject(below) && isObject(value) ? mergeOver(below, value) : value,
      };
    },
    { ...base },
  );

/** What a config stands on, from the farthest base on; each with its name. */
async function loadBaseConfigs(
  raw: Record<string, unknown>,
  file: string,
  seen: readonly string[] = [file],
): Promise<readonly { readonly name: string; readonly raw: Record<string, unknown> }[]> {
  const name = raw['extends'];
  if (typeof name !== 'string') return []; // the schema says what is wrong with anything else
  const cannot = (problem: string, cause?: unknown): HarnessError =>
    new HarnessError('invalidExtends', { name, file: basename(file), problem }, { cause });
  const preset = /^routerxbench\/presets\/([a-z-]+)$/.exec(name)?.[1];
  let path: string;
  try {
    path =
      preset === undefined
        ? createRequire(file).resolve(name)
        : createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw cannot(getErrorMessage(cause), cause);
  }
  if (seen.includes(path)) throw cannot('it extends itself');
  const module = await importFile(path).catch((cause: unknown) =>
    Promise.reject(cannot(getErrorMessage(cause), cause)),
  );
  const base = 'default' in module ? module['default'] : module;
  if (!isObject(base)) throw cannot('it does not export an object');
  return [...(await loadBaseConfigs(base, path, [...seen, path])), { name, raw: base }];
}

/**
 * Loads the config that `cwd` lies under, or `configFile`. Every mistake in it is listed at once.
 */
export async function loadConfig(request: {
  readonly cwd: string;
  readonly configFile?: string | undefined;
  readonly flags?: Overrides;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<LoadedConfig> {
  const { file, raw } = await find(request.cwd, request.configFile ?? request.env['RXB_CONFIG']);
  const folder = dirname(file);
  const lines = (await readFile(file, 'utf8')).split('\n');
  const getLocation = (path: string, value?: string): string => {
    const quoted = value === undefined ? path.split('.').at(-1) : undefined;
    const line = lines.findIndex((text) =>
      value !== undefined
        ? text.includes(`'${value}'`) || text.includes(`"${value}"`)
        : quoted !== undefined && text.includes(quoted),
    );
    return `${basename(file)}${line < 0 ? '' : `:${line + 1}`} (${path})`;
  };
  if (!isObject(raw))
    throw new HarnessError('configNotLoaded', { file, problem: 'it does not export an object' });

  const env = { ...(await readEnvFile(folder)), ...request.env };
  const bases = await loadBaseConfigs(raw, file);
  const merged = mergeOver(
    bases.reduce<Record<string, unknown>>((all, base) => mergeOver(all, base.raw), {}),
    raw,
  );
  const origin = new Map<string, string>();
  const mistakes: HarnessError[] = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const flag = request.flags?.[name as keyof Overrides];
    const given = env[setting.env] ?? '';
    if (flag === undefined && given === '') continue;
    const value = flag ?? setting.read(given);
    if (typeof value === 'number' && Number.isNaN(value)) {
      mistakes.push(
        new HarnessError('invalidOption', {
          option: setting.env,
          value: given,
          problem: 'it is not a number',
          command: 'run',
        }),
      );
      continue;
    }
    setAt(merged, setting.path, value);
    origin.set(
      setting.path.join('.'),
      flag === undefined ? `env ${setting.env}` : `flag ${setting.flag}`,
    );
  }

  for (const [modelName, model] of Object.entries(request.flags?.recorded ?? {})) {
    setAt(merged, ['models', modelName, 'options'], { model });
    origin.set(`models.${modelName}.options.model`, 'rxb pairs');
  }

  const parsed = ConfigSchema.safeParse(merged);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
      const path = formatPath([
        ...issue.path.map(String),
        ...(unknown === undefined ? [] : [unknown]),
      ]);
      mistakes.push(
        new HarnessError(
          'invalidConfig',
          { path: path || '(top level)', problem: issue.message },
          { location: getLocation(path) },
        ),
      );
    }
  }
  if (mistakes.length > 0 || !parsed.success) throw new HarnessErrors(mistakes);
  const layers = [...bases, { name: basename(file), raw }].reverse();
  const sources = leaves(parsed.data).map(([path, value]) => ({
    path: formatPath(path),
    value,
    source:
      origin.get(path.join('.')) ??
      origin.get(path.slice(0, -1).join('.')) ??
      layers.find((layer) => getAt(layer.raw, path) !== undefined)?.name ??
      'default',
  }));
  return {
    config: parsed.data,
    file,
    folder,
    sources,
    env,
    getLocation,
    secrets: secretsFrom(env),
  };
}
