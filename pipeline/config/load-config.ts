/** Precedence: flag, then environment (`.env` included), config file, what it extends, default. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { ConfigSchema, type ResolvedConfig } from '../../core/config-schema.js';
import { HarnessErrors, type HarnessError } from '../../core/errors.js';
import { isObject } from '../../core/util/json.js';
import { secretsFrom } from '../../core/secrets.js';
import type { Secrets } from '../../core/tokens.js';
import { addSecretsOfConfig, addSecretsOfEnvironment } from '../../storage/secrets/collect.js';
import { PipelineError } from '../errors.js';
import { loadExtended } from './extends.js';
import { findConfig } from './find-config.js';
import { findProblems } from './find-problems.js';
import { getSource, mergeLayers, type ConfigLayer } from './layers.js';
import { buildLocator, type LocateValue } from './locate.js';
import { namePart } from './part.js';
import { buildOverrideLayers, type Overrides } from './overrides.js';
import { formatPath, getAt, listLeaves, parsePath } from './paths.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which config to load, and what overrides it. */
export interface ConfigRequest {
  readonly cwd: string;
  /** Left out: the file is searched from `cwd` upwards. */
  readonly configFile?: string | undefined;
  readonly flags?: Overrides;
  readonly env: Environment;
}

/** Where one value of the resolved config came from. */
interface ValueSource {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
}

/** A checked config and its origin. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** The part of the config that the call works on, by name; null = all of it. */
  readonly part: string | null;
  readonly file: string;
  readonly folder: string;
  readonly sources: readonly ValueSource[];
  /** The environment, and what .env beside the config adds to it. */
  readonly env: Environment;
  /** `harness.config.ts:14 (routers[3])` for a value of the config. */
  readonly getLocation: LocateValue;
  /** Read from the environment and `.env`. */
  readonly secrets: Secrets;
}

const readEnvFile = async (folder: string): Promise<Environment> =>
  parseEnv(
    (await readFile(join(folder, '.env'), 'utf8').catch(() => '')).replace(/^\uFEFF/, ''), // optional
  ) as Environment;

const buildMistakes = (error: z.ZodError, getLocation: LocateValue): readonly HarnessError[] =>
  findProblems(error.issues).map(({ path: keys, problem }) => {
    const path = formatPath(keys);
    return new PipelineError(
      'invalidConfig',
      { path: path || '(top level)', problem },
      { location: getLocation(path) },
    );
  });

/** Where values are: those that a setting puts over the file are named by it. */
const withOverrides =
  (layers: readonly ConfigLayer[], inFile: LocateValue): LocateValue =>
  (path, value) => {
    const at = parsePath(path);
    const above = layers.findLast(({ values }) => {
      const found = getAt(values, at);
      return found !== undefined && !isObject(found); // of an object, the file may have the rest
    });
    return above === undefined ? inFile(path, value) : `${above.name} (${path})`;
  };

/**
 * Loads `configFile`, or the config of the folder `cwd` or one above it. All mistakes are reported
 * at once. @throws HarnessErrors of RXB1003 and RXB1005; RXB1001, RXB1002, RXB3109
 */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const { cwd, configFile, flags = {} } = request;
  const { file, values } = await findConfig(cwd, configFile ?? request.env['RXB_CONFIG']);
  const folder = dirname(file);
  const env = { ...(await readEnvFile(folder)), ...request.env };
  const overrides = buildOverrideLayers(flags, env);
  const inFile = buildLocator(file, await readFile(file, 'utf8'));
  const getLocation = withOverrides(overrides.layers, inFile);
  const layers = [
    ...(await loadExtended({ file, values })),
    { name: basename(file), values },
    ...overrides.layers,
  ];
  const merged = mergeLayers(layers);
  addSecretsOfEnvironment(env);
  addSecretsOfConfig(merged, env);
  const parsed = ConfigSchema.safeParse(merged);
  const mistakes = parsed.success ? [] : buildMistakes(parsed.error, getLocation);
  const all = [...overrides.mistakes, ...mistakes];
  if (all.length > 0 || !parsed.success) throw new HarnessErrors(all);
  const sources = listLeaves(parsed.data).map(({ path, value }) => ({
    path: formatPath(path),
    value,
    source: getSource(layers, path),
  }));
  const secrets = secretsFrom(env);
  const part = namePart(flags, env);
  const isNamed = flags.name !== undefined || (env['RXB_NAME'] ?? '') !== '';
  const { name } = parsed.data;
  const config =
    part === null || isNamed ? parsed.data : { ...parsed.data, name: `${name}-${part}` };
  return { config, part, file, folder, sources, env, getLocation, secrets };
}
