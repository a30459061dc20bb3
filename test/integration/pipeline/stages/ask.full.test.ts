import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesUnder, stopRun } from '../../../support/rxb.js';
import { recordedEngine } from '../../../support/openai-server/recorded-engine.js';
import {
  startServer,
  type RunningServer,
  type ServerSettings,
} from '../../../support/openai-server/server.js';
import { inToyProject, rxbIn, toyConfig, type ToyProject } from '../../../support/toy-project.js';

const KEY = 'canary-4b1d9e-"key"';
const PRICES = { date: '2026-11-01', models: { recorded: { input: 1000, output: 1000 } } };

interface Bench extends ToyProject {
  readonly server: RunningServer;
  /** Writes a config whose models are asked at this address. */
  readonly configure: (options?: object, over?: object, url?: string) => Promise<void>;
}

/** A project whose two models live on a server. */
const inServedProject = async (
  settings: Partial<ServerSettings>,
  work: (bench: Bench) => Promise<void>,
): Promise<void> => {
  const server = await startServer({ engine: recordedEngine(), ...settings });
  try {
    await inToyProject(async ({ folder }) => {
      const configure: Bench['configure'] = async (options = {}, over = {}, url = server.url) => {
        const model = (revision: string): object => ({
          use: 'openai',
          options: {
            model: 'recorded',
            baseUrl: url,
            revision,
            backoffSeconds: 0.005,
            apiKey: { env: 'CANARY' },
            ...options,
          },
        });
        await writeFile(
          join(folder, 'harness.config.json'),
          toyConfig({ models: { weak: model('w'), strong: model('s') }, prices: PRICES, ...over }),
        );
      };
      await configure();
      await work({ folder, server, configure, rxb: rxbIn(folder, { env: { CANARY: KEY } }) });
    });
  } finally {
    await server.close();
  }
};

describe('models that cost something', () => {
  it('are asked each question once, over runs, limits and a budget; the dry run knows how many', async () => {
    await inServedProject({}, async ({ server, rxb, folder }) => {
      const dry = await rxb('run', '--dry-run', '--json');
      expect(JSON.parse(dry.stdout), dry.stderr).to.deep.include({ calls: 320, cached: 0 });
      expect(
        (JSON.parse(dry.stdout) as { readonly usd: { readonly expected: number } }).usd.expected,
      ).to.be.greaterThan(1);
      expect(server.requests, 'a dry run asks nothing').to.have.length(0);

      const poor = await rxb('run', '--budget-usd', '0.4');
      expect(
        [poor.exitCode, server.requests.length > 5 && server.requests.length < 200],
        poor.stderr,
      ).to.deep.equal([6, true]);
      expect(poor.stderr).to.include('RXB4111');
      const paid = server.requests.length;

      const part = await rxb('run', '--limit', '40', '--json');
      expect(part.exitCode, part.stderr).to.equal(0);
      const report = JSON.parse(part.stdout) as {
        readonly spend: {
          readonly usd: number;
          readonly models: Readonly<
            Record<string, { readonly asked: number; readonly cached: number }>
          >;
        };
      };
      expect(
        (report.spend.models['weak']?.cached ?? 0) + (report.spend.models['strong']?.cached ?? 0),
      ).to.be.greaterThan(0);
      expect(report.spend.usd).to.be.greaterThan(0);
      await rxb('run');
      expect(
        server.requests,
        `${paid} were paid for within the budget, and none twice`,
      ).to.have.length(320);

      expect((await rxb('run', '--offline')).exitCode).to.equal(0);
      const list = await rxb('cache', 'ls', '--json');
      expect(
        (
          JSON.parse(list.stdout) as { readonly models: readonly { readonly entries: number }[] }
        ).models.map(({ entries }) => entries),
      ).to.deep.equal([160, 160]);
      const known = await rxb('cache', 'explain', 'weak', 'What is 1 + 0? (0)');
      expect(known.stdout).to.include('in the cache since');
      const everything =
        JSON.stringify(await filesUnder(folder, (path) => path.startsWith('node_modules'))) +
        [dry, poor, part, list, known].map(({ stdout, stderr }) => stdout + stderr).join('');
      for (const form of [KEY, JSON.stringify(KEY).slice(1, -1), encodeURIComponent(KEY)])
        expect(everything.includes(form), 'the key is written nowhere').to.equal(false);
    });
  });

  it('are asked as often as the dry run says, and for as many tokens: signals, samples, and every pair of samples', async () => {
    await inServedProject({}, async ({ server, rxb, configure }) => {
      const options = {
        by: 'entailment',
        template: 'Q {query} A {first} B {second}?',
        model: 'weak',
        maxTokens: 24,
      };
      await configure(
        {},
        { routers: ['entropy', 'self-questioning', { use: 'semantic-entropy', options }] },
      );
      const how = ['prepare', '--limit', '10'] as const;
      const dry = JSON.parse((await rxb('run', '--dry-run', '--limit', '10', '--json')).stdout) as {
        readonly calls: number;
        readonly usd: Record<'low' | 'expected' | 'high', number>;
        readonly lines: readonly { readonly what: string; readonly calls: number }[];
      };
      const of = (what: string): number =>
        dry.lines
          .filter((line) => line.what.startsWith(what))
          .reduce((sum, { calls }) => sum + calls, 0);
      expect([
        of('answers'),
        of('logits'),
        of('samples'),
        of('reply'),
        of('entailment'),
      ]).to.deep.equal([40, 20, 20, 20, 20 * 5 * 4]);
      const ran = await rxb(...how, '--json');
      expect([ran.exitCode, server.requests.length], ran.stderr).to.deep.equal([0, dry.calls]);
      const { spend } = JSON.parse(ran.stdout) as { readonly spend: { readonly usd: number } };
      expect(spend.usd).to.be.within(dry.usd.low, dry.usd.high);
    });
  });

  it('are asked as the config says: system message, sampling, limits, stops, more fields, of all models or of one', async () => {
    await inServedProject({}, async ({ server, rxb, configure }) => {
      const generation = {
        system: 'Be brief.',
        temperature: 0.5,
        topP: 0.9,
        maxTokens: 9,
        seed: 3,
        stop: ['\n'],
      };
      const model = (own: object): object => ({
        use: 'openai',
        options: {
          model: 'recorded',
          baseUrl: server.url,
          logprobs: false,
          extraBody: { top_k: 5 },
        },
        ...own,
      });
      await configure(
        {},
        {
          generation,
          prices: undefined,
          models: {
            weak: model({}),
            strong: model({ generation: { temperature: 0, maxTokens: 12, stop: ['END', 'STOP'] } }),
          },
          routers: ['prompt-length'],
        },
      );
      const ran = await rxb('run', '--limit', '1', '--datasets', 'toy-far', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const asked = server.requests.map(
        ({ body: { messages, ...body } }) => [messages, body] as const,
      );
      expect(asked.map(([, body]) => body)).to.have.deep.members([
        {
          model: 'recorded',
          max_tokens: 9,
          temperature: 0.5,
          top_p: 0.9,
          seed: 3,
          stop: ['\n'],
          top_k: 5,
        },
        { model: 'recorded', max_tokens: 12, temperature: 0, stop: ['END', 'STOP'], top_k: 5 },
      ]);
      for (const [messages] of asked)
        expect((messages as readonly object[])[0]).to.deep.equal({
          role: 'system',
          content: 'Be brief.',
        });
      const { spend } = JSON.parse(ran.stdout) as {
        readonly spend: {
          readonly usd: number | null;
          readonly models: Readonly<
            Record<string, { readonly asked: number; readonly usd: number | null }>
          >;
        };
      };
      expect(
        [spend.usd, spend.models['weak']?.usd, spend.models['weak']?.asked],
        'a price that nobody knows',
      ).to.deep.equal([null, null, 1]);
    });
  });

  it('are not asked again for replies that were there before SIGKILL', async () => {
    await inServedProject({ delayMs: 20 }, async ({ server, folder, rxb }) => {
      const killed = await stopRun(folder, 'SIGKILL', () => server.requests.length >= 240, {
        CANARY: KEY,
      });
      expect(killed.signal).to.equal('SIGKILL');
      const ran = await rxb('run');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(server.requests.length, 'all were asked').to.be.at.least(320);
      expect(
        server.requests.length - 320,
        'again only what was on its way, at most 64 a model',
      ).to.be.at.most(128);
    });
  });

  it('leave no key behind where the server repeats it in its refusals', async () => {
    await inServedProject({ key: 'another' }, async ({ rxb, folder, server, configure }) => {
      const ran = await rxb('run');
      expect([ran.exitCode, server.requests.length], ran.stderr).to.deep.equal([2, 0]);
      expect(ran.stderr).to.include('RXB4102').and.to.include('[secret]');
      await configure({ model: 'unheard-of' });
      const config = await rxb('config', '--json');
      const doctor = await rxb('doctor');
      expect(
        JSON.stringify(await filesUnder(folder, (path) => path.startsWith('node_modules'))) +
          ran.stdout +
          ran.stderr +
          config.stdout +
          doctor.stdout,
      ).not.to.include('canary-4b1d9e');
      expect(doctor.exitCode).to.equal(2);
    });
  });

  it('may fail so often and no more; failed rows are asked again on demand, the others are not', async () => {
    await inServedProject(
      { faults: { seed: 5, rate: 0.2, kinds: ['truncated'] } },
      async ({ rxb, configure }) => {
        await configure({ retries: 0 });
        const stopped = await rxb('run', '--max-errors', '3');
        expect(stopped.exitCode, stopped.stderr).to.equal(3);
        expect(stopped.stderr).to.include('RXB4113');
        await configure({ retries: 0 }, { protocol: { nullTolerance: 1 } });
        const first = await rxb('run', '--json');
        const failed = Object.values(
          (
            JSON.parse(first.stdout) as {
              readonly spend: {
                readonly models: Readonly<Record<string, { readonly failed: number }>>;
              };
            }
          ).spend.models,
        ).reduce((sum, own) => sum + own.failed, 0);
        expect(failed, first.stderr).to.be.greaterThan(10);

        const healthy = await startServer({ engine: recordedEngine() });
        try {
          await configure({}, {}, healthy.url);
          expect((await rxb('run', '--retry-errors')).exitCode).to.equal(0);
          expect(healthy.requests, 'only the failed rows').to.have.length(failed);
          await rxb('run', '--retry-errors');
          expect(healthy.requests, 'nothing is left to retry').to.have.length(failed);
        } finally {
          await healthy.close();
        }
      },
    );
  });

  it('are not asked offline, and not within a budget that no price can keep', async () => {
    await inServedProject({}, async ({ rxb, server, configure }) => {
      const offline = await rxb('run', '--offline');
      expect([offline.exitCode, offline.stderr.includes('RXB4114')], offline.stderr).to.deep.equal([
        3,
        true,
      ]);
      await configure({}, { prices: undefined });
      const unpriced = await rxb('run', '--budget-usd', '1');
      expect(
        [unpriced.exitCode, unpriced.stderr.includes('RXB4112')],
        unpriced.stderr,
      ).to.deep.equal([2, true]);
      expect(server.requests).to.have.length(0);
    });
  });

  it('give a part of the logits to routers that make do with it, marked on the board, and are refused to the others', async () => {
    await inServedProject({}, async ({ rxb, configure }) => {
      await configure(
        { topLogprobs: 12 },
        { routers: ['entropy', 'logits-margin', 'top10-variance', 'confidence-margin'] },
      );
      const ran = await rxb('run', '--limit', '20');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(ran.stdout).to.include('from logits of the 12 likeliest tokens only');
      await configure({ topLogprobs: 8 }, { routers: ['max-logits', 'top10-variance', 'entropy'] });
      const refused = await rxb('run', '--limit', '20');
      expect(refused.exitCode).to.equal(2);
      expect(refused.stderr)
        .to.match(/RXB4110 Router "max-logits" needs the whole vocabulary/)
        .and.to.match(/RXB4110 Router "top10-variance" needs the 10 likeliest tokens/)
        .and.not.to.include('"entropy"');
    });
  });

  it('that fail on every row end the run with 3, the reason and what to do, also in the next call; a new address asks again', async () => {
    const faults = { rate: 1, kinds: ['error'] } as const;
    await inServedProject({ faults }, async ({ rxb, configure, server }) => {
      await configure({ retries: 0 });
      for (const call of ['first', 'second']) {
        const ran = await rxb('run', '--limit', '10', '--quiet');
        expect(ran.exitCode, `${call}: ${ran.stderr}`).to.equal(3);
        expect(ran.stderr)
          .to.match(/RXB4116 Model "weak" failed on \d+ of \d+ rows .* RXB4106 HTTP 5\d\d/)
          .and.to.include('--retry-errors')
          .and.to.match(/^ {2}10 × RXB4106 HTTP 5\d\d.* \("test-\d+"\)$/m);
        expect(ran.stdout, call).not.to.include('0.500');
      }
      const asked = server.requests.length;
      const healthy = await startServer({ engine: recordedEngine() });
      try {
        await configure({}, {}, healthy.url);
        expect((await rxb('run', '--limit', '10')).exitCode).to.equal(0);
        expect(healthy.requests.length).to.be.greaterThan(0);
        expect(server.requests).to.have.length(asked);
      } finally {
        await healthy.close();
      }
    });
  });

  it('are paid for once by two runs at once, and none of them is stuck', async () => {
    await inServedProject({ delayMs: 20 }, async ({ rxb, server, folder }) => {
      const [first, second] = await Promise.all([rxb('run', '--json'), rxb('run', '--json')]);
      expect([first.exitCode, second.exitCode], first.stderr + second.stderr).to.deep.equal([0, 0]);
      expect(server.requests).to.have.length(320);
      const files = await filesUnder(folder, (path) => path.startsWith('node_modules'));
      expect(Object.keys(files).filter((path) => path.endsWith('.lock'))).to.deep.equal([]);
    });
  });

  it('need no key for commands that ask nothing', async () => {
    await inServedProject({ key: KEY }, async ({ rxb, folder, server }) => {
      const keyless = rxbIn(folder, { env: { CANARY: '' } });
      const refused = await keyless('run');
      expect([refused.exitCode, refused.stderr.includes('RXB1004')]).to.deep.equal([2, true]);
      const dry = await keyless('run', '--dry-run', '--json');
      expect(JSON.parse(dry.stdout), dry.stderr).to.deep.include({ calls: 320, cached: 0 });
      expect(server.requests).to.have.length(0);
      expect((await rxb('prepare')).exitCode).to.equal(0);
      for (const args of [
        ['eval'],
        ['run', '--offline'],
        ['prepare', '--check'],
        ['cache', 'ls'],
      ]) {
        const ran = await keyless(...args);
        expect(ran.exitCode, `${args.join(' ')}: ${ran.stderr}`).to.equal(0);
      }
    });
  });
});
