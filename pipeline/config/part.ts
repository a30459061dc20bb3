/** Calls that work on a part of what the config describes have a run of their own. */
import { jsonHash } from '../../core/util/canonical-json.js';
import type { Overrides } from './overrides.js';

/** Longest name of a part that is made of the names in it. */
const LONGEST = 60;

const asName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/**
 * The name of the part that a call works on, such as `limit-40` or `entropy-prompt-length`; null
 * where it works on all that the config describes.
 */
export function namePart(
  { limit, datasets, routers }: Overrides,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const most = limit ?? (env['RXB_LIMIT'] || undefined);
  const parts = [
    ...[datasets, routers].flatMap((names) => names?.map(asName) ?? []),
    ...(most === undefined ? [] : [`limit-${most}`]),
  ];
  if (parts.length === 0) return null;
  const name = parts.join('-');
  if (name.length <= LONGEST) return name;
  return `part-${jsonHash({ datasets: datasets ?? [], routers: routers ?? [], limit: most ?? null }).slice(0, 8)}`;
}
