/** A file of a dataset on Hugging Face, at a fixed revision. */
import { z, type RemoteFile } from '../../../core/index.js';

/** A file and its SHA-256: the file hash that the site shows. */
export const HubFile = z.strictObject({
  path: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'it must have 64 hexadecimal digits'),
  /** Its size; a longer download is stopped. */
  bytes: z.int().positive().optional(),
});

/** Which dataset, at which commit. */
export const hubOptions = {
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'write owner/name'),
  /** A commit: a branch would change. */
  revision: z
    .string()
    .regex(/^[0-9a-f]{40}$/, 'give the 40 digits of a commit, because a branch would change'),
};

/** The URL and the checksum of such a file. */
export function hubFile(
  source: { readonly repo: string; readonly revision: string },
  file: z.output<typeof HubFile>,
  buildUrl: (repo: string, revision: string, path: string) => string,
): RemoteFile {
  return {
    url: buildUrl(source.repo, source.revision, file.path),
    path: `${source.repo}/${file.path}`,
    origin: `huggingface.co/datasets/${source.repo} at ${source.revision}`,
    check: { sha256: file.sha256.toLowerCase() },
    ...(file.bytes === undefined ? {} : { bytes: file.bytes }),
  };
}
