/**
 * The examples that need a server or a GPU: what doctor reports for them, and a whole run with only
 * the environment changed.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { inTemporaryFolder } from '../support/temporary.js';
import { embeddedEngine } from '../support/openai-server/embedded-engine.js';
import type { Engine } from '../support/openai-server/engine.js';
import { startServer } from '../support/openai-server/server.js';
import { writeVllm } from '../support/openai-server/vllm.js';
import { install } from '../support/installed.js';
import { RXB, type Finished } from '../support/rxb.js';

const KEY = 'canary-9c31';
const ABSENT = { OPENAI_BASE_URL: '', OPENAI_API_KEY: '', HF_TOKEN: '' };
/** A PATH with only node: no vllm, no nvidia-smi. */
const BARE = dirname(process.execPath);

/** Runs `rxb` in the folder of an example; its results are written elsewhere. */
const inExample = async (
  example: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [RXB, ...args], {
    cwd: resolve('examples', example),
    reject: false,
    env: { ...ABSENT, ...env, CI: '1' },
  });
  return { exitCode, stdout, stderr };
};

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly detail: string;
  readonly fix?: string;
}
/** What doctor reports for an example, by subject. */
const doctorIn = async (
  example: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | undefined; readonly of: (what: string) => Finding }> => {
  const { exitCode, stdout, stderr } = await inExample(example, ['doctor', '--json'], env);
  const findings = JSON.parse(stdout) as readonly Finding[];
  return {
    exitCode,
    of: (what) => {
      const found = findings.find((finding) => finding.what === what);
      if (found === undefined)
        throw new Error(`doctor reports nothing about ${what}: ${stdout} ${stderr}`);
      return found;
    },
  };
};

/** The embedded pair under the names of the example's models. */
const servePair = async (
  names: readonly [string, string],
): Promise<{
  readonly url: string;
  readonly asked: () => number;
  readonly close: () => Promise<void>;
}> => {
  const [weak, strong] = await Promise.all(
    ['weak', 'strong'].map(async (folder) => await embeddedEngine(resolve('models/tiny', folder))),
  );
  if (weak === undefined || strong === undefined) throw new Error('two models were opened');
  // The small models were not trained on system messages.
  const named = (engine: Engine, name: string): Engine => ({
    ...engine,
    models: [name],
    write: async (start, writing) =>
      await engine.write(
        start.form === 'chat'
          ? { ...start, messages: start.messages.filter(({ role }) => role !== 'system') }
          : start,
        { ...writing, temperature: 0 },
      ),
  });
  const server = await startServer({
    engine: named(weak, names[0]),
    engines: [named(strong, names[1])],
    key: KEY,
  });
  return {
    url: server.url,
    asked: () => server.requests.length,
    close: async () => {
      await server.close();
      await Promise.all([weak.close(), strong.close()]);
    },
  };
};

describe('examples/openai-pair', () => {
  it('doctor reports which variables are not set, and that nothing listens', async () => {
    const bare = await doctorIn('openai-pair', {});
    expect(bare.exitCode).to.equal(2);
    for (const model of ['model weak', 'model strong']) {
      expect(bare.of(model)).to.deep.include({
        state: 'fail',
        fix: 'Set it in the environment or in .env.',
      });
      expect(bare.of(model).detail).to.equal(
        'RXB1004 The environment variable OPENAI_BASE_URL is not set, but baseUrl needs it. · RXB1004 The environment variable OPENAI_API_KEY is not set, but apiKey needs it.',
      );
    }
    expect(bare.of('model encoder').state).to.equal('ok');
    const alone = await doctorIn('openai-pair', {
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      OPENAI_API_KEY: KEY,
    });
    expect(alone.of('model weak').detail).to.include(
      'RXB4101 Cannot reach any server of model "gpt-5-nano" (http://127.0.0.1:9/v1)',
    );
    expect(alone.of('model weak').fix).to.include('Start the server or fix `baseUrl`');
    expect(alone.of('prices').detail).to.match(
      /^known for weak, strong, looked up on \d{4}-\d\d-\d\d$/,
    );
    const wrong = await doctorIn('openai-pair', {
      OPENAI_BASE_URL: 'api.openai.com',
      OPENAI_API_KEY: KEY,
    });
    expect(wrong.of('model weak').detail).to.include(
      'OPENAI_BASE_URL: it must be an http or https address',
    );
  });

  it('runs to its leaderboard with another server, with only two variables changed', async () => {
    const pair = await servePair(['gpt-5-nano', 'gpt-5']);
    try {
      await inTemporaryFolder(async (results) => {
        const env = { OPENAI_BASE_URL: pair.url, OPENAI_API_KEY: KEY };
        const doctor = await doctorIn('openai-pair', env);
        expect([
          doctor.exitCode,
          doctor.of('model weak').detail,
          doctor.of('prices').state,
        ]).to.deep.equal([0, `openai, gpt-5-nano at ${pair.url}, supports generate`, 'ok']);
        const refused = await doctorIn('openai-pair', { ...env, OPENAI_API_KEY: 'wrong' });
        expect([refused.exitCode, refused.of('model weak').state]).to.deep.equal([2, 'fail']);
        const dry = await inExample(
          'openai-pair',
          ['run', '--dry-run', '--limit', '40', '--results', results, '--json'],
          env,
        );
        expect(
          (JSON.parse(dry.stdout) as { readonly calls: number }).calls,
          dry.stderr,
        ).to.be.greaterThan(100);
        expect(pair.asked()).to.equal(0);
        const ran = await inExample(
          'openai-pair',
          ['run', '--limit', '40', '--results', results, '--budget-usd', '2', '--json'],
          env,
        );
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const report = JSON.parse(ran.stdout) as {
          readonly board: {
            readonly rows: readonly {
              readonly router: string;
              readonly metrics: Readonly<
                Record<string, Readonly<Record<string, { readonly value: number | null }>>>
              >;
            }[];
          };
          readonly spend: { readonly usd: number };
        };
        const getRank = (router: string): number | null | undefined =>
          report.board.rows.find((row) => row.router === router)?.metrics['tiny-arithmetic']?.[
            'auroc'
          ]?.value;
        for (const router of ['prompt-length', 'knn', 'logistic'])
          expect(getRank(router), router).to.be.a('number');
        expect(report.spend.usd).to.be.greaterThan(0);
        const written = (await readdir(results, { recursive: true })).filter((name) =>
          /\.(json|jsonl|md|svg)$/.test(name),
        );
        expect(written.filter((name) => basename(name) === 'leaderboard.json')).to.have.length(1);
        for (const name of written)
          expect(await readFile(join(results, name), 'utf8'), name).not.to.include(KEY);
      });
    } finally {
      await pair.close();
    }
    expect(await readdir('examples/openai-pair')).not.to.include('results');
  });
});

describe('an example that was copied elsewhere', () => {
  it('asks to install the package there, and then lacks only keys and hardware', async () => {
    await inTemporaryFolder(async (folder) => {
      const said = async (example: string): Promise<string> => {
        const { exitCode, stdout } = await execa('npx', ['rxb', 'doctor'], {
          cwd: join(folder, example),
          reject: false,
          env: { ...ABSENT, CI: '1', PATH: `${BARE}:/bin:/usr/bin` },
        });
        expect(exitCode).to.equal(2);
        return stdout
          .split('\n')
          .filter((line) => line.startsWith('✖'))
          .join('\n');
      };
      await cp('examples/openai-pair', join(folder, 'openai-pair'), { recursive: true });
      const { exitCode, stderr } = await execa(process.execPath, [RXB, 'run'], {
        cwd: join(folder, 'openai-pair'),
        reject: false,
      });
      expect(
        [
          exitCode,
          stderr.includes(
            'it imports routerxbench, which is not installed in its folder; run `npm install routerxbench` there.',
          ),
        ],
        stderr,
      ).to.deep.equal([2, true]);

      await install(folder);
      await cp(join(folder, 'node_modules/routerxbench/examples'), folder, { recursive: true });
      expect(await said('openai-pair')).to.match(
        /^✖ fail model weak: RXB1004 The environment variable OPENAI_BASE_URL .*\n✖ fail model strong: RXB1004 .*$/,
      );
      expect(
        (await said('vllm-llama-gpt5'))
          .split('\n')
          .map((line) => /^✖ fail (model \w+): RXB(1004|4010)/.exec(line)?.[1]),
      ).to.deep.equal(['model weak', 'model strong', 'model judge', 'model xverify']);
    });
  });
});

describe('examples/vllm-llama-gpt5', () => {
  it('doctor reports everything that is missing: keys, vLLM, GPUs, prices', async () => {
    const bare = await doctorIn('vllm-llama-gpt5', { PATH: BARE });
    expect(bare.exitCode).to.equal(2);
    expect(bare.of('model weak').detail)
      .to.include(
        'RXB1004 The environment variable HF_TOKEN is not set, but env.HF_TOKEN needs it.',
      )
      .and.to.include('RXB4010')
      .and.to.include(
        'Cannot start "vllm" to serve model "llama-3.1-8b-instruct": it is not on the PATH',
      )
      .and.to.include('RXB4018')
      .and.to.include('needs GPU 0');
    expect(bare.of('model weak').fix)
      .to.include('.env')
      .and.to.include('pip install vllm')
      .and.to.include('Fix the option `gpus`');
    for (const model of ['model strong', 'model judge'])
      expect(bare.of(model).detail).to.equal(
        'RXB1004 The environment variable OPENAI_API_KEY is not set, but apiKey needs it.',
      );
    expect(bare.of('model xverify').detail).to.include('RXB4010').and.to.include('needs GPU 1');
    expect(bare.of('prices')).to.deep.include({
      state: 'warn',
      detail: 'unknown for weak, xverify: their cost is null, and --budget-usd is refused',
    });
  });

  it('doctor finds vLLM and the GPUs, and reports which GPU is missing', async () => {
    await inTemporaryFolder(async (bin) => {
      await writeVllm(bin);
      const list = async (...gpus: readonly number[]): Promise<void> => {
        await writeFile(
          join(bin, 'nvidia-smi'),
          `#!/bin/sh\n${gpus.map((gpu) => `echo '${gpu}, GPU-${gpu}'`).join('\n')}\n`,
        );
        await chmod(join(bin, 'nvidia-smi'), 0o755);
      };
      const env = { PATH: `${bin}:/bin:/usr/bin`, HF_TOKEN: KEY, OPENAI_API_KEY: KEY };
      await list(0, 1);
      const both = await doctorIn('vllm-llama-gpt5', env);
      expect(both.of('model weak')).to.deep.include({
        state: 'ok',
        detail: `vllm, llama-3.1-8b-instruct, to be started by ${join(bin, 'vllm')} at http://127.0.0.1:8000/v1, supports generate, top-logprobs, choice-logprobs, hidden-states`,
      });
      await list(0);
      const one = await doctorIn('vllm-llama-gpt5', env);
      expect(one.of('model weak').state).to.equal('ok');
      expect(one.of('model xverify').detail).to.include(
        'RXB4018 Model "xVerify" needs GPU 1, but not all of them are available: nvidia-smi lists 0',
      );
    });
  });

  it('has a plan that lacks only the files of its datasets', async () => {
    await inTemporaryFolder(async (folder) => {
      const ran = await inExample(
        'vllm-llama-gpt5',
        ['run', '--dry-run', '--offline', '--limit', '5', '--json', '--results', folder],
        { HF_TOKEN: KEY, OPENAI_API_KEY: KEY, XDG_CACHE_HOME: folder },
      );
      const { errors } = JSON.parse(ran.stdout) as {
        readonly errors: readonly { readonly code: string }[];
      };
      expect([...new Set(errors.map(({ code }) => code))]).to.deep.equal(['RXB3106']);
      expect(errors).to.have.length(22);
      const commands = await inExample('vllm-llama-gpt5', ['serve', '--print'], {});
      expect(commands.stdout.split('\n').map((line) => line.slice(0, 89))).to.deep.equal([
        'CUDA_VISIBLE_DEVICES=0 HF_TOKEN="$HF_TOKEN" vllm serve meta-llama/Llama-3.1-8B-Instruct --served-model-name'.slice(
          0,
          89,
        ),
        'CUDA_VISIBLE_DEVICES=1 vllm serve IAAR-Shanghai/xVerify-9B-C --served-model-name xVerify --host'.slice(
          0,
          89,
        ),
      ]);
    });
  });
});
