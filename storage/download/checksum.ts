/** Checksums of local files. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FileCheck } from '../../core/tokens.js';

/** The checksum that a check asks for: `git hash-object` of the file, or its SHA-256. */
export async function computeChecksum(path: string, check: FileCheck): Promise<string> {
  const hash = createHash('gitBlob' in check ? 'sha1' : 'sha256');
  if ('gitBlob' in check) hash.update(`blob ${(await stat(path)).size}\0`);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/** The expected checksum, and its kind. */
export const wanted = (check: FileCheck): { readonly kind: string; readonly value: string } =>
  'gitBlob' in check
    ? { kind: 'git blob id', value: check.gitBlob }
    : { kind: 'SHA-256', value: check.sha256.toLowerCase() };
