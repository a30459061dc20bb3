import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../core/index.js';
import { mutateBytes, mutateDocument, mutateLines } from '../mutate.js';
import { runProject, writeProject } from '../recorded-project.js';
import { WrongValue, type FuzzTarget } from '../target.js';

/** A damaged version of a file, by its kind. */
function damage(name: string, bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('utf8');
  if (name.endsWith('.json')) return mutateDocument(JSON.parse(text) as unknown, random);
  if (!name.endsWith('.jsonl')) return mutateBytes(bytes, random);
  const lines = text.trim().split('\n');
  return mutateLines(
    lines.map((line) => JSON.parse(line) as unknown),
    random,
  );
}

/** @throws WrongValue where a number of the leaderboard is none */
function requireNumbers(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new WrongValue('the leaderboard has a number that is not finite');
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(requireNumbers);
}

export const target: FuzzTarget = {
  summary: 'a damaged file of results/artifacts, then the same run again',
  share: 0.05,
  open: async (folder) => {
    await writeProject(folder);
    await runProject(folder);
    const results = join(folder, 'results');
    const kept = join(folder, 'kept');
    await cp(results, kept, { recursive: true });
    const items = await readdir(join(kept, 'artifacts'), { recursive: true, withFileTypes: true });
    const files = new Map<string, Buffer>();
    for (const item of items.filter((entry) => entry.isFile())) {
      const path = join(item.parentPath, item.name);
      files.set(path.slice(kept.length + 1), await readFile(path));
    }
    const names = [...files.keys()].sort();
    return {
      next: (random) => {
        const name = random.pick(names);
        const bytes = damage(name, files.get(name) ?? Buffer.alloc(0), random);
        // what was computed from it is computed again
        const again = ['confidences', 'grades', 'resamples', 'validation'].filter(
          () => random.float() < 0.5,
        );
        return {
          files: { [join('kept-damaged', name)]: bytes },
          run: async () => {
            await rm(results, { recursive: true, force: true });
            await cp(kept, results, { recursive: true });
            for (const kind of again)
              if (!name.includes(kind))
                await rm(join(results, 'artifacts', kind), { recursive: true, force: true });
            await cp(join(folder, 'kept-damaged', name), join(results, name));
            const { evaluated, failures } = await runProject(folder);
            const [failure] = failures;
            if (failure !== undefined) throw failure;
            requireNumbers(evaluated?.leaderboard);
          },
        };
      },
    };
  },
};
