/** Confidences on the validation part of the fit rows: what thresholds are chosen on. */
import type { Confidence, FitData, FitRow } from '../../core/contracts.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { Artifact, SHARD_ROWS } from '../../storage/artifact.js';
import { madeBy } from './artifacts.js';
import { fitData, fitRows, fitTexts, type FitRows } from './fit-data.js';
import { getFitSets, getLabelSides, getSignals, hashSignals, type Prepared } from './prepared.js';
import { describeRouter, scoreInputs, type ReadyRouter } from './score.js';
import { closeRouter } from './close-router.js';

interface StoredConfidence {
  readonly confidence: Confidence;
}

interface OpenedRows {
  readonly rows: FitRows;
  readonly data: FitData<object>;
  readonly labels: readonly (0 | 1)[];
}

/** The fit rows, read once for all routers of a run. */
export class ValidationRows {
  readonly #opened = new WeakMap<PlannedRouter['needs'], Promise<OpenedRows>>();
  #rows:
    Promise<{ readonly rows: FitRows; readonly texts: readonly (readonly string[])[] }> | undefined;

  constructor(
    private readonly context: RunContext,
    private readonly prepared: Prepared,
  ) {}

  /** Whether the grades and signals of the fit rows are all there. */
  async isPrepared({ needs }: PlannedRouter): Promise<boolean> {
    for (const { set, fit } of getFitSets(this.prepared)) {
      const artifacts = [
        ...getLabelSides(set).map((side) => fit.grades[side]),
        ...getSignals(fit, needs).map(({ artifact }) => artifact),
      ];
      for (const artifact of artifacts) if ((await artifact.missing()).length > 0) return false;
    }
    return true;
  }

  /**
   * Confidences of a router, made where they are missing; NaN = none. Rows whose signals could not
   * be had are left out.
   */
  async confidences(ready: ReadyRouter): Promise<Float64Array> {
    const { planned } = ready;
    const { rows, data } = await this.#open(planned);
    const artifact = this.#name(ready, rows, data.rows);
    if ((await artifact.missing()).length > 0) {
      await artifact.describe();
      const made = await this.#score(ready, data);
      for (let shard = 0; shard < artifact.shards; shard++)
        await artifact.writeRows(shard, made.slice(shard * SHARD_ROWS, (shard + 1) * SHARD_ROWS));
    }
    const stored: number[] = [];
    for (let shard = 0; shard < artifact.shards; shard++)
      for (const { confidence } of await artifact.readRows<StoredConfidence>(shard))
        stored.push(confidence ?? NaN);
    return Float64Array.from(stored);
  }

  /** The labels of the same rows. */
  async labels(planned: PlannedRouter): Promise<readonly (0 | 1)[]> {
    return (await this.#open(planned)).labels;
  }

  /** The rows with all signals of a router: looked for once for all of its trials and seeds. */
  async #open({ needs }: PlannedRouter): Promise<OpenedRows> {
    const known = this.#opened.get(needs) ?? this.#openFor(needs);
    this.#opened.set(needs, known);
    return await known;
  }

  async #openFor(needs: PlannedRouter['needs']): Promise<OpenedRows> {
    const { rows, texts } = await (this.#rows ??= this.#read());
    const { data, labels } = await fitData(needs, rows, 'validation', texts);
    return { rows, data, labels };
  }

  /** Where the confidences of a router are stored, made or not. */
  #name({ planned, weightsHash }: ReadyRouter, { sets }: FitRows, rows: number): Artifact {
    const { protocol } = this.context.plan.project.config;
    return new Artifact(
      this.context.results,
      'validation',
      {
        ...madeBy(planned),
        weights: weightsHash,
        sets: sets.map(({ fit }) => ({
          prompts: fit.queries.promptsHash,
          grades: fit.grades.weak.hash, // rows without a grade are in no part
          signals: hashSignals(fit, planned),
        })),
        share: protocol.validationShare,
        split: protocol.seed,
      },
      { harness: this.context.plan.harness },
      rows,
      'jsonl',
    );
  }

  async #score(ready: ReadyRouter, data: FitData<object>): Promise<readonly StoredConfidence[]> {
    const { context } = this;
    const { planned } = ready;
    const instance = await ready.instance();
    const made: StoredConfidence[] = [];
    const title = describeRouter(ready);
    const task = context.observer.task(`score ${title} on validation rows`, data.rows, 0);
    try {
      for await (const block of data.blocks()) {
        context.signal.throwIfAborted();
        // never the label
        const inputs = block.map(({ query, signals }: FitRow<object>) => ({ query, signals }));
        const where = 'the validation rows';
        for (const confidence of await scoreInputs(context, planned, instance, where, inputs))
          made.push({ confidence });
        task.advance(block.length);
      }
    } finally {
      task.end();
      await closeRouter(context, planned.name, instance);
    }
    return made;
  }

  async #read(): Promise<{
    readonly rows: FitRows;
    readonly texts: readonly (readonly string[])[];
  }> {
    const rows = await fitRows(this.context, this.prepared);
    return { rows, texts: await fitTexts(rows) };
  }
}
