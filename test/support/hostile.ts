/**
 * The toy project with the hostile package, a secret in the environment, and a server that would
 * receive labels.
 */
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Leaderboard } from '../../storage/results/types.js';
import { inToyProject, rxbIn, toyConfig, type Ran } from './toy-project.js';
import { writeFiles } from './temporary.js';

/** The outcome of a run with hostile routers. */
export interface Attacked {
  readonly ran: Ran;
  /** Connections that the server received. */
  readonly connections: number;
  readonly leaderboard: () => Promise<Leaderboard>;
  /** The confidences of a router on a set, in the order of its rows. */
  readonly confidences: (router: string, set: string) => Promise<readonly (number | null)[]>;
}

/**
 * Runs some hostile routers, and a built-in one, in the toy project; `after`: routers of an earlier
 * run, whose results are there.
 */
export async function attack(
  routers: readonly string[],
  {
    isolation,
    seconds,
    env = {},
    flags = [],
    after,
  }: {
    readonly isolation: object;
    readonly seconds?: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly flags?: readonly string[];
    readonly after?: readonly string[];
  },
  look: (attacked: Attacked) => Promise<void>,
): Promise<void> {
  await inToyProject(async ({ folder }) => {
    const server = createServer((socket) => socket.end('labels'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    let connections = 0;
    server.on('connection', () => connections++);
    try {
      await cp(resolve('test/fixtures/hostile'), join(folder, 'hostile'), { recursive: true });
      await mkdir(join(folder, 'hostile/node_modules'));
      await symlink(resolve('.'), join(folder, 'hostile/node_modules/routerxbench'), 'dir');
      const config = (names: readonly string[]): string =>
        toyConfig({
          plugins: ['./toy-plugins', './hostile'],
          routers: [...names, 'prompt-length'],
          isolation,
        });
      await writeFiles(folder, {
        'hostile/port': String((server.address() as AddressInfo).port),
        'harness.config.json': config(after ?? routers),
        'secret.txt': 'a secret by descriptor',
      });
      if (after !== undefined) {
        await rxbIn(folder)('run', '--quiet');
        await writeFiles(folder, { 'harness.config.json': config(routers) });
      }
      const ran = await rxbIn(folder, {
        env: { CANARY: 'sings', ...env },
        descriptors: { 40: folder, 41: join(folder, 'secret.txt') },
        ...(seconds === undefined ? {} : { killAfterSeconds: seconds }),
      })('run', '--quiet', ...flags);
      const results = join(folder, 'results');
      await look({
        ran,
        connections,
        leaderboard: async () =>
          JSON.parse(await readFile(join(results, 'leaderboard.json'), 'utf8')) as Leaderboard,
        confidences: (router, set) =>
          readConfidences(join(results, 'runs/toy', router, `${set}.rows.jsonl`)),
      });
    } finally {
      server.close();
    }
  });
}

async function readConfidences(file: string): Promise<readonly (number | null)[]> {
  return (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly confidence: number | null }).confidence);
}

/** Routers that try to read something; they return 1 or the weak grade if they succeed. */
export const THIEVES = [
  'reads-artifacts',
  'reads-results',
  'opens-socket',
  'spawns',
  'reads-secrets',
  'reads-descriptors',
  'changes-globals',
  'knows-the-order',
  'tells-sets-apart',
  'looks-for-ids',
] as const;

/** Routers that try to stop the run, and the error code of their row. */
export const VANDALS: Readonly<Record<string, string>> = {
  'changes-prototypes': 'RXB6001',
  loops: 'RXB2204',
  allocates: 'RXB2205',
  exits: 'RXB2202',
  'throws-late': 'RXB2202',
  'writes-garbage': 'RXB2203',
  'forges-frames': 'RXB6002',
};

/**
 * Routers that return an invalid confidence for each row; the check of confidences rejects them
 * wherever they run.
 */
export const BABBLERS: Readonly<Record<string, string>> = {
  'returns-nan': 'RXB6001',
  'returns-strings': 'RXB6001',
  'returns-too-few': 'RXB6002',
  'returns-too-many': 'RXB6002',
};

/** AUROC of a router on a dataset. */
export const auroc = (leaderboard: Leaderboard, router: string, set: string): number =>
  leaderboard.rows.find((row) => row.router === router)?.metrics[set]?.['auroc']?.value ?? NaN;
