import { expect } from 'chai';
import { execa } from 'execa';
import { readdir, readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { join, resolve } from 'node:path';
import type { Model, ModelContext, ModelPrompt } from '../../../../core/index.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { Vllm } from '../../../../plugins/models/vllm.js';
import {
  getGroupMembers,
  runs,
  type ProcessMark,
} from '../../../../plugins/models/_vllm/process-table.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';
import { filesUnder } from '../../../support/rxb.js';
import { recordedEngine, recordedText } from '../../../support/openai-server/recorded-engine.js';
import { startServer } from '../../../support/openai-server/server.js';
import { freePort } from '../../../support/openai-server/free-port.js';
import { writeVllm } from '../../../support/openai-server/vllm.js';
import { createInstance } from '../../../support/instance.js';

const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const chat = (content: string): ModelPrompt => ({
  form: 'chat',
  messages: [{ role: 'user', content }],
});

/** Runs a function while something other than vLLM listens on a port. */
const whileTaken = async (port: number, work: () => Promise<void>): Promise<void> => {
  const stranger = createHttpServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
  try {
    await work();
  } finally {
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  }
};

interface Bench {
  readonly folder: string;
  readonly port: number;
  readonly model: (options?: object) => Model;
  /** The recorded processes: the supervisor first. */
  readonly marks: () => Promise<readonly ProcessMark[]>;
  readonly log: () => Promise<string>;
}

/** A folder with a `vllm` in it; whatever a test leaves running is stopped. */
const withVllm = async (work: (bench: Bench) => Promise<void>): Promise<void> => {
  await inTemporaryFolder(async (folder) => {
    const command = await writeVllm(folder);
    const port = await freePort();
    const model: Bench['model'] = (options = {}) =>
      createInstance(
        'model',
        Vllm,
        { model: 'llama', command, port, stopSeconds: 3, ...options },
        folder,
      );
    const marks: Bench['marks'] = async () => {
      const names = (await readdir(join(folder, 'results/servers'))).filter((name) =>
        name.endsWith('.json'),
      );
      const records = await Promise.all(
        names.map(
          async (name) =>
            JSON.parse(await readFile(join(folder, 'results/servers', name), 'utf8')) as {
              readonly keeper: ProcessMark;
              readonly members: readonly ProcessMark[];
            },
        ),
      );
      return records.flatMap(({ keeper, members }) => [keeper, ...members]);
    };
    const log = async (): Promise<string> => {
      const logs = join(folder, 'results/logs');
      return (
        await Promise.all(
          (await readdir(logs)).map(async (name) => await readFile(join(logs, name), 'utf8')),
        )
      ).join('\n');
    };
    try {
      await work({ folder, port, model, marks, log });
    } finally {
      await model().serving?.stop();
    }
  });
};
const alive = async (marks: readonly ProcessMark[]): Promise<number> =>
  (await Promise.all(marks.map(runs))).filter(Boolean).length;
/** Waits until all of them have exited. */
const untilGone = async (marks: readonly ProcessMark[]): Promise<void> => {
  while ((await alive(marks)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
};
const answer = async (vllm: Model, question: string): Promise<string | undefined> => {
  const [outcome] =
    (await vllm.generate?.([chat(question)], { maxTokens: 8, temperature: 0 }, context)) ?? [];
  return outcome?.ok === true ? outcome.value[0]?.text : undefined;
};

describe('vllm', () => {
  it('starts its server at the first request, answers, and leaves no process when it is closed', async () => {
    await withVllm(async ({ model, marks, log, port }) => {
      const vllm = model({ gpus: [3] });
      expect((await vllm.info()).notes).to.deep.equal({ backend: 'vllm', servers: 1 });
      expect(await vllm.check?.(context.signal).catch((error: Error) => error.message)).to.include(
        'RXB4018',
      );
      expect(await answer(vllm, 'question')).to.equal(recordedText('question'));
      const running = await marks();
      expect(await alive(running)).to.be.greaterThan(1);
      await vllm.close?.();
      expect(await alive(running)).to.equal(0);
      expect(await log())
        .to.include('loading llama on GPU 3')
        .and.to.include('shutting down')
        .and.to.include('[rxb] the server has ended: exit code 0');
      expect(await getGroupMembers(running[1]?.pid ?? NaN)).to.deep.equal([]);
      expect(await model().check?.(context.signal)).to.match(
        new RegExp(`^llama, to be started by .*/vllm at http://127.0.0.1:${port}/v1$`),
      );
    });
  });

  it('keeps keys out of its log, whole or in chunks, although the server prints them, and out of everything else', async () => {
    const [key, token] = ['canary-5d20-"key"', 'canary-77aa/token'];
    Object.assign(process.env, { RXB_TEST_KEY: key, RXB_TEST_TOKEN: token });
    try {
      await withVllm(async ({ folder, model, log }) => {
        const vllm = model({
          apiKey: { env: 'RXB_TEST_KEY' },
          env: { HF_TOKEN: { env: 'RXB_TEST_TOKEN' }, VLLM_FIXTURE: 'tells' },
        });
        expect(await answer(vllm, 'q')).to.equal(recordedText('q'));
        const whileRunning = JSON.stringify(await filesUnder(folder));
        await vllm.close?.();
        const told = await log();
        expect(told)
          .to.include('INFO keys: [secret] {"token":"[secret]"}')
          .and.to.include('INFO in parts: [secret].')
          .and.to.include('https://here/?token=[secret]')
          .and.to.include('shutting down\n')
          .and.to.include('exit code 0');
        expect(whileRunning + JSON.stringify(await filesUnder(folder))).not.to.include('canary-');
      });
    } finally {
      delete process.env['RXB_TEST_KEY'];
      delete process.env['RXB_TEST_TOKEN'];
    }
  });

  it('starts nothing without requests, and reports a missing program: RXB4010', async () => {
    await withVllm(async ({ folder, model }) => {
      const vllm = model();
      await vllm.info();
      await vllm.close?.();
      expect(await readdir(folder)).not.to.include('results');
      const lacking = model({ command: 'no-such-vllm' });
      expect(
        (await rejection(Promise.resolve(lacking.check?.(context.signal)))).errors?.map(
          ({ code }) => code,
        ),
      ).to.deep.equal(['RXB4010']);
      const error = await rejection(answer(lacking, 'x'));
      expect(
        [
          error.code,
          error.message.includes(
            'Cannot start "no-such-vllm" to serve model "llama": it is not on the PATH',
          ),
        ],
        error.message,
      ).to.deep.equal(['RXB4010', true]);
      await lacking.close?.();
    });
  });

  it('reports the end of the log if the server exits at its start: RXB4012', async () => {
    await withVllm(async ({ model, marks }) => {
      const vllm = model({ env: { VLLM_FIXTURE: 'dies' } });
      const error = await rejection(answer(vllm, 'x'));
      expect(error.code).to.equal('RXB4012');
      expect(error.message)
        .to.include('Free memory on device cuda:0')
        .and.to.include('the server has ended: exit code 1');
      await vllm.close?.();
      expect(await marks(), 'no record is left').to.deep.equal([]);
    });
  });

  it('gives up and stops it if it hangs at its start: RXB4013', async () => {
    await withVllm(async ({ model, marks }) => {
      const vllm = model({ env: { VLLM_FIXTURE: 'hangs' }, startSeconds: 5 });
      const error = await rejection(answer(vllm, 'x'));
      expect(error.code).to.equal('RXB4013');
      expect(error.message)
        .to.include('within 5 s: ')
        .and.to.match(/the log ends with|its log is empty/);
      await vllm.close?.();
      expect(await marks()).to.deep.equal([]);
    });
  });

  it('kills a server that does not exit when told to, with its engine process', async () => {
    await withVllm(async ({ model, marks, log }) => {
      const vllm = model({ env: { VLLM_FIXTURE: 'deaf' }, stopSeconds: 0.3 });
      await answer(vllm, 'x');
      const running = await marks();
      await vllm.close?.();
      expect(await alive(running)).to.equal(0);
      expect(await log())
        .to.include('not now')
        .and.to.include('still there after 0.3 s and was killed');
    });
  });

  it('ends the engine process of a killed server, and fails waiting callers: RXB4012', async () => {
    await withVllm(async ({ model, marks }) => {
      const vllm = model({ patienceSeconds: 60 });
      await answer(vllm, 'x');
      const running = await marks();
      process.kill(running[1]?.pid ?? NaN, 'SIGKILL');
      await untilGone(running);
      const error = await rejection(answer(vllm, 'y'));
      expect(error.code).to.equal('RXB4012');
      expect(error.message).to.include('the server has ended: SIGKILL');
      await vllm.close?.();
    });
  });

  it('reads hidden states that its server writes, equal to those of the model in this process', async () => {
    await withVllm(async ({ folder, model, log }) => {
      const weights = resolve('models/tiny/weak');
      const vllm = model({
        weights,
        env: { VLLM_ENGINE: 'embedded' },
        hiddenStates: { depth: 4, dim: 48 },
      });
      const local = createInstance('model', Onnx, { folder: weights }) as Model;
      const [here, there] = await Promise.all(
        [local, vllm].map(
          async (one) =>
            (
              await one.read?.(
                [chat('What is 7 + 5?')],
                { logits: false, hiddenStates: true },
                context,
              )
            )?.[0],
        ),
      );
      await local.close?.();
      if (here?.ok !== true || there?.ok !== true) throw new Error(JSON.stringify([here, there]));
      expect((await vllm.info()).hiddenStates).to.deep.equal({
        indices: [0, 1, 2, 3, 4],
        dim: 48,
        unnormalised: [4],
      });
      const known = 4 * 48; // all layers except the last
      expect(there.value.hiddenStates?.length).to.equal(5 * 48);
      here.value.hiddenStates
        ?.slice(0, known)
        .forEach((value, i) => expect(there.value.hiddenStates?.[i]).to.be.closeTo(value, 1e-5));
      await vllm.close?.();
      expect(await log()).to.include(
        'extract_hidden_states/1 through ExampleHiddenStatesConnector',
      );
      expect(
        (await readdir(join(folder, 'results/hidden-states'), { recursive: true })).filter((name) =>
          name.includes('safetensors'),
        ),
      ).to.deep.equal([]);
    });
  });

  it('leaves no orphan, and no file of hidden states, if the harness itself is killed', async () => {
    await withVllm(async ({ folder, port, marks }) => {
      const script = `
        import { Vllm } from ${JSON.stringify(new URL('../../../../plugins/models/vllm.js', import.meta.url).href)};
        import { createInstance } from ${JSON.stringify(new URL('../../../support/instance.js', import.meta.url).href)};
        const own = createInstance('model', Vllm, { model: 'llama', command: './vllm', weights: ${JSON.stringify(resolve('models/tiny/weak'))}, env: { VLLM_ENGINE: 'embedded' }, hiddenStates: { depth: 4, dim: 48, folder: 'states' }, port: ${port}, stopSeconds: 3 }, ${JSON.stringify(folder)});
        await own.generate([{ form: 'chat', messages: [{ role: 'user', content: 'x' }] }], { maxTokens: 4, temperature: 0 }, { signal: new AbortController().signal, advance: () => {} });
        process.stdout.write('asked');
        for (;;) await own.generate([{ form: 'chat', messages: [{ role: 'user', content: 'y' }] }], { maxTokens: 4, temperature: 1, n: 8, seed: 1 }, { signal: new AbortController().signal, advance: () => {} });
      `;
      await writeFiles(folder, { 'harness.mjs': script });
      const harness = execa(process.execPath, [join(folder, 'harness.mjs')], {
        reject: false,
        cwd: process.cwd(),
      });
      await new Promise((resolve) => harness.stdout.once('data', resolve));
      const running = await marks();
      expect(await alive(running)).to.be.greaterThan(1);
      const states = async (): Promise<number> =>
        (await readdir(join(folder, 'states'), { recursive: true })).filter((name) =>
          name.includes('safetensors'),
        ).length;
      while ((await states()) === 0) await new Promise((again) => setTimeout(again, 20));
      harness.kill('SIGKILL');
      await harness;
      await untilGone(running);
      expect([await marks(), await states()]).to.deep.equal([[], 0]);
    });
  });

  it('stops waiting when told to, and stops what it has started', async () => {
    await withVllm(async ({ model, marks }) => {
      const vllm = model({ env: { VLLM_FIXTURE: 'hangs' } });
      const stop = new AbortController();
      const asking = rejection(
        Promise.resolve(
          vllm.generate?.(
            [chat('x')],
            { maxTokens: 4, temperature: 0 },
            { ...context, signal: stop.signal },
          ),
        ),
      );
      setTimeout(() => stop.abort(new Error('enough')), 700);
      expect((await asking).message).to.equal('enough');
      await vllm.close?.();
      expect(await marks().catch(() => [])).to.deep.equal([]);
    });
  });

  it('adopts a server of the right model, and rejects another model and another program: RXB4011', async () => {
    await withVllm(async ({ folder, model, port }) => {
      const there = await startServer({ engine: recordedEngine('other', 'llama'), port });
      try {
        const vllm = model();
        expect(await vllm.check?.(context.signal)).to.match(/^llama at /);
        expect(await answer(vllm, 'q')).to.equal(recordedText('q'));
        await vllm.close?.();
        expect(there.requests, 'a foreign server is not stopped').to.have.length(1);
        expect((await fetch(`${there.url}/models`)).status).to.equal(200);
        const wrong = model({ model: 'mistral' });
        const error = await rejection(answer(wrong, 'q'));
        expect(
          [error.code, error.message.includes('it serves other, llama')],
          error.message,
        ).to.deep.equal(['RXB4011', true]);
        await wrong.close?.();
        expect(await readdir(folder)).not.to.include('results');
      } finally {
        await there.close();
      }
      await whileTaken(port, async () => {
        const vllm = model();
        expect((await rejection(answer(vllm, 'q'))).code).to.equal('RXB4011');
        await vllm.close?.();
      });
    });
  });

  it('starts several servers as one pool, and stops all of them if one cannot start', async () => {
    await withVllm(async ({ model, marks, port }) => {
      const second = await freePort();
      const vllm = model({
        port: undefined,
        servers: [
          { port, gpus: [0] },
          { port: second, gpus: [1] },
        ],
        concurrency: 1,
      });
      expect((await vllm.info()).remote).to.include({ concurrency: 2 });
      const outcomes =
        (await vllm.generate?.(
          Array.from({ length: 12 }, (_, i) => chat(`q${i}`)),
          { maxTokens: 8, temperature: 0 },
          context,
        )) ?? [];
      expect(outcomes.map((outcome) => outcome.ok && outcome.value[0]?.text)).to.deep.equal(
        Array.from({ length: 12 }, (_, i) => recordedText(`q${i}`)),
      );
      const running = await marks();
      expect(running.length).to.be.greaterThan(3);
      await vllm.close?.();
      expect(await alive(running)).to.equal(0);
      await whileTaken(second, async () => {
        const half = model({ port: undefined, servers: [{ port }, { port: second }] });
        expect((await rejection(answer(half, 'q'))).code).to.equal('RXB4011');
        expect(await marks()).to.deep.equal([]);
        await half.close?.();
      });
    });
  });
});
