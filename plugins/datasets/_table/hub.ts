/** A file of a data set on Hugging Face, at a revision that does not move. */
import { z, type RemoteFile } from '../../../core/index.js';

/** A file and its SHA-256: what the site shows as the file's hash. */
export const HubFile = z.strictObject({
  path: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'it is 64 hexadecimal digits'),
});

/** Which data set, and which commit of it. */
export const hubOptions = {
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'write owner/name'),
  /** A commit: a branch would move. */
  revision: z
    .string()
    .regex(/^[0-9a-f]{40}$/, 'give the 40 digits of a commit: a branch would move'),
};

/** Where such a file is, and what it must be. */
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
  };
}
