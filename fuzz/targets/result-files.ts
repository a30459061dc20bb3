import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptCommand } from '../../cli/commands/baseline.js';
import { checkCommand } from '../../cli/commands/check.js';
import { compareCommand } from '../../cli/commands/compare.js';
import { leaderboardCommand } from '../../cli/commands/leaderboard.js';
import { showCommand } from '../../cli/commands/show.js';
import { mutateDocument, mutateLines } from '../mutate.js';
import { runProject, silentIo, writeProject } from '../recorded-project.js';
import type { FuzzTarget } from '../target.js';

const FLAGS = { flips: '5', callRate: '0.5' };
const RUN = 'results/runs/t';

/** What reads each file. */
const READERS: Readonly<Record<string, readonly ((folder: string) => Promise<unknown>)[]>> = {
  'results/baseline.json': [
    (folder) => checkCommand({}, silentIo(folder)),
    (folder) => compareCommand(['results/baseline.json', 't'], FLAGS, silentIo(folder)),
  ],
  'results/baseline.rows.json': [(folder) => checkCommand({}, silentIo(folder))],
  'results/leaderboard.json': [
    (folder) => leaderboardCommand({}, silentIo(folder)),
    (folder) => compareCommand(['results/leaderboard.json', 't'], FLAGS, silentIo(folder)),
  ],
  [`${RUN}/prompt-length/d.json`]: [
    (folder) => checkCommand({}, silentIo(folder)),
    (folder) => compareCommand(['t', 'b'], FLAGS, silentIo(folder)),
  ],
  [`${RUN}/prompt-length/d.rows.jsonl`]: [
    (folder) => compareCommand(['t', 'b'], FLAGS, silentIo(folder)),
  ],
  [`${RUN}/run.json`]: [
    (folder) => checkCommand({}, silentIo(folder)),
    (folder) => showCommand('prompt-length', {}, silentIo(folder)),
  ],
};

export const target: FuzzTarget = {
  summary: 'baseline, leaderboard and results, read by check, compare, leaderboard and show',
  open: async (folder) => {
    await writeProject(folder);
    await runProject(folder);
    await runProject(folder, 'b');
    await acceptCommand({ reason: 'x', rows: true }, silentIo(folder));
    const whole = new Map<string, string>();
    for (const name of Object.keys(READERS))
      whole.set(name, await readFile(join(folder, name), 'utf8'));
    return {
      next: (random) => {
        const name = random.pick([...whole.keys()]);
        const text = whole.get(name) ?? '';
        const bytes = name.endsWith('.jsonl')
          ? mutateLines(
              text
                .trim()
                .split('\n')
                .map((line) => JSON.parse(line) as unknown),
              random,
            )
          : mutateDocument(JSON.parse(text) as unknown, random);
        const read = random.pick(READERS[name] ?? []);
        return {
          files: { ...Object.fromEntries(whole), [name]: bytes },
          run: async () => void (await read(folder)),
        };
      },
    };
  },
};
