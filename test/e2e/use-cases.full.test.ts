/** What went wrong when version 0.1 was used as its users would; by the number of the case. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { inToyProject, type ToyProject } from '../support/toy-project.js';
import { rxb as rxbIn } from '../support/rxb.js';

const router = (name: string, body: string, needs = ''): string =>
  `export const R${name} = defineRouter({ name: '${name}', summary: 's', needs: [${needs}] }, () => ({ ${body} }));\n`;

const HEAD = `import { defineRouter } from 'routerxbench';\n`;

/** The toy project with a third-party package `mine`. */
const withMine = async (
  code: string,
  over: object,
  work: (project: ToyProject) => Promise<void>,
): Promise<void> =>
  await inToyProject(
    async (project) => {
      await writeFiles(project.folder, {
        'mine/package.json': JSON.stringify({
          name: 'rxb-mine',
          version: '1.0.0',
          type: 'module',
          harness: { plugins: 'src' },
          dependencies: { 'onnxruntime-node': '*' },
        }),
        'mine/src/mine.js': HEAD + code,
      });
      await work(project);
    },
    { plugins: ['./toy-plugins', './mine'], limit: 12, ...over },
  );

/** The failures of a run, and which rows its leaderboard has. */
const readReport = (stdout: string) => {
  const { failures, board } = JSON.parse(stdout) as {
    readonly failures: readonly { readonly code: string; readonly router?: string }[];
    readonly board: { readonly rows: readonly { readonly router: string }[] };
  };
  return {
    codes: failures.map(({ code }) => code).sort(),
    rows: board.rows.map(({ router: name }) => name),
  };
};

/** Serves HTTP while work is done. */
async function withServer(
  listener: RequestListener,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('use', function () {
  this.timeout(300_000);

  it('04: a fit that exits, waits or takes too much memory costs its own row', async () => {
    const fit = (name: string, body: string): string =>
      router(name, `fit: async () => { ${body} }, restore: () => {}, score: () => 1`);
    await withMine(
      fit('exits', 'process.exit(3);') +
        fit('waits', 'await new Promise(() => setTimeout(() => {}, 1e6));') +
        fit('grows', 'const all = []; for (;;) all.push(new Float64Array(1e6).fill(1));'),
      {
        isolation: { inProcess: ['toy-plugins'], fitSeconds: 4, memoryMiB: 300 },
        protocol: { trainingSeeds: [1], search: 1 },
        routers: ['exits', 'waits', 'grows', 'prompt-length'],
      },
      async ({ rxb }) => {
        const ran = await rxb('run', '--json');
        expect(ran.exitCode, ran.stderr).to.equal(2);
        const { codes, rows } = readReport(ran.stdout);
        expect(codes).to.deep.equal(['RXB2202', 'RXB2204', 'RXB2205']);
        expect(rows).to.include('prompt-length');
      },
    );
  });

  it('04: so does a fit that reports progress for ever', async () => {
    const forever =
      'for (;;) { progress({ epoch: 1, epochs: 2 }); await new Promise((next) => setTimeout(next, 5)); }';
    await withMine(
      router(
        'talks',
        `fit: async (train, validation, { progress }) => { ${forever} }, restore: () => {}, score: () => 1`,
      ),
      {
        isolation: { inProcess: ['toy-plugins'], fitSeconds: 0.6 },
        protocol: { trainingSeeds: [1], search: 1 },
        routers: ['talks', 'prompt-length'],
      },
      async ({ rxb }) => {
        const ran = await rxb('run', '--json');
        const { codes, rows } = readReport(ran.stdout);
        expect(codes, ran.stderr.slice(-2000)).to.deep.equal(['RXB2204']);
        expect(rows).to.include('prompt-length');
      },
    );
  });

  it('05: a trusted package loads native code, and its row is unverified', async () => {
    await withMine(
      `import 'onnxruntime-node';\n${router('mine', 'score: ({ query }) => query.text.length')}`,
      { isolation: { inProcess: ['toy-plugins'] }, routers: ['mine', 'prompt-length'] },
      async ({ folder, rxb }) => {
        await mkdir(join(folder, 'mine/node_modules'));
        await symlink(
          resolve('node_modules/onnxruntime-node'),
          join(folder, 'mine/node_modules/onnxruntime-node'),
        );
        const trusted = await rxb('run', '--quiet', '--trust', './mine');
        expect(trusted.exitCode, trusted.stderr).to.equal(0);
        expect(trusted.stdout).to.include('unverified: rxb-mine ran with --trust');
        const not = await rxb('run', '--quiet');
        expect([not.exitCode, not.stderr.includes('RXB2001')], not.stderr).to.deep.equal([2, true]);
      },
    );
  });

  it('06: a failure says what the sandbox refused, which signal is not declared, and the line', async () => {
    const scores = (name: string, body: string): string =>
      router(name, `score: ({ query, signals }) => ${body}`);
    await withMine(
      `import { readFileSync } from 'node:fs';\nimport { execSync } from 'node:child_process';\n` +
        router('calls', `scoreBatch: async () => { await fetch('https://api.example.com'); }`) +
        scores('reads', `readFileSync('/etc/hostname').length`) +
        scores('starts', `execSync('echo 1').length`) +
        scores('undeclared', 'signals.logits[0]') +
        scores('prints', `{ console.log('said before'); throw new Error('boom'); }`),
      {
        isolation: { inProcess: ['toy-plugins'] },
        routers: ['calls', 'reads', 'starts', 'undeclared', 'prints', 'prompt-length'],
      },
      async ({ folder, rxb }) => {
        const { stderr, exitCode } = await rxb('run', '--quiet');
        expect(exitCode, stderr).to.equal(2);
        for (const [who, what] of [
          ['calls', 'the network'],
          ['reads', 'a file outside its package'],
          ['starts', 'starting a program'],
        ])
          expect(stderr).to.include(
            `RXB2208 The sandbox refused router "${who}" of rxb-mine ${what}`,
          );
        expect(stderr)
          .to.include('add logits() to its `needs`')
          .and.to.match(/mine\.js:\d+/)
          .and.to.include('said before');
        const kept = join(folder, 'results/runs/toy/prints');
        expect(await readFile(join(kept, 'output.log'), 'utf8')).to.include('said before');
        expect(await readFile(join(kept, 'failure.txt'), 'utf8')).to.include('boom');
      },
    );
  });

  it('10: a budget that is used up while requests wait after a 429 ends the run with 6', async () => {
    let requests = 0;
    const reply = JSON.stringify({
      model: 'm',
      choices: [{ index: 0, finish_reason: 'stop', message: { content: '1' } }],
      usage: { prompt_tokens: 100, completion_tokens: 10 },
    });
    await withServer(
      (request, response) => {
        request.resume();
        if (requests++ % 3 === 1) response.writeHead(429, { 'retry-after': '1' }).end('{}');
        else setTimeout(() => response.end(reply), 20);
      },
      async (baseUrl) => {
        const model = {
          use: 'openai',
          options: { model: 'm', baseUrl, concurrency: 8, topLogprobs: 0, choices: 'none' },
        };
        await inToyProject(
          async ({ rxb }) => {
            const ran = await rxb('run', '--quiet', '--budget-usd', '0.001');
            expect([ran.exitCode, ran.stderr.includes('RXB4111')], ran.stderr).to.deep.equal([
              6,
              true,
            ]);
          },
          {
            models: {
              weak: model,
              strong: { ...model, options: { ...model.options, revision: 's' } },
            },
            routers: ['prompt-length'],
            prices: { date: '2026-01-01', models: { m: { input: 1, output: 1 } } },
          },
        );
      },
    );
  });

  it('15: a wrong key is called so by doctor too, and --dry-run needs none', async () => {
    await withServer(
      (request, response) => {
        request.resume();
        response.writeHead(401).end('{"error":{"message":"no such key"}}');
      },
      async (baseUrl) => {
        const model = {
          use: 'openai',
          options: { model: 'm', baseUrl, apiKey: { env: 'MY_KEY' } },
        };
        await inToyProject(
          async ({ folder }) => {
            const dry = await rxbIn(folder, ['run', '--dry-run']);
            expect(dry.exitCode, dry.stderr).to.equal(0);
            for (const command of ['doctor', 'run']) {
              const { stdout, stderr } = await rxbIn(folder, [command], { MY_KEY: 'wrong' });
              expect(stdout + stderr, command)
                .to.include('RXB4102')
                .and.not.to.include('wrong');
            }
          },
          { models: { weak: model, strong: { use: 'toy-strong' } }, routers: ['prompt-length'] },
        );
      },
    );
  });

  it('19: the limit for confidences holds for a query, not for all of them', async () => {
    await withMine(
      router(
        'slow',
        'score: ({ query }) => { for (const end = Date.now() + 300; Date.now() < end;); return -query.text.length; }',
      ),
      {
        isolation: { inProcess: ['toy-plugins'], scoreSeconds: 2 },
        routers: ['slow', 'prompt-length'],
      },
      async ({ rxb }) => {
        const ran = await rxb('run', '--json');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(readReport(ran.stdout).rows).to.include('slow');
      },
    );
  });

  it('20: a typo in the field map names the columns and `fields`', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'rows.csv': 'Nr,Question,Answer\n1,What is 1 + 1?,2\n',
        'harness.config.json': JSON.stringify({
          name: 'c',
          models: {
            weak: { use: 'onnx', options: { folder: resolve('models/tiny/weak') } },
            strong: { use: 'onnx', options: { folder: resolve('models/tiny/strong') } },
          },
          datasets: {
            inDomain: [
              {
                use: 'csv',
                as: 'rows',
                options: {
                  file: 'rows.csv',
                  licence: 'x',
                  fields: { prompt: 'question', reference: 'Answer' },
                },
              },
            ],
          },
          routers: ['prompt-length'],
        }),
      });
      const { stderr, exitCode } = await rxbIn(folder, ['prepare', '--check']);
      expect(exitCode).to.equal(2);
      expect(stderr).to.include('name one of its columns in `fields`: "Nr", "Question", "Answer"');
    });
  });

  it('21: two runs that differ in --limit are refused with that reason alone', async () => {
    await inToyProject(async ({ rxb }) => {
      await rxb('run', '--quiet', '--name', 'whole');
      await rxb('run', '--quiet', '--name', 'short', '--limit', '40');
      const { stderr, exitCode } = await rxb('compare', 'short', 'whole');
      expect(exitCode).to.equal(2);
      expect(stderr).to.match(/RXB8001 .*differs \(--limit\): 40 and all rows\.\n/);
      expect(stderr.match(/RXB\d+/g)).to.have.length(1);
    });
  });
});
