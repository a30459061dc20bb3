/** What a plugin declares. */
import { z } from 'zod';
import type { DatasetDefinition, RouterDefinition } from '../../core/definitions.js';
import { resolve } from 'node:path';
import { HarnessError, HarnessErrors } from '../../core/errors.js';
import { loadConfig } from '../../pipeline/config/load-config.js';
import { describePrinted, readKept } from '../../pipeline/failure-text.js';
import { runFolder } from '../../storage/results/store.js';
import { PipelineError } from '../../pipeline/errors.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { suggestion } from '../../core/util/closest.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { optionLines } from '../options-text.js';
import { registryAt } from './list.js';

/**
 * What a router asks for under its default options; null where it has options without a default.
 */
function getNeeds(entry: RegistryEntry): readonly SignalRequest[] | null | undefined {
  if (entry.mark.kind !== 'router') return undefined;
  if (entry.thirdParty !== null) return entry.thirdParty.described.needs ?? null;
  const { needs, options } = entry.mark.definition;
  if (typeof needs !== 'function') return needs;
  const defaults = (options ?? z.strictObject({})).safeParse({});
  return defaults.success ? needs(defaults.data as never) : null;
}

/** JSON Schema of a plugin's options; null where it takes none. */
function optionsSchema({ mark, thirdParty }: RegistryEntry): object | null {
  if (thirdParty !== null) return thirdParty.described.options;
  const { options } = mark.definition;
  return options === undefined
    ? null
    : z.toJSONSchema(options, { unrepresentable: 'any', io: 'input' });
}

/** A plugin as JSON: its definition, the options as JSON Schema. */
function described(entry: RegistryEntry): Readonly<Record<string, unknown>> {
  const { kind, definition } = entry.mark;
  const { options: _schema, ...rest } = definition;
  const needs = getNeeds(entry);
  return {
    kind,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value !== 'function')),
    version: definition.version ?? 1,
    ...(needs === undefined
      ? {}
      : {
          needs:
            needs?.map((request) => ({
              signal: request.kind,
              as: request.key,
              params: request.params,
            })) ?? 'depends on the options',
        }),
    package: entry.package,
    packageVersion: entry.source.version,
    options: optionsSchema(entry),
  };
}

const needText = ({ kind, params }: SignalRequest): string => {
  const settings = Object.entries(params).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${kind}${settings.length === 0 ? '' : ` (${settings.join(', ')})`}`;
};

type Fact = readonly [name: string, value: string | undefined];

function needsText(needs: readonly SignalRequest[] | null | undefined): string {
  if (needs === null) return 'depends on the options';
  if (needs === undefined || needs.length === 0) return 'the query text only';
  return needs.map(needText).join('; ');
}

function routerFacts(entry: RegistryEntry, definition: RouterDefinition): readonly Fact[] {
  const { formula, source, cost, calibrated, batches, family, search } = definition;
  return [
    ['needs', needsText(getNeeds(entry))],
    ['formula', formula],
    [
      'calibrated',
      calibrated === undefined
        ? undefined
        : `the confidence is a ${calibrated} of P(weak is right)`,
    ],
    [
      'search',
      search === undefined
        ? undefined
        : Object.entries(search)
            .map(
              ([name, values]) =>
                `${name} ${values.map((value) => JSON.stringify(value)).join(', ')}`,
            )
            .join('; '),
    ],
    ['cost', cost],
    ['source', source],
    ['batches', batches?.join(', ')],
    ['family', family],
  ];
}

function datasetFacts(definition: DatasetDefinition): readonly Fact[] {
  const { splits, licence, source, scorer, scale, label, threshold, depends } = definition;
  const checksum = source.checksum === undefined ? '' : ` (${source.checksum})`;
  return [
    ['splits', splits.join(', ')],
    ['scorer', [scorer].flat().join(', otherwise, if the config has its model: ')],
    ['scale', `${scale[0]} to ${scale[1]}`],
    [
      'label 1',
      label === 'correct'
        ? `where the weak grade reaches ${threshold ?? scale[1]}`
        : 'where the weak grade is at least the strong one',
    ],
    ['licence', licence],
    ['by options', depends === undefined ? undefined : 'the options decide some of these facts'],
    ['source', `${source.text}${checksum}`],
  ];
}

/** Facts of a kind of plugin; those that it does not state are undefined. */
function kindFacts(entry: RegistryEntry): readonly Fact[] {
  const { mark } = entry;
  switch (mark.kind) {
    case 'router':
      return routerFacts(entry, mark.definition);
    case 'dataset':
      return datasetFacts(mark.definition);
    case 'scorer': {
      const { scale, anyScale } = mark.definition;
      return [['scale', anyScale === true ? 'that of the dataset' : `${scale[0]} to ${scale[1]}`]];
    }
    case 'metric': {
      const { better, range, needs, formula, source } = mark.definition;
      return [
        ['better', better],
        ['range', Array.isArray(range) ? `${range[0]} to ${range[1]}` : undefined],
        ['needs', needs],
        ['formula', formula],
        ['source', source],
      ];
    }
    case 'reporter':
      return [['reports', mark.definition.reports.join(', ')]];
    case 'model':
      return [];
  }
}

/** A plugin in words. */
function inWords(entry: RegistryEntry): string {
  const { name, summary, aliases = [], version = 1 } = entry.mark.definition;
  const facts: readonly Fact[] = [
    ...kindFacts(entry),
    ['also called', aliases.length === 0 ? undefined : aliases.join(', ')],
    ['version', `${version}, of ${entry.package} ${entry.source.version}`],
  ];
  const lines = optionLines((optionsSchema(entry) ?? {}) as Parameters<typeof optionLines>[0]);
  const known = facts.flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${`${key}:`.padEnd(13)} ${value}`],
  );
  return [
    `${name} (${entry.mark.kind}): ${summary}`,
    ...known,
    `  ${'options:'.padEnd(13)} ${lines.length === 0 ? 'none' : ''}`.trimEnd(),
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

type Kept = Awaited<ReturnType<typeof readKept>>;

/** Why a router failed in the last run of the config, and what it printed. */
async function lastRun({ mark }: RegistryEntry, options: GlobalOptions, io: Io): Promise<Kept> {
  if (mark.kind !== 'router') return undefined;
  try {
    const { folder, config } = await loadConfig({
      cwd: io.cwd,
      configFile: options.config,
      env: io.env,
    });
    const results = resolve(folder, config.results);
    return await readKept(runFolder(results, config.name), mark.definition.name);
  } catch (error) {
    if (error instanceof HarnessError && error.kind === 'configNotFound') return undefined;
    throw error;
  }
}

const keptInWords = (kept: Kept): string => {
  if (kept === undefined) return '';
  const { failure, printed } = kept;
  // the failure ends with what was printed
  if (failure !== undefined) return `\nIt failed in the last run:\n${failure}`;
  return `\nIn the last run:\n${describePrinted(printed ?? '')}\n`;
};

/** An entry of the config that has a name of its own. */
interface NamedEntry {
  /** Where it is in the config. */
  readonly path: string;
  readonly use: string;
  readonly given: unknown;
}

/** Entries that the config gives this name: models, and datasets and routers with `as`. */
async function findNamedEntries(
  name: string,
  { config: configFile }: GlobalOptions,
  io: Io,
): Promise<readonly NamedEntry[]> {
  const loaded = await loadConfig({ cwd: io.cwd, configFile, env: io.env }).catch(
    (error: unknown) => {
      if (error instanceof HarnessError && error.kind === 'configNotFound') return null;
      throw error;
    },
  );
  if (loaded === null) return [];
  const { models, datasets, routers } = loaded.config;
  const listed = (path: string, entries: readonly unknown[]): readonly NamedEntry[] =>
    entries.flatMap((entry) => {
      const parsed = Named.safeParse(entry);
      return parsed.success && parsed.data.as === name
        ? [{ path, use: parsed.data.use, given: parsed.data.options }]
        : [];
    });
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  return [
    ...(model === undefined ? [] : [{ path: 'models', use: model.use, given: model.options }]),
    ...listed('datasets.inDomain', datasets.inDomain),
    ...listed('datasets.outOfDomain', datasets.outOfDomain),
    ...listed('routers', routers),
  ];
}

const Named = z.object({ as: z.string(), use: z.string(), options: z.unknown().default({}) });

/** Prints the plugins of that name, of whatever kind, or all routers of a batch or family. */
export async function showCommand(name: string, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const registry = await registryAt(options, io);
  const sameName = registry
    .list()
    .filter(
      ({ mark }) => mark.definition.name === name || (mark.definition.aliases ?? []).includes(name),
    );
  const named = sameName.length > 0 ? [] : await findNamedEntries(name, options, io);
  if (named.length > 0) {
    if (options.json === true)
      printJson(
        io,
        named.map(({ path, use, given }) => ({ name, config: path, use, options: given })),
      );
    else
      for (const { path, use, given } of named)
        io.out(
          `${name} (${path} of the config): ${use} with the options ${JSON.stringify(given)}\n`,
        );
    const uses = [...new Set(named.map(({ use }) => use))];
    if (options.json === true) return 0;
    for (const use of uses) await showCommand(use, options, io);
    return 0;
  }
  const found =
    sameName.length > 0 ? sameName : [...registry.batch(name), ...registry.family(name)];
  if (found.length === 0) {
    const names = registry.list().map(({ mark }) => mark.definition.name);
    const { unusable } = registry.plugins;
    const ofPackage = unusable.filter(({ package: from }) => from === name);
    const clashes = unusable.filter(({ error: { details } }) => details['name'] === name);
    const known = [...ofPackage, ...clashes];
    if (known.length > 0) throw new HarnessErrors(known.map(({ error }) => error));
    const unknown = new PipelineError('invalidOption', {
      option: 'the plugin',
      value: `"${name}"`,
      problem: `there is no plugin with that name.${suggestion(name, names)}`,
      command: 'show',
    });
    throw new HarnessErrors([unknown, ...unusable.map(({ error }) => error)]);
  }
  for (const { error } of registry.plugins.unusable)
    io.err(`warning: ${error.code} ${error.problem}\n`);
  const kept = await Promise.all(found.map(async (entry) => await lastRun(entry, options, io)));
  if (options.json === true)
    printJson(
      io,
      found.map((entry, i) => ({ ...described(entry), ...kept[i] })),
    );
  else io.out(found.map((entry, i) => `${inWords(entry)}${keptInWords(kept[i])}`).join('\n'));
  return 0;
}
