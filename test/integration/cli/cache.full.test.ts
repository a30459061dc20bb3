import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFolder } from '../../../storage/cache/answer-cache.js';
import { parseEntry, sealEntry, type CacheEntry } from '../../../storage/cache/entry.js';
import { recordedEngine } from '../../support/openai-server/recorded-engine.js';
import { startServer, type RunningServer } from '../../support/openai-server/server.js';
import { inToyProject, rxbIn, toyConfig, type ToyProject } from '../../support/toy-project.js';

interface Paid extends ToyProject {
  readonly server: RunningServer;
  readonly cache: string;
  /** Entries by the folder of their model, as `cache ls` tells them. */
  readonly entries: () => Promise<Readonly<Record<string, number>>>;
  readonly configure: (strong: string) => Promise<void>;
}

/** A project of which 20 rows a model were paid for. */
const afterPaying = async (work: (paid: Paid) => Promise<void>): Promise<void> => {
  const server = await startServer({ engine: recordedEngine() });
  try {
    await inToyProject(async ({ folder }) => {
      const model = (revision: string): object => ({
        use: 'openai',
        options: { model: 'recorded', baseUrl: server.url, revision },
      });
      const configure: Paid['configure'] = async (strong) =>
        await writeFile(
          join(folder, 'harness.config.json'),
          toyConfig({
            models: { weak: model('weak-1'), strong: model(strong) },
            routers: ['prompt-length'],
          }),
        );
      await configure('strong-1');
      const rxb = rxbIn(folder);
      const ran = await rxb('prepare', '--limit', '10', '--only', 'answers');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const entries: Paid['entries'] = async () => {
        const { models } = JSON.parse((await rxb('cache', 'ls', '--json')).stdout) as {
          readonly models: readonly { readonly id: string; readonly entries: number }[];
        };
        return Object.fromEntries(
          models.filter((own) => own.entries > 0).map((own) => [own.id, own.entries]),
        );
      };
      await work({ folder, rxb, server, configure, entries, cache: join(folder, 'results/cache') });
    });
  } finally {
    await server.close();
  }
};

/** Makes every entry of a folder as old as this. */
const date = async (folder: string, at: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const lines = (await readFile(join(folder, name), 'utf8')).trim().split('\n');
    const entries = lines.map((line) => parseEntry(Buffer.from(line), true) as CacheEntry);
    const dated = entries.map((entry) => `${sealEntry({ ...entry, at }).line}\n`);
    await writeFile(join(folder, name), dated.join(''));
  }
};

describe('rxb cache prune', () => {
  it('removes what is older than the days given, and what is gone is asked again', async () => {
    await afterPaying(async ({ rxb, server, cache, entries }) => {
      expect(Object.values(await entries())).to.deep.equal([20, 20]);
      const [old] = (await readdir(cache)).filter((name) => !name.startsWith('.'));
      await date(
        join(cache, old as string),
        new Date(Date.now() - 9.5 * 24 * 3600 * 1000).toISOString(),
      );
      const none = await rxb('cache', 'prune', '--older-than', '10');
      expect([none.exitCode, none.stdout]).to.deep.equal([0, '0 replies removed, 40 kept.']);
      const pruned = await rxb('cache', 'prune', '--older-than', '9', '--json');
      expect(JSON.parse(pruned.stdout)).to.deep.equal({ removed: 20, kept: 20 });
      expect(Object.keys(await entries()))
        .to.have.length(1)
        .and.not.to.include(old);
      expect(
        await readdir(join(cache, old as string)),
        'a segment without entries is gone',
      ).to.deep.equal([]);

      const before = server.requests.length;
      // another cache: all is asked
      await rxb('prepare', '--limit', '10', '--only', 'answers', '--results', 'again');
      expect(server.requests.length - before).to.equal(40);
    });
  });

  it('--unused keeps the models of the config, and a run pays for nothing of theirs', async () => {
    await afterPaying(async ({ rxb, server, configure, entries }) => {
      await configure('strong-2');
      const ran = await rxb('prepare', '--limit', '10', '--only', 'answers');
      expect([ran.exitCode, Object.values(await entries())], ran.stderr).to.deep.equal([
        0,
        [20, 20, 20],
      ]);
      const pruned = await rxb('cache', 'prune', '--unused');
      expect([pruned.exitCode, pruned.stdout]).to.deep.equal([0, '20 replies removed, 40 kept.']);
      const paid = server.requests.length;
      const anew = await rxb('prepare', '--limit', '10', '--only', 'answers', '--name', 'other');
      expect(
        [anew.exitCode, server.requests.length - paid],
        'what was kept is found',
      ).to.deep.equal([0, 0]);
    });
  });

  it('leaves a segment alone that a running process writes, and thins it once that has ended', async () => {
    await afterPaying(async ({ rxb, cache }) => {
      const writer = spawn('sleep', ['60']);
      try {
        const [model] = (await readdir(cache)).filter((name) => !name.startsWith('.'));
        const folder = join(cache, model as string);
        const [segment] = (await readdir(folder)) as [string];
        const text = await readFile(join(folder, segment), 'utf8');
        await writeFile(
          join(folder, segment.replace(/Z-\d+-/, `Z-${writer.pid}-`).replace(/^\d+/, '9999')),
          text,
        ); // doubles, in a segment of its own
        expect((await rxb('cache', 'prune', '--older-than', '0', '--yes')).stdout).to.equal(
          '40 replies removed, 20 kept.',
        );
      } finally {
        const ended = new Promise((resolve) => writer.once('exit', resolve));
        writer.kill();
        await ended;
      }
      expect((await rxb('cache', 'prune', '--older-than', '0', '--yes')).stdout).to.equal(
        '20 replies removed, 0 kept.',
      );
    });
  });

  it('passes over a line that a crash cut, and refuses to guess what should go', async () => {
    await afterPaying(async ({ rxb, cache, entries }) => {
      const [model] = (await readdir(cache)).filter((name) => !name.startsWith('.'));
      const folder = join(cache, model as string);
      const [segment] = await readdir(folder);
      await appendFile(join(folder, segment as string), '{"key":"0123');
      expect(Object.values(await entries())).to.deep.equal([20, 20]);
      const nothing = await rxb('cache', 'prune');
      expect([
        nothing.exitCode,
        nothing.stderr.includes('RXB1005') &&
          nothing.stderr.includes('--older-than DAYS, or --unused'),
      ]).to.deep.equal([2, true]);
      const wrong = await rxb('cache', 'prune', '--older-than', 'yesterday');
      expect([
        wrong.exitCode,
        wrong.stderr.includes('Invalid value "yesterday" for --older-than'),
      ]).to.deep.equal([2, true]);
      expect(Object.values(await entries()), 'refusals touch nothing').to.deep.equal([20, 20]);
    });
  });
});

describe('rxb cache clear', () => {
  it('asks for --yes, then removes the cache and nothing beside it', async () => {
    await afterPaying(async ({ folder, rxb, cache, entries }) => {
      const unsure = await rxb('cache', 'clear');
      expect(unsure.exitCode).to.equal(2);
      expect(unsure.stderr)
        .to.include('RXB1005')
        .and.to.include('replies that were paid for would be deleted');
      expect(Object.values(await entries())).to.deep.equal([20, 20]);
      const cleared = await rxb('cache', 'clear', '--yes');
      expect([cleared.exitCode, cleared.stdout]).to.deep.equal([
        0,
        `The reply cache ${join('results', 'cache')} was removed.`,
      ]);
      expect(await readdir(join(folder, 'results')))
        .to.include('artifacts')
        .and.not.to.include('cache');
      expect((await rxb('cache')).stdout).to.equal(
        `The reply cache ${join('results', 'cache')} is empty.`,
      );
      const twice = await rxb('cache', 'clear', '--yes', '--json');
      expect([twice.exitCode, JSON.parse(twice.stdout)]).to.deep.equal([0, { cleared: cache }]);
    });
  });

  it('is not needed by prune alone where nothing would be left: that asks as well', async () => {
    await afterPaying(async ({ rxb, entries, configure }) => {
      const all = await rxb('cache', 'prune', '--older-than', '0');
      expect([all.exitCode, all.stderr.includes('--yes')], all.stderr).to.deep.equal([2, true]);
      await configure('strong-2');
      const kept = await rxb('cache', 'prune', '--unused');
      expect(kept.stdout).to.equal('20 replies removed, 20 kept.');
      const rest = await rxb('cache', 'prune', '--older-than', '0', '--unused');
      expect(rest.exitCode, rest.stdout).to.equal(2);
      expect(Object.values(await entries())).to.deep.equal([20]);
    });
  });

  it('touches no folder that holds anything else, and neither does prune: RXB5013', async () => {
    await afterPaying(async ({ rxb, folder, cache, entries }) => {
      await writeFile(join(cache, '.gitignore'), '*');
      await writeFile(join(cache, 'notes.txt'), 'mine');
      for (const args of [
        ['clear', '--yes'],
        ['prune', '--older-than', '0', '--yes'],
      ]) {
        const refused = await rxb('cache', ...args);
        expect(refused.exitCode, refused.stdout).to.equal(2);
        expect(refused.stderr).to.include('RXB5013').and.to.include('notes.txt');
      }
      expect(Object.values(await entries())).to.deep.equal([20, 20]);
      await rm(join(cache, 'notes.txt'));
      expect((await rxb('cache', 'clear', '--yes')).exitCode).to.equal(0);
      expect(await readdir(join(folder, 'results/cache'))).to.deep.equal(['.gitignore']);
    });
  });

  it('names folders as the cache does', () => {
    expect(modelFolder('root', 'f'.repeat(64))).to.equal(join('root', 'f'.repeat(24)));
    // a backend of others may give anything
    for (const odd of ['toy', '../../x', '', 'F'.repeat(64)])
      expect(modelFolder('root', odd)).to.match(/^root.[0-9a-f]{24}$/);
  });
});
