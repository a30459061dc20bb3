import { z } from 'zod';
import type { ExportedPlugin } from '../core/plugin-files.js';
import type { SignalRequest } from '../core/signals/requests.js';
import type { DescribedPlugin } from './messages.js';

/**
 * The signal requests of a router with its default options; null if it has an option without a
 * default.
 */
const defaultNeeds = ({ mark }: ExportedPlugin): readonly SignalRequest[] | null => {
  if (mark.kind !== 'router') return null;
  const { needs, options } = mark.definition;
  if (typeof needs !== 'function') return needs;
  const defaults = (options ?? z.strictObject({})).safeParse({});
  return defaults.success ? needs(defaults.data as never) : null;
};

/** A plugin as data: its definition without code, its options as JSON Schema. */
export function described(plugin: ExportedPlugin): DescribedPlugin {
  const { mark, file, export: name } = plugin;
  const { options, ...rest } = mark.definition;
  const plain = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => typeof value !== 'function' && key !== 'needs'),
  );
  return {
    kind: mark.kind,
    api: mark.api,
    file,
    export: name,
    definition: plain as DescribedPlugin['definition'],
    options:
      options === undefined
        ? null
        : (z.toJSONSchema(options, {
            unrepresentable: 'any',
            io: 'input',
          }) as DescribedPlugin['options']),
    needs: mark.kind === 'router' ? (defaultNeeds(plugin) as DescribedPlugin['needs']) : undefined,
  };
}
