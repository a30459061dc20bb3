/**
 * A whole run whose hidden states are read by transformers in Python: stopped twice, resumed, with
 * the same bytes as a run without stops.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rxbIn, type Ran } from '../support/toy-project.js';
import { TRANSFORMERS, without } from '../support/python.js';
import { inTemporaryFolder } from '../support/temporary.js';
import { embeddedEngine } from '../support/openai-server/embedded-engine.js';
import { startServer, type RunningServer } from '../support/openai-server/server.js';
import { untilGone } from '../support/processes.js';
import { filesUnder, mayDiffer, stopRun } from '../support/rxb.js';

const MAKE = resolve('test/integration/plugins/models/_transformers/random_llama.py');
const VOCABULARY = 677;

interface Bench {
  readonly folder: string;
  readonly server: RunningServer;
  readonly rxb: (...args: readonly string[]) => Promise<Ran>;
  readonly configure: (routers: readonly unknown[]) => Promise<void>;
  /** The process ids of all Python processes so far. */
  readonly pids: () => Promise<readonly number[]>;
  /** Shards of hidden states → when they were written. */
  readonly shards: () => Promise<Readonly<Record<string, number>>>;
}

/** Shards in a folder → when they were written. */
async function findShards(folder: string): Promise<Readonly<Record<string, number>>> {
  if (!existsSync(folder)) return {};
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    name.endsWith('.safetensors'),
  );
  const times = names.map(
    async (name) => [name, (await stat(join(folder, name))).mtimeMs] as const,
  );
  return Object.fromEntries(await Promise.all(times));
}

const readPids = async (file: string): Promise<readonly number[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);

/** A llama with random weights, and a Python that records its process ids. */
async function writeLlama(folder: string, python: string): Promise<void> {
  await mkdir(join(folder, 'llama'));
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(resolve('models/tiny/weak', name), join(folder, 'llama', name));
  await execa(python, [MAKE, join(folder, 'llama'), String(VOCABULARY)]);
  await writeFile(
    join(folder, 'python'),
    `#!/bin/sh\necho $$ >> '${join(folder, 'pids')}'\nexec '${python}' "$@"\n`,
  );
  await chmod(join(folder, 'python'), 0o755);
}

/**
 * A llama with random weights, read here; the embedded pair on a server answers for it and for the
 * strong model.
 */
const inProject = async (python: string, work: (bench: Bench) => Promise<void>): Promise<void> => {
  const engines = await Promise.all(
    ['weak', 'strong'].map(async (name) => await embeddedEngine(resolve('models/tiny', name))),
  );
  const [weak, strong] = engines;
  if (weak === undefined || strong === undefined) throw new Error('two models were opened');
  const server = await startServer({ engine: weak, engines: [strong] });
  try {
    await inTemporaryFolder(async (folder) => {
      await writeLlama(folder, python);
      const served = (model: string): object => ({
        model,
        baseUrl: server.url,
        logprobs: false,
        topLogprobs: 0,
        choices: 'none',
      }); // log-probabilities would depend on the rest of the server's batch
      const configure: Bench['configure'] = async (routers) =>
        await writeFile(
          join(folder, 'harness.config.json'),
          JSON.stringify({
            name: 'llama',
            models: {
              weak: {
                use: 'transformers',
                options: {
                  folder: 'llama',
                  python: './python',
                  device: 'cpu',
                  batchSize: 1,
                  server: served('weak'),
                },
              }, // one at a time: a shard takes long enough to be stopped in it
              strong: { use: 'openai', options: served('strong') },
            },
            datasets: { inDomain: ['tiny-arithmetic'] },
            generation: { maxTokens: 16 },
            routers,
            protocol: { trainingSeeds: [1], search: 1 },
            limit: 300,
          }),
        );
      await configure(['coe', 'entropy', { use: 'probe-mean', options: { epochs: 2 } }]);
      const states = join(folder, 'results/artifacts/hidden-states');
      await work({
        folder,
        server,
        configure,
        rxb: rxbIn(folder),
        pids: async () => await readPids(join(folder, 'pids')),
        shards: async () => await findShards(states),
      });
    });
  } finally {
    await server.close();
    for (const engine of engines) await engine.close();
  }
};

(TRANSFORMERS === null ? describe.skip : describe)(
  `a run that reads hidden states with transformers${without('transformers and torch', TRANSFORMERS)}`,
  () => {
    it('is stopped by Ctrl-C and by SIGKILL, repeats no request and no reading, leaves no process, and ends with the bytes of a run without stops', async () => {
      await inProject(TRANSFORMERS ?? '', async ({ folder, server, rxb, pids, shards }) => {
        const stopped = await rxbIn(folder, { interruptAt: 'llama: transformers' })('run');
        expect([stopped.exitCode, Object.keys(await shards())], stopped.stderr).to.deep.equal([
          130,
          [],
        ]);
        await untilGone(await pids());

        const killed = await stopRun(
          folder,
          'SIGKILL',
          async () => Object.keys(await shards()).length > 0,
        );
        expect(killed.signal).to.equal('SIGKILL');
        const before = await shards();
        expect(Object.keys(before), 'in the middle of the states').to.have.length.within(1, 3);
        await untilGone(await pids());

        const ran = await rxb('run');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(ran.stdout)
          .to.match(/coe/)
          .and.to.match(/probe-mean/)
          .and.not.to.include('final norm');
        const after = await shards();
        expect(Object.keys(after)).to.have.length(4);
        for (const [name, written] of Object.entries(before))
          expect(after[name], 'a complete shard is not computed again').to.equal(written);
        const bodies = server.requests.map(({ body }) => JSON.stringify(body));
        expect(new Set(bodies).size, 'no question was sent twice').to.equal(bodies.length);
        expect(server.requests.length).to.equal(900);
        const started = await pids();
        expect(started, 'one process per call').to.have.length.within(2, 3);
        await untilGone(started);

        const again = await rxb('run');
        expect(
          [
            again.exitCode,
            again.stdout.includes('0 model calls'),
            (await pids()).length,
            server.requests.length,
          ],
          again.stderr,
        ).to.deep.equal([0, true, started.length, 900]);

        const left = (path: string): boolean => mayDiffer(path) || path === 'cache';
        const resumed = await filesUnder(join(folder, 'results'), left);
        await rm(join(folder, 'results'), { recursive: true });
        expect((await rxb('run')).exitCode).to.equal(0);
        expect(await filesUnder(join(folder, 'results'), left)).to.deep.equal(resumed);
      });
    });

    it('counts only answers as calls: local readings are not counted, not cached twice, and work offline', async () => {
      await inProject(TRANSFORMERS ?? '', async ({ folder, server, rxb, configure }) => {
        const routers = ['entropy', 'coe', 'max-logits'];
        await configure(routers);
        const dry = JSON.parse(
          (await rxb('run', '--dry-run', '--limit', '20', '--json')).stdout,
        ) as {
          readonly calls: number;
          readonly usd: object | null;
          readonly lines: readonly {
            readonly what: string;
            readonly usd: { readonly high: number } | null;
          }[];
        };
        expect(
          dry.lines
            .filter(({ what }) => /logits|hidden-states/.test(what))
            .map(({ usd }) => usd?.high),
        ).to.deep.equal([0]); // one reading gives both
        const ran = await rxb('run', '--limit', '20', '--json');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const { spend } = JSON.parse(ran.stdout) as {
          readonly spend: { readonly models: Readonly<Record<string, { readonly asked: number }>> };
        };
        expect([
          spend.models['weak']?.asked,
          spend.models['strong']?.asked,
          server.requests.length,
        ]).to.deep.equal([20, 20, 40]);

        await rm(join(folder, 'results/artifacts/hidden-states'), { recursive: true });
        await rm(join(folder, 'results/artifacts/logits'), { recursive: true });
        await configure(['max-logits']); // logits alone
        const offline = await rxb('run', '--limit', '20', '--offline', '--json');
        expect(offline.exitCode, offline.stderr).to.equal(0);
        const kept = JSON.parse((await rxb('cache', 'ls', '--json')).stdout) as {
          readonly models: readonly { readonly entries: number }[];
        };
        expect(kept.models.map(({ entries }) => entries)).to.deep.equal([20, 20]);
      });
    });
  },
);
