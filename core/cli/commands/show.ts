/** All that a plugin says of itself. */
import { z } from 'zod';
import { HarnessError } from '../../errors.js';
import type { PluginKind } from '../../plugin.js';
import type { RegistryEntry } from '../../registry.js';
import { suggestion } from '../../util/closest.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';
import { registryAt } from './list.js';

const KINDS: readonly PluginKind[] = ['router', 'dataset', 'scorer', 'model'];

/** A plugin as JSON: its definition, with the options as JSON Schema and the needs of a router under default options. */
function described(entry: RegistryEntry): Readonly<Record<string, unknown>> {
  const { kind, definition } = entry.mark;
  const { options, ...rest } = definition;
  const schema = options === undefined ? null : z.toJSONSchema(options, { unrepresentable: 'any', io: 'input' });
  const facts: Record<string, unknown> = { kind, ...rest, package: entry.package, packageVersion: entry.packageVersion, version: definition.version ?? 1, options: schema };
  if (kind === 'router') {
    const { needs } = entry.mark.definition;
    const defaults = options?.safeParse({});
    const list = typeof needs === 'function' ? (defaults?.success === true ? needs(defaults.data as never) : null) : needs;
    facts['needs'] = list === null ? 'depends on the options' : list.map((request) => ({ signal: request.kind, as: request.key, params: request.params }));
  }
  if (kind === 'scorer') delete facts['models'];
  return facts;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Prints the plugins of that name, of whatever kind. */
export async function showCommand(name: string, options: GlobalOptions, io: Io): Promise<ExitCode> {
  const registry = await registryAt(options, io);
  const found = KINDS.flatMap((kind) => {
    const known = registry.list(kind).find(({ mark }) => mark.definition.name === name || (mark.definition.aliases ?? []).includes(name));
    return known === undefined ? [] : [known as RegistryEntry];
  });
  if (found.length === 0) {
    const names = registry.list().map(({ mark }) => mark.definition.name);
    throw new HarnessError('RXB1005', { option: 'the plugin', value: `"${name}"`, problem: `there is no plugin of that name.${suggestion(name, names)}`, command: 'show' });
  }
  const all = found.map(described);
  if (options.json === true) {
    io.out(`${JSON.stringify(all, null, 2)}\n`);
    return 0;
  }
  for (const { name: own, kind, summary, options: schema, ...facts } of all) {
    io.out(`${text(own)} (${text(kind)}): ${text(summary)}\n`);
    for (const [key, value] of Object.entries(facts)) if (value !== undefined && !(Array.isArray(value) && value.length === 0)) io.out(`  ${key}: ${text(value)}\n`);
    const properties = Object.entries((schema as { readonly properties?: Record<string, object> } | null)?.properties ?? {});
    io.out(properties.length === 0 ? '  no options\n' : '  options:\n');
    for (const [key, value] of properties) io.out(`    ${key}: ${JSON.stringify(value)}\n`);
  }
  return 0;
}
