/** Made-up reports of every kind, with everything that a reporter may meet. */
import type {
  Check,
  CheckReport,
  ComparisonReport,
  Difference,
  LeaderboardRow,
  Measured,
  MetricMap,
  PairsReport,
  Report,
  RouterResult,
  RunReport,
} from '../analysis/index.js';

/** Names that break careless writers of Markdown, XML, CSV and LaTeX. */
const ODD_NAME = 'a|b <c> & "d", e_f%';
const REASON = 'all labels are 1, so "auroc" is not defined & the row is left out';

const METRICS: RunReport['metrics'] = [
  { name: 'auroc', summary: 'Ability to tell right from wrong', better: 'higher' },
  { name: 'cost', summary: 'Cost of a query', better: 'lower' },
];

const missing: Measured = { value: null, reason: REASON };
const exact = (value: number): Measured => ({ value });
const measured = (value: number): Measured => ({
  value,
  ci: [value - 0.05, value + 0.05],
  spread: { min: value - 0.01, max: value + 0.01 },
});

const metricsOf = (auroc: Measured, cost: Measured): LeaderboardRow['metrics'] => {
  const metrics: MetricMap = { auroc, cost };
  return { near: metrics, 'ID AVG': metrics, far: { auroc: missing, cost }, 'OOD AVG': metrics };
};

const row = (router: string, over: Partial<LeaderboardRow>): LeaderboardRow => ({
  router,
  plugin: router,
  package: 'synthetic',
  version: 1,
  control: false,
  seeds: [1, 2],
  rank: null,
  unranked: null,
  unverifiedReason: null,
  metrics: metricsOf(measured(0.7), missing),
  ...over,
});

const ROWS: readonly LeaderboardRow[] = [
  row('first', { rank: 1, rankRange: [1, 2] }),
  row(ODD_NAME, { rank: 1, rankRange: [1, 2], partialSignals: ['logits of 20 tokens only'] }),
  row('exact', { rank: 3, metrics: metricsOf(exact(0.5), exact(1e-9)) }),
  row('unranked', {
    unranked: '12 % of the rows have no grade',
    metrics: metricsOf(missing, missing),
  }),
  row('unverified', { unranked: 'not verified', unverifiedReason: 'it ran in this process' }),
  row('oracle', { control: true, plugin: null, package: null, version: null, seeds: [] }),
];

const results: readonly RouterResult[] = ROWS.flatMap(({ router, plugin, control }, i) =>
  ['near', 'far'].map((dataset): RouterResult => ({
    schema: 1,
    router,
    plugin,
    package: 'synthetic',
    version: 1,
    dataset,
    role: dataset === 'near' ? 'in-domain' : 'out-of-domain',
    group: null,
    rows: { total: 10, scored: 9, nullWeak: 1, nullStrong: 0, nullConfidence: 2 },
    cost: null,
    unranked: null,
    unverifiedReason: null,
    metrics: { auroc: measured(0.7), cost: missing },
    fixedDenominator: {},
    withoutNulls: {},
    seeds: [{ seed: 1, metrics: {} }],
    curve:
      control || dataset === 'far'
        ? []
        : [
            [0, 0.4],
            [0.5, 0.5 + i / 100],
            [1, 0.8],
          ],
    provenance: {},
  })),
);

const COLUMNS: RunReport['leaderboard']['columns'] = [
  { name: 'near', role: 'in-domain', kind: 'dataset', of: [] },
  { name: 'ID AVG', role: 'in-domain', kind: 'average', of: ['near'] },
  { name: 'far', role: 'out-of-domain', kind: 'dataset', of: [] },
  { name: 'OOD AVG', role: 'out-of-domain', kind: 'average', of: ['far'] },
];

const fullRun: RunReport = {
  kind: 'run',
  run: 'synthetic',
  leaderboard: {
    schema: 1,
    run: 'synthetic',
    rankedBy: { metric: 'auroc', column: 'OOD AVG' },
    uncertainty: { resamples: 200, level: 0.95, pairs: 3, detectableGap: 0.04 },
    columns: COLUMNS,
    rows: ROWS,
    provenance: {},
  },
  metrics: METRICS,
  metric: null,
  sets: ['near', 'far'],
  results,
  failures: [
    { code: 'RXB6004', problem: `Router "${ODD_NAME}" failed: no rows.`, fix: 'Fix the cause.' },
    { code: 'RXB2105', problem: 'Invalid.', location: 'harness.config.ts:3', fix: 'Fix it.' },
  ],
  overlap: [],
  call: {
    configuration: 'c',
    stages: ['prepare', 'train', 'eval'],
    ended: true,
    started: '2026-01-01T00:00:00.000Z',
    finished: '2026-01-01T00:00:01.500Z',
    seconds: 1.5,
    host: {},
    versions: {},
    git: null,
    trainers: [],
    fitThreads: 0,
    modelCalls: { weak: 10, strong: 0 },
    spend: { usd: null, prices: null, models: {} },
    latency: {},
    notes: {},
  },
  latency: {},
  paths: { results: 'results', run: 'results/runs/synthetic' },
};

/** Nothing was run, and there are neither intervals nor failures: `rxb leaderboard`. */
const storedRun: RunReport = {
  ...fullRun,
  leaderboard: {
    schema: 1,
    run: 'synthetic',
    rankedBy: { metric: 'auroc', column: 'ID AVG' },
    columns: COLUMNS.slice(0, 2),
    rows: ROWS.slice(2, 3),
    provenance: {},
  },
  metric: 'cost',
  sets: [],
  results: [],
  failures: [],
  call: null,
};

const difference = (router: string, over: Partial<Difference> = {}): Difference => ({
  router,
  column: 'OOD AVG',
  metric: 'auroc',
  higherIsBetter: true,
  before: 0.7,
  after: 0.65,
  difference: -0.05,
  pairing: 'paired',
  ci: [-0.08, -0.02],
  p: 0.00002,
  pNotWorse: () => 0.01,
  ...over,
});

const withoutInterval = (): Difference => {
  const { ci: _ci, p: _p, ...rest } = difference('first');
  return { ...rest, after: null, difference: null, pairing: 'unpaired', reason: REASON };
};

const differences: readonly Difference[] = [
  difference(ODD_NAME),
  difference('exact', { pairing: 'identical', difference: 0, ci: [0, 0], p: 1 }),
  withoutInterval(),
];

const fullComparison: ComparisonReport = {
  kind: 'comparison',
  baseline: { label: 'git:main', kind: 'baseline' },
  candidate: { label: 'run synthetic', kind: 'run' },
  level: 0.95,
  callRate: 0.5,
  differences,
  flips: [
    {
      router: ODD_NAME,
      dataset: 'near',
      callRate: 0.5,
      rows: 10,
      flipped: 2,
      better: 1,
      worse: 0,
      accuracy: {
        before: { value: 0.5, ci: [0.2, 0.8] },
        after: { value: 0.6, ci: [0.3, 0.9] },
        p: 0.5,
      },
      queries: [
        { id: 'q|1', from: 'weak', change: 1 },
        { id: 'q-2', from: 'strong', change: 0 },
      ],
    },
    {
      router: 'exact',
      dataset: 'near',
      callRate: 0.5,
      rows: 10,
      flipped: 0,
      better: 0,
      worse: 0,
      queries: [],
    },
  ],
  only: { baseline: ['router old'], candidate: [] },
};

const check = (source: Difference, over: Partial<Check>): Check => ({
  router: source.router,
  column: source.column,
  metric: source.metric,
  margin: 0.02,
  verdict: 'pass',
  improved: false,
  because: 'not worse by more than 0.02: gain −0.0100 to +0.0100',
  p: null,
  difference: source,
  ...over,
});

const fullCheck: CheckReport = {
  kind: 'check',
  verdict: 'fail',
  checks: [
    check(difference(ODD_NAME), { verdict: 'fail', because: 'worse by more than 0.02', p: 0.001 }),
    check(difference('exact'), { improved: true, because: 'better: gain +0.0100 to +0.0300' }),
    check(difference('exact'), {}),
    check(withoutInterval(), { verdict: 'inconclusive', because: REASON }),
  ],
  run: 'synthetic',
  baseline: 'git:main',
  level: 0.95,
  strict: false,
  exitCode: 4,
  onlyBaseline: ['router old'],
  onlyRun: [`router ${ODD_NAME}`],
};

const fullPairs: PairsReport = {
  kind: 'pairs',
  leaderboard: {
    schema: 1,
    run: 'synthetic',
    rankedBy: { metric: 'auroc', column: 'OOD AVG' },
    pairs: [
      {
        run: 'synthetic-small-large',
        weak: 'small',
        strong: ODD_NAME,
        weakScore: 0.25,
        strongScore: 0.75,
        values: { first: exact(0.7), [ODD_NAME]: exact(0.7), exact: missing },
        failures: ['RXB6004 Router "knn" failed: no rows.'],
      },
      {
        run: 'synthetic-small-middle',
        weak: 'small',
        strong: 'middle',
        weakScore: 0.25,
        strongScore: 0.5,
        values: {},
        failures: [],
      },
    ],
  },
  paths: { results: 'results', file: 'results/pairs.json' },
};

const emptyPairs: PairsReport = {
  ...fullPairs,
  leaderboard: { ...fullPairs.leaderboard, pairs: fullPairs.leaderboard.pairs.slice(1) },
};

/**
 * Made-up reports by kind. The first of each has ties, missing values with reasons, unranked and
 * unverified rows, controls, intervals, and names with `|`, `<` and `&`; the others lack most.
 */
export const SYNTHETIC_REPORTS: Readonly<Record<Report['kind'], readonly Report[]>> = {
  run: [fullRun, storedRun],
  comparison: [
    fullComparison,
    {
      ...fullComparison,
      differences: differences.slice(1, 2),
      flips: [],
      only: { baseline: [], candidate: [] },
    },
  ],
  check: [
    fullCheck,
    {
      ...fullCheck,
      verdict: 'pass',
      checks: fullCheck.checks.slice(2, 3),
      strict: true,
      exitCode: 0,
      onlyBaseline: [],
      onlyRun: [],
    },
  ],
  pairs: [fullPairs, emptyPairs],
};
