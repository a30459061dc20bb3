/** What a gate says, as Markdown, JUnit XML, GitHub annotations and a table for the terminal. */
import Table from 'cli-table3';
import type { Check, GateResult, Verdict } from '../../../analysis/comparison/verdict.js';
import type { Pairing } from '../../../analysis/comparison/compare.js';
import { decimals, signedDecimals } from '../../../analysis/util/decimals.js';

/** What was compared with what. */
export interface GateSubject {
  readonly run: string;
  readonly baseline: string;
  readonly level: number;
  /** Routers and sets that only one side has. */
  readonly onlyBaseline: readonly string[];
  readonly onlyRun: readonly string[];
}

const MARK: Readonly<Record<Verdict, string>> = { pass: '✔', fail: '✘', inconclusive: '?' };
const WORD: Readonly<Record<Verdict, string>> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
};

/** Hidden first line by which a comment on a pull request is found again. */
export const COMMENT_MARK = '<!-- routerxbench check -->';

const interval = ({ ci }: Check['difference']): string =>
  ci === undefined ? '' : ` [${signedDecimals(ci[0])}, ${signedDecimals(ci[1])}]`;
const count = (checks: readonly Check[], verdict: Verdict): number =>
  checks.filter((check) => check.verdict === verdict).length;

/** Fails first, then what is not known, then the rest. */
const worstFirst = (checks: readonly Check[]): readonly Check[] =>
  (['fail', 'inconclusive', 'pass'] as const).flatMap((verdict) =>
    checks.filter((check) => check.verdict === verdict),
  );

/** One sentence. */
export const formatSummary = ({ verdict, checks }: GateResult): string =>
  `${MARK[verdict]} ${WORD[verdict]}: ${checks.length} checks, ${count(checks, 'pass')} passed (${checks.filter(({ improved }) => improved).length} better), ${count(checks, 'fail')} failed, ${count(checks, 'inconclusive')} inconclusive.`;

const PAIRING: Readonly<Record<Pairing, string>> = {
  identical: 'the same confidences on the same rows',
  paired: 'paired by query',
  unpaired:
    'unpaired: the baseline has no rows, so intervals are those of different queries and far wider than need be',
};

/** How the differences are known, one sentence for each way that occurs. */
export const pairingNotes = (
  differences: readonly { readonly pairing: Pairing }[],
): readonly string[] =>
  (['identical', 'paired', 'unpaired'] as const).flatMap((pairing) => {
    const pairCount = differences.filter((difference) => difference.pairing === pairing).length;
    return pairCount === 0
      ? []
      : [`${pairCount} of ${differences.length} differences: ${PAIRING[pairing]}.`];
  });

const HEAD = [
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
const cells = ({
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

const others = ({ onlyBaseline, onlyRun }: GateSubject): readonly string[] => [
  ...(onlyBaseline.length > 0 ? [`Only in the baseline: ${onlyBaseline.join(', ')}.`] : []),
  ...(onlyRun.length > 0 ? [`New, without a baseline: ${onlyRun.join(', ')}.`] : []),
];

/** For the terminal. */
export function gateText(subject: GateSubject, gate: GateResult): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const check of worstFirst(gate.checks)) table.push([...cells(check)]);
  return [
    table.toString(),
    ...pairingNotes(gate.checks.map(({ difference }) => difference)),
    ...others(subject),
    formatSummary(gate),
    '',
  ].join('\n');
}

const escapedCell = (text: string): string => text.replace(/\|/g, '\\|');

/** For a job summary or a comment on a pull request. */
export function gateMarkdown(subject: GateSubject, gate: GateResult): string {
  const line = (columns: readonly string[]): string =>
    `| ${columns.map(escapedCell).join(' | ')} |`;
  const rows = worstFirst(gate.checks);
  const [open, settled] = [
    rows.filter(({ verdict, improved }) => verdict !== 'pass' || improved),
    rows.filter(({ verdict, improved }) => verdict === 'pass' && !improved),
  ];
  const table = (checks: readonly Check[]): readonly string[] =>
    checks.length === 0
      ? []
      : [line(HEAD), line(HEAD.map(() => '---')), ...checks.map((check) => line(cells(check)))];
  return [
    COMMENT_MARK,
    `### Routers: ${formatSummary(gate)}`,
    '',
    `Run \`${subject.run}\` against \`${subject.baseline}\`; ${Number((100 * subject.level).toFixed(2))} % intervals of the difference.`,
    '',
    ...table(open),
    ...(settled.length === 0
      ? []
      : [
          '',
          `<details><summary>${settled.length} not worse</summary>`,
          '',
          ...table(settled),
          '',
          '</details>',
        ]),
    '',
    ...pairingNotes(gate.checks.map(({ difference }) => difference)),
    ...others(subject),
    '',
  ].join('\n');
}

const xml = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '');

/**
 * JUnit XML: a suite a router, a case a check; what is inconclusive is skipped, or a failure where
 * it counts as one.
 */
export function gateJunit(subject: GateSubject, gate: GateResult, strict: boolean): string {
  const fails = ({ verdict }: Check): boolean =>
    verdict === 'fail' || (strict && verdict === 'inconclusive');
  const skipped = ({ verdict }: Check): boolean => !strict && verdict === 'inconclusive';
  const counts = (checks: readonly Check[]): string =>
    `tests="${checks.length}" failures="${checks.filter(fails).length}" errors="0" skipped="${checks.filter(skipped).length}"`;
  const suites = [...new Set(gate.checks.map(({ router }) => router))].map((router) => {
    const routerChecks = gate.checks.filter((check) => check.router === router);
    const cases = routerChecks.map((check) => {
      const name = `${check.metric} on ${check.column}`;
      const body = fails(check)
        ? `<failure message="${xml(check.because)}"/>`
        : skipped(check)
          ? `<skipped message="${xml(check.because)}"/>`
          : '';
      return `    <testcase classname="${xml(router)}" name="${xml(name)}">${body}</testcase>`;
    });
    return [
      `  <testsuite name="${xml(router)}" ${counts(routerChecks)}>`,
      ...cases,
      '  </testsuite>',
    ].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`${subject.run} against ${subject.baseline}`)}" ${counts(gate.checks)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

const data = (text: string): string =>
  text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

/** Workflow commands that make annotations: errors for fails, warnings for what is inconclusive. */
export const gateAnnotations = ({ checks }: GateResult): string =>
  worstFirst(checks)
    .filter(({ verdict }) => verdict !== 'pass')
    .map(
      ({ verdict, router, column, metric, because }) =>
        `::${verdict === 'fail' ? 'error' : 'warning'} title=${property(`${router}: ${metric} on ${column}`)}::${data(because)}\n`,
    )
    .join('');
