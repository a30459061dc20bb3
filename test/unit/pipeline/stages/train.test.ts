import { expect } from 'chai';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FitData, Weights } from '../../../../core/contracts.js';
import { embedding, router } from '../../../../core/index.js';
import { evaluate } from '../../../../pipeline/stages/evaluate.js';
import { prepare } from '../../../../pipeline/stages/prepare.js';
import { namePrepared, openTested } from '../../../../pipeline/stages/prepared.js';
import { train } from '../../../../pipeline/stages/train.js';
import { borrowWeights, nameWeights } from '../../../../pipeline/stages/weights.js';
import { Exact } from '../../../../plugins/scorers/exact.js';
import { onStage, type StagePlan } from '../../../support/stage-plan.js';
import { AddsAll, AddsSmall, Sums } from '../../../support/sums.js';
import { rejection } from '../../../support/temporary.js';

let fits = 0;
const needs = [embedding({ model: 'weak' })] as const;

/** Learns the mean first number of the rows that the weak model gets right. */
@router({ name: 'mean-number', summary: 'Distance from a mean', needs })
class MeanNumber {
  #mean = 0;
  readonly fit = async (rows: FitData<{ embedding: Float32Array }>): Promise<Weights> => {
    fits++;
    let sum = 0;
    let count = 0;
    for await (const block of rows.blocks())
      for (const { signals, label } of block) {
        sum += label * (signals.embedding[1] ?? 0);
        count += label;
      }
    const data = Float32Array.of(sum / count);
    return { tensors: { mean: { shape: [1], data } }, meta: { trainer: 'test' } };
  };
  readonly restore = ({ tensors }: Weights): void => {
    this.#mean = tensors['mean']?.data[0] ?? NaN;
  };
  readonly score = ({ signals }: { signals: { embedding: Float32Array } }): number =>
    this.#mean - (signals.embedding[1] ?? 0);
}

@router({ name: 'unlucky', summary: 'Fails to fit', needs })
class Unlucky extends MeanNumber {
  override readonly fit = async (): Promise<Weights> => await Promise.reject(new Error('no luck'));
}

const buildPlan = (...routers: NonNullable<StagePlan['routers']>): StagePlan => ({
  models: { weak: AddsSmall, strong: AddsAll },
  datasets: [{ plugin: Sums, scorers: [Exact] }],
  routers,
  config: { protocol: { trainingSeeds: [1, 2] }, statistics: { resamples: 100 } },
});

describe('training', () => {
  beforeEach(() => {
    fits = 0;
  });

  it('takes what preparing returned, fits once a seed, and returns handles of the weights', async () => {
    await onStage(buildPlan(MeanNumber), async (context, folder) => {
      const trained = await train(context, await prepare(context), join(folder, 'run'));
      expect(trained).to.deep.include({ failed: [], trainers: ['test'] });
      const files = trained.weights.get('mean-number') ?? [];
      expect(files.map(({ seed }) => seed)).to.deep.equal([1, 2]);
      for (const { file } of files) await access(file);
      expect(fits).to.equal(2);
    });
  });

  it('fits nothing where the weights are there, even if the rows are gone', async () => {
    await onStage(buildPlan(MeanNumber), async (context, folder) => {
      const prepared = await prepare(context);
      await train(context, prepared, join(folder, 'run'));
      await rm(join(folder, 'results/artifacts/grades'), { recursive: true });
      const again = await train(context, prepared, join(folder, 'other'));
      expect(again.trainers).to.deep.equal([]);
      expect(fits).to.equal(2);
      await access(join(folder, 'other/mean-number/weights/seed-1.safetensors'));
    });
  });

  it('refuses rows without grades before any router is fitted', async () => {
    await onStage(buildPlan(MeanNumber), async (context, folder) => {
      const error = await rejection(train(context, namePrepared(context), join(folder, 'run')));
      expect(error).to.have.property('code', 'RXB5003');
      expect(fits).to.equal(0);
    });
  });

  it('goes on with other routers where one fails', async () => {
    await onStage(buildPlan(Unlucky, MeanNumber), async (context, folder) => {
      const { failed } = await train(context, await prepare(context), join(folder, 'run'));
      expect(failed.map(({ router }) => router)).to.deep.equal(['unlucky']);
      const [error] = failed[0]?.errors ?? [];
      expect(error).to.have.property('code', 'RXB6004');
      expect(error?.message).to.include('"unlucky" failed: no luck');
      expect(fits).to.equal(2);
    });
  });
});

describe('evaluating', () => {
  it('takes the handles that preparing and training returned', async () => {
    await onStage(buildPlan(MeanNumber), async (context, folder) => {
      const run = join(folder, 'run');
      const prepared = await prepare(context);
      const { weights } = await train(context, prepared, run);
      const scoring = { weights, borrowed: false };
      const { results, failed } = await evaluate(context, prepared, scoring, run);
      expect(failed).to.deep.equal([]);
      const result = results.find((one) => one.router === 'mean-number');
      // the weak model is right up to 15 + 15: the smaller the number, the surer the router
      expect(result?.metrics['auroc']?.value).to.equal(1);
      expect(result?.seeds.map(({ seed }) => seed)).to.deep.equal([1, 2]);
    });
  });

  it('scores the same with what an earlier call left, by names or from the folder of a run', async () => {
    await onStage(buildPlan(MeanNumber), async (context, folder) => {
      const run = join(folder, 'run');
      const { weights } = await train(context, await prepare(context), run);
      const opened = await openTested(context);
      const all = await Promise.all(
        [
          { weights, borrowed: false },
          { weights: nameWeights(context, opened), borrowed: false },
          { weights: borrowWeights(context, run), borrowed: true },
        ].map(async (scoring, i) => {
          const to = join(folder, `run-${i}`);
          return (await evaluate(context, opened, scoring, to)).results;
        }),
      );
      expect(all[1]).to.deep.equal(all[0]);
      expect(all[2]).to.deep.equal(all[0]);
    });
  });

  it('is refused where the test rows have no grades', async () => {
    await onStage(buildPlan(MeanNumber), async (context) => {
      await prepare(context, ['answers']);
      const error = await rejection(openTested(context));
      expect(error).to.have.property('code', 'RXB5003');
      expect(error.message).to.include('grades');
    });
  });

  it('is refused where the weights of a router are missing', async () => {
    await onStage(buildPlan(MeanNumber), async (context, folder) => {
      const prepared = await prepare(context);
      const scoring = { weights: nameWeights(context, prepared), borrowed: false };
      const run = join(folder, 'run');
      const error = await rejection(evaluate(context, prepared, scoring, run));
      expect(error).to.have.property('code', 'RXB5003');
      expect(error.message).to.include('the weights of router "mean-number"');
    });
  });
});
