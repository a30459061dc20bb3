/** Confidences on the validation part of the fit rows: what thresholds are chosen on. */
import type { FitRow } from '../../core/contracts.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { Artifact, SHARD_ROWS } from '../../storage/artifact.js';
import { fitData, fitRows, fitTexts, type FitRows } from './fit-data.js';
import { getGradesArtifact } from './grade.js';
import { getSignalArtifact } from './observe.js';
import { scoreInputs, type ReadyRouter } from './score.js';
import { routerKey } from './weights.js';

/** The fit rows, read once for all routers of a run. */
export class ValidationRows {
  #rows:
    Promise<{ readonly rows: FitRows; readonly texts: readonly (readonly string[])[] }> | undefined;

  constructor(private readonly context: RunContext) {}

  /** Whether the grades and signals of the fit rows are all there. */
  async prepared({ needs }: PlannedRouter): Promise<boolean> {
    for (const set of this.context.plan.sets) {
      const queries = set.fit;
      if (queries === null) continue;
      const graders = set.label.kind === 'at-least-strong' ? ['weak', 'strong'] : ['weak'];
      const artifacts = [
        ...graders.map((model) => getGradesArtifact(this.context, model, set, queries)),
        ...needs.map((request) => getSignalArtifact(this.context, request, queries)),
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
    const { context } = this;
    const { planned } = ready;
    const { rows, texts } = await (this.#rows ??= this.#read());
    const { data } = await fitData(context, planned.needs, rows, 'validation', texts);
    const { protocol } = context.plan.project.config;
    const artifact = new Artifact(
      context.results,
      'validation',
      {
        ...routerKey(planned),
        weights: ready.weightsHash,
        sets: rows.sets.map((set) => ({
          prompts: set.fit?.promptsHash ?? null,
          // rows without a grade are in no part
          grades: set.fit === null ? null : getGradesArtifact(context, 'weak', set, set.fit).hash,
          signals:
            set.fit === null
              ? []
              : planned.needs.map(
                  (request) =>
                    getSignalArtifact(context, request, set.fit as NonNullable<typeof set.fit>)
                      .hash,
                ),
        })),
        share: protocol.validationShare,
        split: protocol.seed,
      },
      data.rows,
      'jsonl',
    );
    if ((await artifact.missing()).length > 0) {
      await artifact.describe();
      const instance = await ready.instance();
      const made: { readonly confidence: number | null }[] = [];
      const task = context.observer.task(
        `score ${planned.name}${ready.seed === null ? '' : ` seed ${ready.seed}`} on validation rows`,
        data.rows,
        0,
      );
      try {
        for await (const block of data.blocks()) {
          context.signal.throwIfAborted();
          // never the label
          const inputs = block.map(({ query, signals }: FitRow<object>) => ({ query, signals }));
          made.push(
            ...(await scoreInputs(context, planned, instance, 'the validation rows', inputs)).map(
              (confidence) => ({ confidence }),
            ),
          );
          task.advance(block.length);
        }
      } finally {
        task.end();
        await instance.close?.();
      }
      for (let shard = 0; shard < artifact.shards; shard++)
        await artifact.writeRows(shard, made.slice(shard * SHARD_ROWS, (shard + 1) * SHARD_ROWS));
    }
    const stored: number[] = [];
    for (let shard = 0; shard < artifact.shards; shard++)
      stored.push(
        ...(await artifact.readRows<{ readonly confidence: number | null }>(shard)).map(
          ({ confidence }) => confidence ?? NaN,
        ),
      );
    return Float64Array.from(stored);
  }

  async #read(): Promise<{
    readonly rows: FitRows;
    readonly texts: readonly (readonly string[])[];
  }> {
    const rows = await fitRows(this.context);
    return { rows, texts: await fitTexts(rows) };
  }
}
