/** The verdict of the gate in words, shared by every form in which it is written. */
import {
  countText,
  decimals,
  signedDecimals,
  type Check,
  type CheckReport,
  type GateResult,
  type Verdict,
} from '../../../analysis/index.js';
import { pairingNotes } from '../_comparison/pairing-notes.js';
import { terminalTable } from '../_text/terminal-table.js';

const MARK: Readonly<Record<Verdict, string>> = { pass: '✔', fail: '✘', inconclusive: '?' };
const WORD: Readonly<Record<Verdict, string>> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
};

const interval = ({ ci }: Check['difference']): string =>
  ci === undefined ? '' : ` [${signedDecimals(ci[0])}, ${signedDecimals(ci[1])}]`;
const count = (checks: readonly Check[], verdict: Verdict): number =>
  checks.filter((check) => check.verdict === verdict).length;

/** Failed checks first, then inconclusive ones, then the rest. */
export const worstFirst = (checks: readonly Check[]): readonly Check[] =>
  (['fail', 'inconclusive', 'pass'] as const).flatMap((verdict) =>
    checks.filter((check) => check.verdict === verdict),
  );

/** One sentence. */
export const formatSummary = ({ verdict, checks }: GateResult): string =>
  `${MARK[verdict]} ${WORD[verdict]}: ${countText(checks.length, 'check')}, ${count(checks, 'pass')} passed (${checks.filter(({ improved }) => improved).length} better), ${count(checks, 'fail')} failed, ${count(checks, 'inconclusive')} inconclusive.`;

/** Column heads of the tables. */
export const HEAD = [
  '',
  'router',
  'column',
  'metric',
  'baseline',
  'now',
  'difference',
  'margin',
  'verdict',
];
/** The cells of one check. */
export const formatCells = ({
  verdict,
  router,
  column,
  metric,
  margin,
  because,
  difference,
}: Check): readonly string[] => [
  MARK[verdict],
  router,
  column,
  metric,
  decimals(difference.before),
  decimals(difference.after),
  `${signedDecimals(difference.difference)}${interval(difference)}`,
  String(margin),
  because,
];

/** Routers and sets that only one of the two has, a sentence each. */
export const missingNotes = ({ onlyBaseline, onlyRun }: CheckReport): readonly string[] => [
  ...(onlyBaseline.length > 0 ? [`Only in the baseline: ${onlyBaseline.join(', ')}.`] : []),
  ...(onlyRun.length > 0 ? [`New, without a baseline: ${onlyRun.join(', ')}.`] : []),
];

/** For the terminal. */
export const checkText = (report: CheckReport): string =>
  [
    terminalTable(HEAD, worstFirst(report.checks).map(formatCells)),
    ...pairingNotes(report.checks.map(({ difference }) => difference)),
    ...missingNotes(report),
    formatSummary(report),
    '',
  ].join('\n');
