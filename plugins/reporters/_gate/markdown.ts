import type { Check, CheckReport } from '../../../analysis/index.js';
import { pairingNotes } from '../_comparison/pairing-notes.js';
import { formatCells, formatSummary, HEAD, missingNotes, worstFirst } from './text.js';

/** Hidden first line by which a comment on a pull request is found again. */
const COMMENT_MARK = '<!-- routerxbench check -->';

const escapeCell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');
const line = (columns: readonly string[]): string => `| ${columns.map(escapeCell).join(' | ')} |`;

const table = (checks: readonly Check[]): readonly string[] =>
  checks.length === 0
    ? []
    : [line(HEAD), line(HEAD.map(() => '---')), ...checks.map((check) => line(formatCells(check)))];

/** Checks that need no attention, folded away; nothing where there are none. */
const folded = (checks: readonly Check[]): readonly string[] =>
  checks.length === 0
    ? []
    : [
        '',
        `<details><summary>${checks.length} not worse</summary>`,
        '',
        ...table(checks),
        '',
        '</details>',
      ];

/** For a job summary or a comment on a pull request. */
export function checkMarkdown(report: CheckReport): string {
  const { run, baseline, level, checks } = report;
  const needsAttention = ({ verdict, improved }: Check): boolean => verdict !== 'pass' || improved;
  const rows = worstFirst(checks);
  return [
    COMMENT_MARK,
    `### Routers: ${formatSummary(report)}`,
    '',
    `Run \`${run}\` against \`${baseline}\`; ${Number((100 * level).toFixed(2))} % intervals of the difference.`,
    '',
    ...table(rows.filter(needsAttention)),
    ...folded(rows.filter((check) => !needsAttention(check))),
    '',
    ...pairingNotes(checks.map(({ difference }) => difference)),
    ...missingNotes(report),
    '',
  ].join('\n');
}
