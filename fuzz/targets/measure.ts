import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import type { Random } from '../../core/index.js';
import { measureFile } from '../../pipeline/measure-file.js';
import { METRICS } from '../../test/support/metrics.js';
import { mutateLines } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const FILE = 'rows.jsonl';
const EXTREME = [1e308, -1e308, 5e-324, 0, -0, 1, -1, 0.1, 1e-300, null, 3.0000000000000004];

const confidence = (random: Random): number | null =>
  random.float() < 0.3 ? random.pick(EXTREME) : random.float() - 0.5;

function makeRows(random: Random, scale: number, binary: boolean): readonly object[] {
  const grade = (): number | null => {
    if (random.float() < 0.1) return null;
    return binary ? random.int(0, 1) * scale : random.float() * scale;
  };
  return Array.from({ length: random.int(1, 40) }, (_, i) => ({
    id: random.float() < 0.5 ? i : `r${i}`,
    weak: grade(),
    strong: grade(),
    confidence: confidence(random),
  }));
}

/** @throws WrongValue for a number that is not finite, at any depth */
function requireFinite(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new WrongValue(`${path} is not finite`);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) requireFinite(member, `${path}.${name}`);
}

export const target: FuzzTarget = {
  summary: 'rows of one’s own, read by `rxb measure`',
  open: async (folder) => ({
    next: (random) => {
      const scale = random.pick([1, 10, 1e-300, 1e300]);
      const binary = random.float() < 0.5;
      const rows = makeRows(random, scale, binary);
      const bytes =
        random.float() < 0.3
          ? Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
          : mutateLines(rows, random);
      return {
        files: { [FILE]: bytes },
        run: async () => {
          const measured = await measureFile(METRICS, join(folder, FILE), {
            label: binary && random.float() < 0.5 ? 'weak-correct' : 'weak-at-least-strong',
            scale,
            lowBand: [0.25, 0.3],
            recoveryBand: [0.85, 0.95],
          });
          if (!isUtf8(bytes)) throw new WrongValue('bytes that are not UTF-8 were accepted');
          const lines = bytes.toString('utf8').split('\n');
          if (measured.rows.total !== lines.filter((line) => line.trim() !== '').length)
            throw new WrongValue('there are other rows than lines');
          requireFinite(measured, 'the measurement');
          const auroc = measured.metrics['auroc']?.value ?? 0.5;
          if (auroc < 0 || auroc > 1) throw new WrongValue('an AUROC is outside of 0 to 1');
        },
      };
    },
  }),
};
