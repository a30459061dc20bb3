import { expect } from 'chai';
import { loadEngine } from '../../../core/engine.js';
import { seededRandom, type FitContext, type FitData, type FitRow, type HiddenStates, type Router, type Weights } from '../../../core/index.js';
import { ProbeMean } from '../../../plugins/routers/probe-mean.js';
import { golden, sigmoid } from '../../golden.js';
import { rejection } from '../../core/temporary.js';
import { instanceOf } from '../instance.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}
type Row = FitRow<Signals>;

interface Golden {
  readonly hidden: readonly (readonly (readonly number[])[])[];
  readonly cases: readonly { readonly probeType: string; readonly weights: Readonly<Record<string, readonly (readonly number[])[] | readonly number[]>>; readonly scores: readonly number[] }[];
}

const probe = (options: object = {}): Router<Signals> => instanceOf('router', ProbeMean, options) as unknown as Router<Signals>;

const input = (layers: number, dim: number, values: ArrayLike<number>) => ({ query: { text: 'q' }, signals: { hiddenStates: { layers, dim, values: Float32Array.from(values) } } });

/** Two clouds: label 1 has a larger first coordinate. */
const rows = (count: number, seed: number, flip = false): readonly Row[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (): Row => {
    const label = random.float() < 0.5 ? 1 : 0;
    const values = Float32Array.from({ length: 3 * 4 }, (_, i) => random.normal() * 0.5 + (i % 4 === 0 ? (label === 1) !== flip ? 1 : -1 : 0));
    return { query: { text: 'q' }, signals: { hiddenStates: { layers: 3, dim: 4, values } }, label };
  });
};
const data = (all: readonly Row[]): FitData<Signals> => ({
  rows: all.length,
  async *blocks() {
    for (let i = 0; i < all.length; i += 50) yield await Promise.resolve(all.slice(i, i + 50));
  },
});
const context = (over: Partial<FitContext> = {}): FitContext => ({ seed: 1, engine: loadEngine, progress: () => {}, signal: new AbortController().signal, ...over });
const FAST = { learningRate: 0.05, epochs: 8 };
const fit = async (router: Router<Signals>, flip = false, over: Partial<FitContext> = {}): Promise<Weights> =>
  await (router.fit?.(data(rows(300, 1, flip)), data(rows(100, 2, flip)), context(over)) as Promise<Weights>);

const tensor = (value: readonly (readonly number[])[] | readonly number[]) => {
  const nested = value as readonly (readonly number[])[];
  return Array.isArray(nested[0]) ? { shape: [nested.length, nested[0].length], data: Float32Array.from(nested.flat()) } : { shape: [value.length], data: Float32Array.from(value as readonly number[]) };
};

describe('probe-mean', () => {
  it('agrees with upstream forward passes to 1e-5 after the sigmoid, linear and MLP', async () => {
    const { hidden, cases } = await golden<Golden>('probes.json');
    const mean = cases.filter(({ probeType }) => probeType === 'mean');
    expect(mean).to.have.length(2);
    for (const { weights, scores } of mean) {
      const names = Object.keys(weights).filter((name) => name.endsWith('weight'));
      const tensors = Object.fromEntries(
        names.flatMap((name, i) => [
          [`layer${i}.weight`, tensor(weights[name] ?? [])],
          [`layer${i}.bias`, tensor(weights[name.replace('weight', 'bias')] ?? [])],
        ]),
      );
      const router = probe();
      await router.restore?.({ tensors, meta: {} });
      hidden.forEach((states, i) => {
        expect(sigmoid(router.score?.(input(states.length, states[0]?.length ?? 0, states.flat())) as number)).to.be.closeTo(scores[i] as number, 1e-5);
      });
    }
  });

  for (const options of [FAST, { ...FAST, hidden: [8] }, { ...FAST, standardize: true }]) {
    it(`learns two clouds with ${JSON.stringify(options)}, and the other way round when labels are flipped`, async () => {
      for (const flip of [false, true]) {
        const router = probe(options);
        await router.restore?.(await fit(router, flip));
        const right = rows(200, 3, flip).filter((row) => ((router.score?.(row) as number) > 0) === (row.label === 1)).length;
        expect(right).to.be.greaterThan(180);
      }
    });
  }

  it('gives the same weights for one seed and others for another', async () => {
    const [first, again, other] = [await fit(probe(FAST)), await fit(probe(FAST)), await fit(probe(FAST), false, { seed: 2 })];
    expect(again).to.deep.equal(first);
    expect(other.tensors).not.to.deep.equal(first.tensors);
    expect(first.meta['validationLosses']).to.have.length(8);
  });

  it('reports every epoch and stops when asked', async () => {
    const stop = new AbortController();
    const epochs: number[] = [];
    const progress: FitContext['progress'] = ({ epoch }) => {
      epochs.push(epoch);
      if (epoch === 2) stop.abort(new Error('enough'));
    };
    expect((await rejection(fit(probe(FAST), false, { progress, signal: stop.signal }))).message).to.equal('enough');
    expect(epochs).to.deep.equal([1, 2]);
  });

  it('refuses weights for another width', async () => {
    const router = probe(FAST);
    await router.restore?.(await fit(router));
    expect(() => router.score?.(input(3, 5, new Float32Array(15)))).to.throw().with.property('code', 'RXB6006');
  });
});
