/** The mixed fit rows of all in-domain sets, as re-readable blocks in a fixed shuffled order. */
import type { FitData, FitRow } from '../../core/contracts.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { shapeSize } from '../../core/util/shape-size.js';
import { computeLabel } from '../protocol/label.js';
import { splitFit } from '../protocol/split.js';
import type { RunContext } from '../run-context.js';
import { SignalReader, type StoredSignal } from '../signals/reader.js';
import {
  getFitSets,
  getLabelSides,
  getSignals,
  readGrades,
  type FitSet,
  type Prepared,
} from './prepared.js';

/**
 * At most this many bytes of signals in one block: what a processor keeps in its cache until the
 * block is used.
 */
const BLOCK_BYTES = 8 * 2 ** 20;
const BLOCK_ROWS = 256;

/** Stored numbers of one row. */
export const rowNumbers = (signals: readonly StoredSignal[]): number =>
  signals.reduce((sum, { shape }) => sum + (shape === null ? 0 : shapeSize(shape)), 0);

/** Rows a block may hold: fewer where a row is large. */
export const blockRows = (signals: readonly StoredSignal[]): number =>
  Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / Math.max(1, 4 * rowNumbers(signals)))));

/** One mixed fit row: which set, and which row of it. */
interface Position {
  readonly set: number;
  readonly row: number;
  readonly label: 0 | 1;
}

/** The labelled fit rows, before and after the cut; `dropped` rows had no grade. */
export interface FitRows {
  readonly sets: readonly FitSet[];
  readonly train: readonly Position[];
  readonly validation: readonly Position[];
  readonly dropped: number;
}

/** Reads the labels of all fit rows, shuffles the mix and cuts it. */
export async function fitRows({ plan }: RunContext, prepared: Prepared): Promise<FitRows> {
  const sets = getFitSets(prepared);
  const all: Position[] = [];
  let dropped = 0;
  for (const [index, { set, fit }] of sets.entries()) {
    const weak = await readGrades(fit.grades.weak);
    const strong = getLabelSides(set).includes('strong')
      ? await readGrades(fit.grades.strong)
      : weak;
    weak.forEach((grade, row) => {
      const other = strong[row]?.value ?? null;
      if (grade.value === null || other === null) dropped++;
      else all.push({ set: index, row, label: computeLabel(set.label, grade.value, other) });
    });
  }
  const { validationShare, seed } = plan.project.config.protocol;
  const cut = splitFit(all.length, validationShare, seed);
  const getPositions = (indices: Int32Array): readonly Position[] =>
    Array.from(indices, (i) => all[i] as Position);
  return {
    sets,
    train: getPositions(cut.train),
    validation: getPositions(cut.validation),
    dropped,
  };
}

/** The texts of all fit rows, by set and row. */
export async function fitTexts(rows: FitRows): Promise<readonly (readonly string[])[]> {
  return await Promise.all(
    rows.sets.map(async ({ fit }) => {
      const texts: string[] = [];
      for await (const block of fit.queries.blocks())
        texts.push(...block.rows.map((row) => row.prompt));
      return texts;
    }),
  );
}

/**
 * Blocks of rows with their signals; rows whose signals could not be had are left out and counted.
 */
export async function fitData(
  needs: readonly SignalRequest[],
  rows: FitRows,
  part: 'train' | 'validation',
  texts: readonly (readonly string[])[],
): Promise<{
  readonly data: FitData<object>;
  readonly withoutSignals: number;
  /** The labels of the rows, in their order. */
  readonly labels: readonly (0 | 1)[];
}> {
  const stored = rows.sets.map(({ fit }) => getSignals(fit, needs));
  const size = blockRows(stored[0] ?? []);
  const open = (): readonly SignalReader[] => stored.map((signals) => new SignalReader(signals));
  const close = async (readers: readonly SignalReader[]): Promise<unknown> =>
    await Promise.all(readers.map((reader) => reader.close()));

  const usable: Position[] = [];
  const looking = open();
  try {
    for (const position of rows[part])
      if (await (looking[position.set] as SignalReader).has(position.row)) usable.push(position);
  } finally {
    await close(looking);
  }

  const data: FitData<object> = {
    rows: usable.length,
    async *blocks() {
      const readers = open();
      try {
        let block: FitRow<object>[] = [];
        for (const { set, row, label } of usable) {
          const signals = await (readers[set] as SignalReader).row(row);
          // the files changed while they were read
          if (signals === null) throw new Error('a signal that was there is gone');
          block.push({ query: { text: texts[set]?.[row] as string }, signals, label });
          if (block.length < size) continue;
          yield block;
          block = [];
        }
        if (block.length > 0) yield block;
      } finally {
        await close(readers);
      }
    },
  };
  return {
    data,
    withoutSignals: rows[part].length - usable.length,
    labels: usable.map(({ label }) => label),
  };
}
