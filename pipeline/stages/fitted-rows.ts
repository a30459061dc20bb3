/**
 * Which questions weights were fitted on: stored with them as fingerprints, so that weights that
 * come without their rows are not tested on them.
 */
import { createHash } from 'node:crypto';
import { HarnessError } from '../../core/errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import { normalised } from '../protocol/normalise.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import type { StoredTensor } from '../../storage/safetensors.js';

/** Name of the tensor of fingerprints in a file of weights. */
export const FITTED_ROWS = '@rows';

/** Of 2^64 values, two questions of a million share one with a chance of 1 in 10 million. */
const BYTES = 8;

const fingerprint = (text: string): string =>
  createHash('sha256')
    .update(normalised(text))
    .digest('hex')
    .slice(0, 2 * BYTES);

/** Fingerprints of questions, in ascending order: U8 [questions, 8]. */
export function packFittedRows(texts: Iterable<string>): StoredTensor {
  const sorted = [...new Set(Array.from(texts, fingerprint))].sort();
  return { shape: [sorted.length, BYTES], data: Buffer.from(sorted.join(''), 'hex') };
}

/** Fingerprints as {@link packFittedRows} packed them. */
export function unpackFittedRows(bytes: Uint8Array): ReadonlySet<string> {
  const text = Buffer.from(bytes).toString('hex');
  const length = 2 * BYTES;
  return new Set(
    Array.from({ length: text.length / length }, (_, i) =>
      text.slice(i * length, (i + 1) * length),
    ),
  );
}

/**
 * Refuses weights that were fitted on questions of a test set, word for word or nearly so. Where
 * the protocol leaves such rows in (`overlap.drop: 'none'`), it is a warning.
 */
export async function refuseTestRows(
  { plan, observer }: RunContext,
  { name }: PlannedRouter,
  fitted: ReadonlySet<string>,
  sets: readonly QuerySet[],
): Promise<void> {
  for (const set of sets) {
    const found: string[] = [];
    for await (const { rows } of set.blocks())
      for (const { id, prompt } of rows) if (fitted.has(fingerprint(prompt))) found.push(id);
    if (found.length === 0) continue;
    const problem = `they were fitted on ${found.length} of the ${set.rows} test rows of ${set.dataset}, such as "${found[0] ?? ''}"`;
    if (plan.project.config.protocol.overlap.drop === 'none')
      observer.warn(`${name}: its weights are tested where ${problem}`);
    else
      throw new HarnessError('weightsMismatch', { folder: 'these weights', router: name, problem });
  }
}
