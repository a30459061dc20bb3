import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureFile, type MeasureOptions } from '../../../../pipeline/measure-file.js';
import { buildCurve } from '../../../../analysis/metrics/curve.js';
import { measure } from '../../../../analysis/metrics/measure.js';
import { gridScores } from '../../../../plugins/metrics/_grid/scores.js';
import {
  DEFAULT_SETTINGS,
  type MetricValue,
  type ScoredRows,
} from '../../../../analysis/metrics/types.js';
import { METRICS } from '../../../support/metrics.js';
import { golden } from '../../../support/golden.js';
import { inTemporaryFolder } from '../../../support/temporary.js';

interface Case {
  readonly name: string;
  readonly datasetType: string;
  readonly weak: readonly number[];
  readonly strong: readonly number[];
  readonly router: readonly number[];
  readonly recoveryRateBand: [number, number];
  readonly lpmCallRateBand: [number, number];
  readonly tiedRouterScores: boolean;
  readonly expected: Readonly<
    Record<'auroc' | 'LPM' | 'MPM' | 'HCR' | 'weakMean' | 'strongMean' | 'positives', number>
  > & { readonly curve: readonly (number | readonly number[])[] };
}

const toRows = ({
  datasetType,
  weak,
  strong,
  router,
}: Case): { readonly rows: ScoredRows; readonly top: number } => {
  const top = datasetType === 'general' ? 10 : 1;
  return {
    top,
    rows: {
      n: weak.length,
      weak: Float64Array.from(weak, (grade) => grade / top),
      strong: Float64Array.from(strong, (grade) => grade / top),
      label: Uint8Array.from(weak, (grade, i) => {
        if (top === 1) return grade;
        return grade >= (strong[i] as number) ? 1 : 0;
      }),
      confidence: Float64Array.from(router),
    },
  };
};

/** Equal to 1e-9, or null exactly where upstream puts 0 for "there is none". */
const agree = (what: string, own: MetricValue | undefined, upstream: number): void => {
  if (own?.value === null) expect(upstream, `${what}: ${own.reason}`).to.equal(0);
  else expect(own?.value, what).to.be.closeTo(upstream, 1e-9);
};

describe('metrics against upstream', () => {
  it('agree to 1e-9 wherever the order is decided, and are null where upstream makes up a 0 or 0.5', async () => {
    const { cases } = await golden<{ readonly cases: readonly Case[] }>('metrics.json');
    expect(cases.length).to.be.greaterThan(20);
    for (const one of cases) {
      const { rows, top } = toRows(one);
      const own = measure(METRICS, rows, {
        lowBand: one.lpmCallRateBand,
        recoveryBand: one.recoveryRateBand,
      });
      const oneClass = one.expected.positives === 0 || one.expected.positives === rows.n;
      if (oneClass) expect(own['auroc']).to.deep.equal({ value: null, reason: 'all labels are 1' });
      else agree(`${one.name} auroc`, own['auroc'], one.expected.auroc);
      if (one.tiedRouterScores) continue; // upstream follows the order of the file there
      agree(`${one.name} lpm`, own['lpm'], one.expected.LPM / top);
      if (one.expected.strongMean <= one.expected.weakMean) {
        for (const name of [
          'mpm',
          'hcr',
          'apgr',
          'apgr-exact',
          'hcr-exact',
          'mpm-exact',
          'pgr50',
          'cpt50',
        ])
          expect(own[name], `${one.name} ${name}`).to.have.property('value', null);
        continue;
      }
      agree(`${one.name} mpm`, own['mpm'], one.expected.MPM / top);
      agree(`${one.name} hcr`, own['hcr'], one.expected.HCR);
    }
  });

  it('walk along the same 101 points', async () => {
    const { cases } = await golden<{ readonly cases: readonly Case[] }>('metrics.json');
    let compared = 0;
    for (const one of cases.filter(({ tiedRouterScores }) => !tiedRouterScores)) {
      const { rows, top } = toRows(one);
      gridScores(buildCurve(rows)).forEach((score, i) => {
        const point = one.expected.curve[i];
        expect(score * top).to.be.closeTo(
          (Array.isArray(point) ? point.at(-1) : point) as number,
          1e-9,
        );
        compared++;
      });
    }
    expect(compared).to.be.greaterThan(2000);
  });
});

interface RouteLlm {
  readonly weak: string;
  readonly strong: string;
  readonly length: string;
  readonly md5: string;
  readonly expected: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const NAMES = {
  LPM: 'lpm',
  MPM: 'mpm',
  HCR: 'hcr',
  AUC: 'auc',
  APGR: 'apgr',
  CPT20: 'cpt20',
  CPT50: 'cpt50',
  CPT80: 'cpt80',
  exact_APGR: 'apgr-exact',
} as const;

describe('rxb measure on RouteLLM\u2019s MMLU', () => {
  it('gives the prompt-length, md5 and oracle rows to 1e-9, under both labels and both bands', async () => {
    const data = await golden<RouteLlm>('routellm-mmlu.json');
    const lengths = data.length.split(' ').map((hex) => Number.parseInt(hex, 16));
    const weak = [...data.weak].map(Number);
    const strong = [...data.strong].map(Number);
    const routers: Readonly<Record<string, (i: number) => number>> = {
      'short_first_weak(-utf16len-1e-6*i)': (i) => -((lengths[i] as number) + 1e-6 * i),
      md5: (i) => Number.parseInt(data.md5.slice(8 * i, 8 * i + 8), 16) / 2 ** 32,
      'oracle_gain(w-s-1e-9*i)': (i) => (weak[i] as number) - (strong[i] as number) - 1e-9 * i,
    };
    await inTemporaryFolder(async (folder) => {
      for (const [name, confidence] of Object.entries(routers)) {
        const expected = data.expected[name] ?? {};
        const file = join(folder, 'rows.jsonl');
        await writeFile(
          file,
          weak
            .map(
              (own, i) =>
                `${JSON.stringify({ id: `q${i}`, weak: own, strong: strong[i], confidence: confidence(i) })}\n`,
            )
            .join(''),
        );
        const options: MeasureOptions = { ...DEFAULT_SETTINGS, label: 'weak-correct', scale: 1 };
        const { metrics, rows } = await measureFile(METRICS, file, options);
        expect(rows.scored).to.equal(14_037);
        agree(`${name} auroc`, metrics['auroc'], expected['auroc_weakcorrect'] as number);
        for (const [theirs, ours] of Object.entries(NAMES))
          agree(`${name} ${ours}`, metrics[ours], expected[theirs] as number);
        const general = await measureFile(METRICS, file, {
          ...options,
          label: 'weak-at-least-strong',
          lowBand: [0, 0.1],
          recoveryBand: [0.7, 0.9],
        });
        agree(
          `${name} auroc, weak ≥ strong`,
          general.metrics['auroc'],
          expected['auroc_general_w_ge_s'] as number,
        );
        for (const band of ['LPM', 'MPM', 'HCR'])
          agree(
            `${name} ${band}, other bands`,
            general.metrics[band.toLowerCase()],
            expected[`d_${band}`] as number,
          );
      }
    });
  });
});

describe('RouteLLM’s points', () => {
  it('are those of its code, also where a quantile falls on a row and rounding decides', async () => {
    const { cases } = await golden<{
      readonly cases: readonly ({
        readonly weak: string;
        readonly strong: string;
        readonly winRates: readonly number[];
      } & Readonly<Record<'auc' | 'apgr' | 'cpt20' | 'cpt50' | 'cpt80', number | undefined>>)[];
    }>('routellm-points.json');
    expect(cases.filter(({ cpt50 }) => cpt50 !== undefined)).to.have.length.greaterThan(1);
    for (const { weak, strong, winRates, ...expected } of cases) {
      const grades = (text: string): Float64Array => Float64Array.from(text, Number);
      const rows: ScoredRows = {
        n: winRates.length,
        weak: grades(weak),
        strong: grades(strong),
        label: Uint8Array.from(weak, Number),
        confidence: Float64Array.from(winRates, (rate) => -rate),
      };
      const metrics = measure(METRICS, rows, DEFAULT_SETTINGS);
      for (const [name, value] of Object.entries(expected))
        expect(metrics[name]?.value, `${name} of ${rows.n} rows`).to.be.closeTo(
          value as number,
          1e-9,
        );
    }
  });
});
