/** What the datasets of the Python original have in common. */
import type { DatasetDefinition, Files } from '../../../core/index.js';
import { upstreamFile, type UpstreamPath } from './files.js';
import { upstreamRows } from './rows.js';

/**
 * How answers are graded: against the reference, with xVerify for answers that cannot be read if
 * the config has it, or by a judge that rates both models from 1 to 10.
 */
type UpstreamKind = 'general' | 'math' | 'choice' | 'qa';

const GRADING = {
  general: { scorer: 'llm-judge', scale: [1, 10], label: 'at-least-strong' },
  math: { scorer: ['math', 'xverify'], scale: [0, 1], label: 'correct' },
  choice: { scorer: ['choice', 'xverify'], scale: [0, 1], label: 'correct' },
  qa: { scorer: ['qa', 'xverify'], scale: [0, 1], label: 'correct' },
} as const satisfies Readonly<
  Record<UpstreamKind, Pick<DatasetDefinition, 'scorer' | 'scale' | 'label'>>
>;

/** One set: its files by split. */
export interface UpstreamSet {
  readonly name: string;
  readonly summary: string;
  readonly kind: UpstreamKind;
  readonly domain: string;
  /** Licence of the questions, as stated by their first publisher. */
  readonly licence: string;
  readonly splits: Readonly<Record<string, UpstreamPath>>;
}

/** The definition of a dataset. */
export function upstreamDefinition({
  name,
  summary,
  kind,
  licence,
  splits,
}: UpstreamSet): DatasetDefinition {
  const pinned = Object.values(splits).map(upstreamFile);
  return {
    name,
    summary,
    aliases: [
      ...new Set([
        name.replaceAll('-', '_'),
        ...Object.keys(splits).map((split) => `${name.replaceAll('-', '_')}_${split}`),
      ]),
    ].filter((alias) => alias !== name),
    splits: Object.keys(splits),
    licence,
    source: {
      text: pinned.map(({ path, origin }) => `${origin}: ${path}`).join('; '),
      checksum: pinned
        .map(({ check }) => ('gitBlob' in check ? `git blob ${check.gitBlob}` : check.sha256))
        .join(', '),
    },
    ...GRADING[kind],
  };
}

/** Reads the splits of a dataset. */
export const upstreamReader =
  ({ name, domain, splits }: UpstreamSet, files: Files) =>
  (split: string): ReturnType<typeof upstreamRows> =>
    upstreamRows(files, splits[split] as UpstreamPath, `${name}-${split}`, domain);
