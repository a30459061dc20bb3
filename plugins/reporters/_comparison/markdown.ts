import type { ComparisonReport } from '../../../analysis/index.js';
import { markdownTable } from '../_text/markdown-table.js';
import { comparisonHead, comparisonNotes, differenceCells, flipsText, flipText } from './text.js';

/** Differences and flipped queries of two runs. */
export function comparisonMarkdown(report: ComparisonReport): string {
  const { baseline, candidate, level, differences, flips } = report;
  return [
    `# \`${candidate.label}\` compared with \`${baseline.label}\``,
    '',
    `${Number((100 * level).toFixed(2))} % intervals of the difference.`,
    '',
    ...markdownTable(comparisonHead(report), differences.map(differenceCells), [0, 1, 2]),
    '',
    ...comparisonNotes(report).map((note) => `${note}  `),
    ...flips.flatMap((entry) => [
      '',
      flipsText(entry),
      ...(entry.queries.length === 0 ? [] : ['']),
      ...entry.queries.map((query) => `- ${flipText(query)}`),
    ]),
    '',
  ].join('\n');
}
