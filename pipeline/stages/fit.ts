/** One fit: a router, a training seed → stored weights. */
import { HarnessError } from '../../core/errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { fitData, fitRows, fitTexts, type FitRows } from './fit-data.js';
import { packFittedRows } from './fitted-rows.js';
import type { Prepared } from './prepared.js';
import { checkpointAt, writeWeights, type WeightsFile } from './weights.js';
import { countText } from '../../analysis/util/count-text.js';
import { closeRouter } from './close-router.js';

const describeFit = ({ name, chosen }: PlannedRouter, seed: number): string => {
  const options = Object.entries(chosen).map(([option, value]) => `${option} ${String(value)}`);
  return options.length === 0
    ? `${name} seed ${seed}`
    : `${name} (${options.join(', ')}) seed ${seed}`;
};

/** Fits routers on the labelled rows of one plan, which are read once. */
export class Fitter {
  readonly #warned = new Set<string>();
  #rows:
    Promise<{ readonly rows: FitRows; readonly texts: readonly (readonly string[])[] }> | undefined;

  constructor(
    private readonly context: RunContext,
    private readonly prepared: Prepared,
  ) {}

  /** Fit rows that have no grade and are left out. */
  async dropped(): Promise<number> {
    return (await this.#shared()).rows.dropped;
  }

  /**
   * Fits and stores the weights, keeping up to `cores` cores busy. Returns what computed the fit,
   * where the router says so (`trainer` in the meta data of its weights).
   */
  async fit(
    router: PlannedRouter,
    weightsFile: WeightsFile,
    cores: number,
  ): Promise<string | null> {
    const { context } = this;
    const { seed } = weightsFile;
    const instance = router.make();
    if (instance.fit === undefined) return null;
    const { rows, texts } = await this.#shared();
    const train = await fitData(router.needs, rows, 'train', texts);
    const validation = await fitData(router.needs, rows, 'validation', texts);
    const without = train.withoutSignals + validation.withoutSignals;
    if (without > 0 && !this.#warned.has(router.name))
      context.observer.warn(
        `${router.name}: ${countText(without, 'fit row')} without signals left out`,
      );
    this.#warned.add(router.name);
    if (train.data.rows === 0 || validation.data.rows === 0) {
      throw new HarnessError('fitFailed', {
        router: router.name,
        rows: train.data.rows + validation.data.rows,
        problem: 'the split into training and validation rows leaves one part empty',
      });
    }
    const task = context.observer.task(`fit ${describeFit(router, seed)}`, 0, 0);
    let done = 0;
    try {
      const weights = await instance.fit(train.data, validation.data, {
        seed,
        cores,
        signal: context.signal,
        checkpoint: checkpointAt(weightsFile),
        progress: ({ epoch, epochs, validationLoss }) => {
          task.advance(epoch - done);
          done = epoch;
          const loss =
            validationLoss === undefined ? '' : `, validation loss ${validationLoss.toFixed(4)}`;
          task.note(`epoch ${epoch}/${epochs}${loss}`);
        },
      });
      const fitted = [...rows.train, ...rows.validation].map(
        ({ set, row }) => texts[set]?.[row] ?? '',
      );
      await writeWeights(context, router, weightsFile, weights, packFittedRows(fitted));
      const { trainer } = weights.meta;
      return typeof trainer === 'string' ? trainer : null;
    } finally {
      task.end();
      await closeRouter(context, router.name, instance);
    }
  }

  #shared(): Promise<{ readonly rows: FitRows; readonly texts: readonly (readonly string[])[] }> {
    return (this.#rows ??= fitRows(this.context, this.prepared).then(async (rows) => ({
      rows,
      texts: await fitTexts(rows),
    })));
  }
}
