/** Differences of two runs in words, shared by every form in which they are written. */
import {
  countText,
  decimals,
  signedDecimals,
  type ComparisonReport,
  type Difference,
  type Flip,
  type Flips,
} from '../../../analysis/index.js';
import { terminalTable } from '../_text/terminal-table.js';
import { pairingNotes } from './pairing-notes.js';

function formatP({ p, reason }: Difference): string {
  if (p === undefined) return reason ?? '';
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}

/** Column heads of the table. */
export const comparisonHead = ({ baseline, candidate }: ComparisonReport): readonly string[] => [
  'router',
  'column',
  'metric',
  baseline.label,
  candidate.label,
  'difference',
  'p',
];

/** The cells of one difference. */
export const differenceCells = (difference: Difference): readonly string[] => {
  const { router, column, metric, before, after, ci } = difference;
  const interval = ci === undefined ? '' : ` [${signedDecimals(ci[0])}, ${signedDecimals(ci[1])}]`;
  return [
    router,
    column,
    metric,
    decimals(before),
    decimals(after),
    `${signedDecimals(difference.difference)}${interval}`,
    formatP(difference),
  ];
};

/** How the differences are known, and what only one of the two has. */
export const comparisonNotes = (report: ComparisonReport): readonly string[] => {
  const { baseline, candidate, only } = report;
  return [
    ...pairingNotes(report.differences),
    ...(only.baseline.length > 0
      ? [`Only in ${baseline.label}: ${only.baseline.join(', ')}.`]
      : []),
    ...(only.candidate.length > 0
      ? [`Only in ${candidate.label}: ${only.candidate.join(', ')}.`]
      : []),
  ];
};

/** How many queries of a router and set flipped. */
export function flipsText(flips: Flips): string {
  const { router, dataset, callRate, rows, flipped, better, worse, accuracy } = flips;
  const shares =
    accuracy === undefined
      ? ''
      : ` (right ${accuracy.before.value.toFixed(4)} → ${accuracy.after.value.toFixed(4)}, McNemar p ${accuracy.p.toFixed(4)})`;
  return `${router} on ${dataset} at ${Math.round(100 * callRate)} % calls: ${flipped} of ${rows} queries flipped, ${countText(better, 'answer')} better, ${worse} worse${shares}.`;
}

/** One query that flipped. */
export const flipText = ({ id, from, change }: Flip): string =>
  `${id}: ${from} → ${from === 'weak' ? 'strong' : 'weak'}, ${change === 0 ? 'same grade' : `grade ${signedDecimals(change)}`}`;

/** For the terminal. */
export function comparisonText(report: ComparisonReport): string {
  const table = terminalTable(comparisonHead(report), report.differences.map(differenceCells));
  const flips = report.flips.flatMap((entry) => [
    '',
    flipsText(entry),
    ...entry.queries.map((query) => `  ${flipText(query)}`),
  ]);
  return `${[table, ...comparisonNotes(report), ...flips].join('\n')}\n`;
}
