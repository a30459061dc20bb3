/** Lines of the answer cache: each carries a checksum, so that a damaged one is never returned. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CallRecord } from '../../core/contracts.js';
import { redact } from '../secrets/redact.js';
import { callKey, type CallParts } from './call-key.js';

/** One line of the cache. */
export interface CacheEntry extends CallParts {
  readonly key: string;
  /** Time of the reply. */
  readonly at: string;
  readonly value: unknown;
  readonly call: CallRecord | null;
}

/** What stands between the members of an entry and its checksum. */
const MARK = ',"sum":"';
const SUM = /^,"sum":"([0-9a-f]{32})"\}$/;
const END = MARK.length + 34;

const checksum = (members: string | Uint8Array): string =>
  createHash('sha256').update(members).digest('hex').slice(0, 32);

/** The line of an entry, without secrets; `redacted`: whether there were any. */
export function sealEntry(entry: CacheEntry): {
  readonly line: string;
  readonly redacted: boolean;
} {
  const text = JSON.stringify(entry);
  const clean = redact(text);
  const members = clean.slice(0, -1);
  return { line: `${members}${MARK}${checksum(members)}"}`, redacted: clean !== text };
}

const count = z.number().min(0);
const floats = z.union([z.strictObject({ $float32: z.base64() }), z.array(z.number())]);
const VALUES: Readonly<Record<CallParts['method'], z.ZodType>> = {
  generate: z.array(
    z.looseObject({
      text: z.string(),
      thinking: z.string().optional(),
      tokenLogprobs: z.array(z.number().max(0)),
      finish: z.enum(['stop', 'length']),
      promptTokens: count,
      completionTokens: count,
    }),
  ),
  read: z.looseObject({ logits: floats.optional(), hiddenStates: floats.optional() }),
  choose: floats,
  embed: floats,
  classify: z.unknown(),
};
const usage = z.looseObject({ prompt: count, completion: count }).nullable();

const Entry = z.strictObject({
  key: z.string(),
  at: z.iso.datetime(),
  model: z.string(),
  method: z.enum(['generate', 'read', 'choose', 'embed', 'classify']),
  prompt: z.string(),
  settings: z.record(z.string(), z.json()),
  value: z.unknown(),
  call: z
    .strictObject({
      requestedModel: z.string(),
      servedModel: z.string().nullable(),
      usage,
      latencyMs: count,
      requests: count,
    })
    .nullable(),
});

/** An entry of a version that wrote no checksums: everything about it must be right. */
const UnsealedEntry = Entry.refine(
  ({ method, value }) => VALUES[method].safeParse(value).success,
).refine(
  ({ key, model, method, prompt, settings }) =>
    callKey({ model, method, prompt, settings }) === key,
);

/** Whether the checksum at the end of a line is that of the line. */
export const isIntact = (line: Buffer): boolean =>
  line.length > END &&
  SUM.exec(line.toString('latin1', line.length - END))?.[1] ===
    checksum(line.subarray(0, line.length - END));

/**
 * The entry of a line; undefined if it is damaged. `sealed`: lines of its file have checksums.
 * Lines of older files have none: they count while they hold what such a line must hold.
 */
export function parseEntry(line: Buffer, sealed: boolean): CacheEntry | undefined {
  if (sealed && !isIntact(line)) return undefined;
  const text = sealed ? `${line.toString('utf8', 0, line.length - END)}}` : line.toString('utf8');
  try {
    const parsed = (sealed ? Entry : UnsealedEntry).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
