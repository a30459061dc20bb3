/** Checksums of local files. */
import { createHash } from 'node:crypto';
import type { FileCheck } from '../../core/tokens.js';
import { unreadable } from '../lines.js';
import { openRegular } from '../regular-file.js';

/** The checksum that a check asks for: `git hash-object` of the file, or its SHA-256. */
export async function computeChecksum(path: string, check: FileCheck): Promise<string> {
  const hash = createHash('gitBlob' in check ? 'sha1' : 'sha256');
  const file = await openRegular(path).catch((cause: unknown) =>
    Promise.reject(unreadable(path, cause)),
  );
  if ('gitBlob' in check) hash.update(`blob ${(await file.stat()).size}\0`);
  for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/** The expected checksum, and its kind. */
export const wanted = (check: FileCheck): { readonly kind: string; readonly value: string } =>
  'gitBlob' in check
    ? { kind: 'git blob id', value: check.gitBlob }
    : { kind: 'SHA-256', value: check.sha256.toLowerCase() };
