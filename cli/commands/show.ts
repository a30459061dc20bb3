/** All that a plugin says of itself. */
import { z } from 'zod';
import { HarnessError } from '../../core/errors.js';
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
    packageVersion: entry.packageVersion,
    options: optionsSchema(entry),
  };
}

const needText = ({ kind, params }: SignalRequest): string => {
  const settings = Object.entries(params).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${kind}${settings.length === 0 ? '' : ` (${settings.join(', ')})`}`;
};

/** A plugin in words; facts that it does not state are left out. */
function inWords(entry: RegistryEntry): string {
  const { mark } = entry;
  const { name, summary, aliases = [], version = 1 } = mark.definition;
  const facts: (readonly [string, string | undefined])[] = [];
  if (mark.kind === 'router') {
    const { formula, source, cost, calibrated } = mark.definition;
    const needs = getNeeds(entry);
    facts.push(
      [
        'needs',
        needs === null
          ? 'depends on the options'
          : needs === undefined || needs.length === 0
            ? 'the query text only'
            : needs.map(needText).join('; '),
      ],
      ['formula', formula],
      [
        'calibrated',
        calibrated === undefined
          ? undefined
          : `the confidence is a ${calibrated} of P(weak is right)`,
      ],
      ['cost', cost],
      ['source', source],
    );
  } else if (mark.kind === 'dataset') {
    const { splits, licence, source, scorer, scale, label, threshold } = mark.definition;
    facts.push(
      ['splits', splits.join(', ')],
      ['scorer', [scorer].flat().join(', else where the config has its model ')],
      ['scale', `${scale[0]} to ${scale[1]}`],
      [
        'label 1',
        label === 'correct'
          ? `where the weak grade reaches ${threshold ?? scale[1]}`
          : 'where the weak grade is at least the strong one',
      ],
      ['licence', licence],
      [
        'by options',
        mark.definition.depends === undefined
          ? undefined
          : 'the options decide some of these facts',
      ],
      ['source', `${source.text}${source.checksum === undefined ? '' : ` (${source.checksum})`}`],
    );
  } else if (mark.kind === 'scorer') {
    facts.push([
      'scale',
      mark.definition.anyScale === true
        ? 'that of the dataset'
        : `${mark.definition.scale[0]} to ${mark.definition.scale[1]}`,
    ]);
  } else if (mark.kind === 'metric') {
    const { better, range, needs, formula, source } = mark.definition;
    facts.push(
      ['better', better],
      ['range', Array.isArray(range) ? `${range[0]} to ${range[1]}` : undefined],
      ['needs', needs],
      ['formula', formula],
      ['source', source],
    );
  }
  if (mark.kind === 'router')
    facts.push(
      ['batches', mark.definition.batches?.join(', ')],
      ['family', mark.definition.family],
    );
  facts.push(
    ['also called', aliases.length === 0 ? undefined : aliases.join(', ')],
    ['version', `${version}, of ${entry.package} ${entry.packageVersion}`],
  );
  const lines = optionLines((optionsSchema(entry) ?? {}) as Parameters<typeof optionLines>[0]);
  const known = facts.flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${`${key}:`.padEnd(13)} ${value}`],
  );
  return [
    `${name} (${mark.kind}): ${summary}`,
    ...known,
    `  ${'options:'.padEnd(13)} ${lines.length === 0 ? 'none' : ''}`.trimEnd(),
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

/** Prints the plugins of that name, of whatever kind, or all routers of a batch or family. */
export async function showCommand(name: string, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const registry = await registryAt(options, io);
  const sameName = registry
    .list()
    .filter(
      ({ mark }) => mark.definition.name === name || (mark.definition.aliases ?? []).includes(name),
    );
  const found =
    sameName.length > 0 ? sameName : [...registry.batch(name), ...registry.family(name)];
  if (found.length === 0) {
    const names = registry.list().map(({ mark }) => mark.definition.name);
    throw new HarnessError('invalidOption', {
      option: 'the plugin',
      value: `"${name}"`,
      problem: `there is no plugin with that name.${suggestion(name, names)}`,
      command: 'show',
    });
  }
  if (options.json === true) printJson(io, found.map(described));
  else io.out(found.map(inWords).join('\n'));
  return 0;
}
