import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type {
  HarnessError,
  Model,
  ModelContext,
  ModelPrompt,
  Outcome,
} from '../../../../core/index.js';
import { Ledger } from '../../../../pipeline/spending/ledger.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { OpenAi } from '../../../../plugins/models/openai.js';
import { modelContract } from '../../../../testing/index.js';
import { rejection } from '../../../support/temporary.js';
import { embeddedEngine } from '../../../support/openai-server/embedded-engine.js';
import type { FaultPlan } from '../../../support/openai-server/faults.js';
import { recordedEngine, recordedText } from '../../../support/openai-server/recorded-engine.js';
import {
  startServer,
  type RunningServer,
  type ServerSettings,
} from '../../../support/openai-server/server.js';
import { createInstance } from '../../../support/instance.js';

const WEAK = resolve('models/tiny/weak');
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const chat = (content: string): ModelPrompt => ({
  form: 'chat',
  messages: [{ role: 'user', content }],
});
const GREEDY = { maxTokens: 24, temperature: 0 };
const QUERIES = [
  'What is 7 + 5?',
  'Compute 48 minus 19.',
  'Reverse the word "banana".',
  'Étrange, ça: 日本 😀?',
];

const values = <T>(outcomes: readonly Outcome<T>[] | undefined): readonly T[] =>
  (outcomes ?? []).map((outcome) => {
    if (!outcome.ok) throw new Error(`${outcome.code} ${outcome.message}`);
    return outcome.value;
  });

const engine = await embeddedEngine(WEAK, resolve('models/tiny/encoder'));
const embedded = await startServer({ engine });
after(async () => {
  await embedded.close();
  await engine.close();
});

const model = (options: object): Model =>
  createInstance('model', OpenAi, { model: 'weak', baseUrl: embedded.url, ...options });
const using = async <T>(backend: Model, work: (backend: Model) => Promise<T>): Promise<T> => {
  try {
    return await work(backend);
  } finally {
    await backend.close?.();
  }
};

/** A model on its own servers, which return recorded answers. */
const served = async <T>(
  settings: readonly Partial<ServerSettings>[],
  options: object,
  work: (backend: Model, servers: readonly RunningServer[]) => Promise<T>,
): Promise<T> => {
  const servers = await Promise.all(
    settings.map((backend) => startServer({ engine: recordedEngine(), ...backend })),
  );
  try {
    return await using(
      createInstance('model', OpenAi, {
        model: 'recorded',
        baseUrl: servers.map(({ url }) => url),
        ...options,
      }) as Model,
      (backend) => work(backend, servers),
    );
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
};
const prompts = (count: number): readonly ModelPrompt[] =>
  Array.from({ length: count }, (_, i) => chat(`question ${i}`));

modelContract(OpenAi, {
  options: {
    model: 'weak',
    baseUrl: embedded.url,
    embedding: { dim: 128 },
    choices: 'prompt-logprobs',
  },
  queries: QUERIES,
  tolerance: 1e-4,
});

describe('openai', () => {
  it('returns what the model returns in this process: texts, log-probabilities, choices, embeddings', async () => {
    const local = createInstance('model', Onnx, { folder: WEAK }) as Model;
    const encoder = createInstance('model', Onnx, { folder: 'models/tiny/encoder' }) as Model;
    await using(model({ embedding: { dim: 128 }, choices: 'prompt-logprobs' }), async (remote) => {
      const both = async <T>(
        ask: (backend: Model) => Promise<readonly Outcome<T>[]> | undefined,
        other: Model = local,
      ): Promise<readonly [readonly T[], readonly T[]]> => [
        values(await ask(other)),
        values(await ask(remote)),
      ];
      const [here, there] = await both((backend) =>
        backend.generate?.(QUERIES.map(chat), GREEDY, context),
      );
      here.forEach(([backend], i) => {
        expect(there[i]?.[0]?.text).to.equal(backend?.text);
        expect(there[i]?.[0]).to.include({
          finish: backend?.finish,
          promptTokens: backend?.promptTokens,
          completionTokens: backend?.completionTokens,
        });
        backend?.tokenLogprobs.forEach((value, at) =>
          expect(there[i]?.[0]?.tokenLogprobs[at]).to.be.closeTo(value, 1e-4),
        );
      });
      const [chosenHere, chosenThere] = await both((backend) =>
        backend.choose?.(QUERIES.map(chat), ['12', 'no', 'perhaps 3'], context),
      );
      chosenHere.forEach((backend, i) =>
        backend.forEach((value, at) => expect(chosenThere[i]?.[at]).to.be.closeTo(value, 1e-3)),
      );
      const [vectorsHere, vectorsThere] = await both(
        (backend) => backend.embed?.(QUERIES, context),
        encoder,
      );
      vectorsHere.forEach((backend, i) =>
        backend.forEach((value, at) => expect(vectorsThere[i]?.[at]).to.be.closeTo(value, 1e-4)),
      );
    });
    await local.close?.();
    await encoder.close?.();
  });
});

describe('openai with failing servers', () => {
  const FAULTY: FaultPlan = { seed: 3, rate: 0.4, stormMs: 20 };
  const PATIENT = { timeoutSeconds: 0.15, retries: 12, concurrency: 32, backoffSeconds: 0.005 };
  const answers = (
    outcomes: readonly Outcome<readonly { readonly text: string }[]>[] | undefined,
  ): readonly (string | undefined)[] => values(outcomes).map(([first]) => first?.text);
  const right = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => recordedText(`question ${i}`));

  for (const kind of ['throttle', 'error', 'reset', 'slow', 'truncated', 'silence'] as const) {
    it(`receives every answer: ${kind}`, async () => {
      await served(
        [{ faults: { ...FAULTY, kinds: [kind] } }],
        PATIENT,
        async (backend, [server]) => {
          const count = kind === 'silence' ? 10 : 24;
          expect(answers(await backend.generate?.(prompts(count), GREEDY, context))).to.deep.equal(
            right(count),
          );
          expect(server?.faults.get(kind)).to.be.greaterThan(2);
        },
      );
    });
  }

  for (const retryAfter of ['seconds', 'date', 'none'] as const) {
    it(`waits as long as a 429 asks, given as ${retryAfter}`, async () => {
      await served(
        [{ faults: { seed: 1, rate: 0.3, kinds: ['throttle'], stormMs: 20, retryAfter } }],
        { concurrency: 4 },
        async (backend) => {
          expect(answers(await backend.generate?.(prompts(8), GREEDY, context))).to.deep.equal(
            right(8),
          );
        },
      );
    });
  }

  it('sends no request while the server asked to wait', async () => {
    await served(
      [
        {
          faults: {
            seed: 2,
            rate: 0.5,
            kinds: ['throttle'],
            stormMs: 30,
            retryAfter: 'milliseconds',
          },
        },
      ],
      { concurrency: 1 },
      async (backend, [server]) => {
        const outcomes = (await backend.generate?.(prompts(12), GREEDY, context)) ?? [];
        const sent = outcomes.reduce((sum, { call }) => sum + (call?.requests ?? 0), 0);
        expect(answers(outcomes)).to.deep.equal(right(12));
        expect(
          sent,
          'one request that triggered the 429 or was answered, none in between',
        ).to.equal(12 + (server?.faults.get('throttle') ?? 0));
      },
    );
  });

  it('sends fewer concurrent requests if the server accepts fewer', async () => {
    await served([{ capacity: 6, delayMs: 2 }], { concurrency: 64 }, async (backend, [server]) => {
      const first = (await backend.generate?.(prompts(120), GREEDY, context)) ?? [];
      const second = (await backend.generate?.(prompts(120), GREEDY, context)) ?? [];
      expect(answers(first)).to.deep.equal(right(120));
      const refused = (outcomes: typeof first): number =>
        outcomes.reduce((sum, { call }) => sum + (call?.requests ?? 0) - 1, 0);
      expect(refused(second)).to.be.below(60);
      expect(server?.mostAtOnce()).to.be.at.most(64);
    });
  });

  it('loses nothing if one of its servers disappears, and distributes work among the others', async () => {
    await served(
      [{ delayMs: 3 }, { delayMs: 3 }],
      { concurrency: 8 },
      async (backend, [first, second]) => {
        let finished = 0;
        let closing: Promise<void> | undefined;
        const advance = (): void => {
          if (++finished === 40) closing = first?.close();
        };
        expect(
          answers(await backend.generate?.(prompts(160), GREEDY, { ...context, advance })),
        ).to.deep.equal(right(160));
        await closing;
        expect(finished).to.equal(160);
        expect(first?.requests.length).to.be.greaterThan(10);
        expect(second?.requests.length).to.be.greaterThan(80);
      },
    );
  });

  it('records a request that fails repeatedly as a failed row, and continues', async () => {
    await served(
      [{ faults: { rate: 1, kinds: ['truncated'] } }],
      { retries: 1, backoffSeconds: 0.005 },
      async (backend) => {
        const outcomes = await backend.generate?.(prompts(3), GREEDY, context);
        expect(outcomes?.map((outcome) => (outcome.ok ? 'ok' : outcome.code))).to.deep.equal([
          'RXB4106',
          'RXB4106',
          'RXB4106',
        ]);
      },
    );
  });

  it('records a prompt that the server rejects as a failed row', async () => {
    await served([{}], {}, async (backend) => {
      const [good, bad] =
        (await backend.generate?.(
          [chat('hello'), chat('say the forbidden word')],
          GREEDY,
          context,
        )) ?? [];
      expect(good?.ok).to.equal(true);
      expect(bad).to.include({ ok: false, code: 'RXB4107' });
    });
  });

  const fatal: readonly (readonly [string, string, Partial<ServerSettings>, object])[] = [
    ['the key is wrong', 'RXB4102', { key: 'right' }, { apiKey: { env: 'PATH' } }],
    ['the server has no such model', 'RXB4103', {}, { model: 'unheard-of' }],
    [
      'another model answers from the start',
      'RXB4104',
      { faults: { rate: 1, kinds: ['wrong-model'] } },
      {},
    ],
  ];
  for (const [what, code, settings, options] of fatal) {
    it(`ends all work if ${what}: ${code}`, async () => {
      await served([settings], options, async (backend, [server]) => {
        const error = await rejection(
          Promise.resolve(backend.generate?.(prompts(200), GREEDY, context)),
        );
        expect(error.code).to.equal(code);
        expect(error.message).not.to.include(process.env['PATH']);
        expect(server?.requests.length).to.be.below(100);
      });
    });
  }

  it('ends all work if nothing listens: RXB4101', async () => {
    const server = await startServer({ engine: recordedEngine() });
    await server.close();
    await using(model({ baseUrl: server.url }), async (backend) => {
      const error = await rejection(
        Promise.resolve(backend.generate?.(prompts(3), GREEDY, context)),
      );
      expect(error.code).to.equal('RXB4101');
      expect(error.message).to.include(server.url);
    });
  });

  it('accepts an answer under another name only if the options allow it', async () => {
    const engine = recordedEngine('recorded', 'recorded-2026-01-01');
    await served(
      [{ engine, faults: { seed: 1, rate: 0.2, kinds: ['wrong-model'] } }],
      {},
      async (backend) => {
        await backend.generate?.([chat('first')], GREEDY, context).catch(() => undefined);
        const outcomes = (await backend.generate?.(prompts(40), GREEDY, context)) ?? [];
        const codes = new Set(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.code)));
        expect([...codes].sort()).to.deep.equal(['RXB4104', 'ok']);
      },
    );
    await served(
      [{ faults: { rate: 1, kinds: ['wrong-model'] } }],
      { servedAs: ['another-model'] },
      async (backend) => {
        const [outcome] = (await backend.generate?.([chat('x')], GREEDY, context)) ?? [];
        expect(outcome?.call).to.include({
          requestedModel: 'recorded',
          servedModel: 'another-model',
        });
      },
    );
  });

  it('stops at once when told to, whatever it waits for', async () => {
    await served([{ faults: { rate: 1, kinds: ['silence'] } }], {}, async (backend) => {
      const stop = new AbortController();
      const running = rejection(
        Promise.resolve(
          backend.generate?.(prompts(100), GREEDY, { ...context, signal: stop.signal }),
        ),
      );
      setTimeout(() => stop.abort(new Error('enough')), 50);
      expect((await running).message).to.equal('enough');
    });
  });

  it('sends nothing more once a request is not admitted, and keeps those in flight', async () => {
    await served([{ delayMs: 20 }], { concurrency: 4 }, async (backend, [server]) => {
      let admitted = 0;
      let finished = 0;
      const admit = (): void => {
        if (++admitted > 10) throw new Error('spent');
      };
      const error = await rejection(
        Promise.resolve(
          backend.generate?.(prompts(50), GREEDY, { ...context, admit, advance: () => finished++ }),
        ),
      );
      expect(error.message).to.equal('spent');
      expect([server?.requests.length, finished]).to.deep.equal([10, 10]);
    });
  });
});

describe('openai: what it sends and records', () => {
  it('records requested and served model, every kind of token, and how long it took', async () => {
    await served([{}], {}, async (backend) => {
      const [outcome] = (await backend.generate?.([chat('one two three')], GREEDY, context)) ?? [];
      expect(outcome?.call).to.deep.include({
        requestedModel: 'recorded',
        servedModel: 'recorded',
        requests: 1,
      });
      expect(outcome?.call?.usage).to.deep.equal({
        prompt: 3,
        cachedPrompt: 0,
        completion: 2,
        reasoning: 0,
        details: { 'prompt_tokens_details.audio_tokens': 0 },
      });
      expect(outcome?.call?.latencyMs).to.be.greaterThan(0);
    });
  });

  it('sends the settings of the config: system message, sampling, stop, additional fields, removed fields', async () => {
    const options = {
      system: 'Be brief.',
      extraBody: { top_k: 5, temperature: null },
      maxTokensField: 'max_completion_tokens',
      logprobs: false,
    };
    await served([{}], options, async (backend, [server]) => {
      await backend.generate?.(
        [chat('x')],
        { maxTokens: 7, temperature: 0.7, topP: 0.9, seed: 4, n: 2, stop: ['END'] },
        context,
      );
      expect(server?.requests[0]?.body).to.deep.equal({
        model: 'recorded',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'x' },
        ],
        max_completion_tokens: 7,
        top_p: 0.9,
        seed: 4,
        n: 2,
        stop: ['END'],
        top_k: 5,
      });
    });
  });

  it('splits many texts into several requests if the server accepts few at once', async () => {
    await served([{}], { samplesPerRequest: 2 }, async (backend, [server]) => {
      const [outcome] =
        (await backend.generate?.(
          [chat('x')],
          { maxTokens: 7, temperature: 1, n: 5, seed: 10 },
          context,
        )) ?? [];
      expect(server?.requests.map(({ body }) => [body['n'], body['seed']])).to.deep.equal([
        [2, 10],
        [2, 11],
        [undefined, 12],
      ]);
      expect(outcome?.ok === true && outcome.value.map(({ text }) => text)).to.deep.equal(
        [
          [10, 0],
          [10, 1],
          [11, 0],
          [11, 1],
          [12, 0],
        ].map(([seed, copy]) => recordedText('x', seed, copy)),
      );
      expect(outcome?.call).to.deep.include({ requests: 3 });
      expect(outcome?.call?.usage?.completion).to.equal(10);
    });
  });

  it('returns the likeliest first tokens, and choices among them', async () => {
    const local = createInstance('model', Onnx, { folder: WEAK }) as Model;
    const [state] = values(
      await local.read?.(
        [chat(QUERIES[0] as string)],
        { logits: true, hiddenStates: false },
        context,
      ),
    );
    await local.close?.();
    const logits = [...(state?.logits ?? [])].sort((a, b) => b - a);
    const norm =
      Math.log(logits.reduce((sum, z) => sum + Math.exp(z - (logits[0] as number)), 0)) +
      (logits[0] as number);
    await using(model({ topLogprobs: 12 }), async (backend) => {
      const [top] = values(
        await backend.read?.(
          [chat(QUERIES[0] as string)],
          { logits: true, hiddenStates: false },
          context,
        ),
      );
      expect(top?.logits).to.have.length(12);
      top?.logits?.forEach((value, i) =>
        expect(value).to.be.closeTo((logits[i] as number) - norm, 1e-4),
      );
      const [written] = values(
        await backend.generate?.(
          [chat(QUERIES[0] as string)],
          { maxTokens: 1, temperature: 0 },
          context,
        ),
      );
      const first = written?.[0]?.text ?? '';
      const [chosen, missing] = [
        await backend.choose?.([chat(QUERIES[0] as string)], [first], context),
        await backend.choose?.([chat(QUERIES[0] as string)], ['unheard of'], context),
      ];
      expect(values(chosen)[0]?.[0]).to.be.closeTo(top?.logits?.[0] ?? NaN, 1e-4);
      expect(missing?.[0]).to.include({ ok: false, code: 'RXB4107' });
    });
  });

  it('renders the chat template for a completions server', async () => {
    const chatTemplate =
      "{% for message in messages %}{{ message['content'] }}{{ '\\n' }}{% endfor %}";
    await using(
      model({ api: 'completions', chatTemplate, choices: 'prompt-logprobs' }),
      async (backend) => {
        await using(model({ choices: 'prompt-logprobs' }), async (other) => {
          const ask = async (of: Model): Promise<readonly unknown[]> =>
            values(await of.generate?.(QUERIES.map(chat), GREEDY, context)).map(([one]) => [
              one?.text,
              one?.completionTokens,
            ]);
          expect(await ask(backend)).to.deep.equal(await ask(other));
          const choose = async (of: Model): Promise<readonly Float32Array[]> =>
            values(await of.choose?.(QUERIES.map(chat), ['12', 'no'], context));
          const [a, b] = [await choose(backend), await choose(other)];
          a.forEach((row, i) =>
            row.forEach((value, at) => expect(value).to.be.closeTo(b[i]?.[at] ?? NaN, 1e-3)),
          );
        });
      },
    );
    expect(() => model({ api: 'completions' }))
      .to.throw()
      .with.property('code', 'RXB2105');
  });

  it('has a fingerprint of what it requests, not of where', async () => {
    const getFingerprint = async (options: object): Promise<string> =>
      await using(model(options), async (backend) => (await backend.info()).fingerprint);
    const plain = await getFingerprint({});
    for (const same of [
      { baseUrl: 'http://elsewhere:1/v1' },
      { concurrency: 3 },
      { retries: 0 },
      { apiKey: { env: 'PATH' } },
    ])
      expect(await getFingerprint(same)).to.equal(plain);
    for (const other of [
      { model: 'b' },
      { revision: 'int4' },
      { system: 'x' },
      { extraBody: { top_k: 1 } },
      { logprobs: false },
    ])
      expect(await getFingerprint(other)).not.to.equal(plain);
  });

  it('takes keys only by the name of a variable, and reports which one is not set: RXB1004', async () => {
    for (const options of [
      { apiKey: 'sk-canary-1234' },
      { baseUrl: 'http://me:sk-canary-1234@here/v1' },
    ]) {
      let thrown: Error | undefined;
      try {
        model(options);
      } catch (error) {
        thrown = error as Error;
      }
      expect(thrown?.message).to.include('RXB2105').and.not.to.include('sk-canary-1234');
    }
    const error = (await rejection(
      Promise.resolve().then(() => model({ apiKey: { env: 'RXB_TEST_NOT_SET' } }).info()),
    )) as HarnessError;
    expect(error.code).to.equal('RXB1004');
    expect(error.problem).to.include('RXB_TEST_NOT_SET');
  });

  it('reports whether its servers are reachable and have the model', async () => {
    await served([{}, {}], {}, async (backend) =>
      expect(await backend.check?.(context.signal)).to.match(/^recorded at http.*, http/),
    );
    await served([{}], { model: 'other' }, async (backend) =>
      expect((await rejection(Promise.resolve(backend.check?.(context.signal)))).code).to.equal(
        'RXB4103',
      ),
    );
  });

  it('tells a wrong key, a faulty server and no server apart', async () => {
    const look = async (backend: Model): Promise<unknown> =>
      (await rejection(Promise.resolve(backend.check?.(context.signal)))).code;
    await served([{ key: 'another' }], {}, async (backend) =>
      expect(await look(backend)).to.equal('RXB4102'),
    );
    await served([{}], {}, async (backend, [server]) => {
      await server?.close();
      expect(await look(backend)).to.equal('RXB4101');
    });
    await answering(
      (_body, respond) => respond(500, { error: { message: 'oops' } }),
      {},
      async (backend) => expect(await look(backend)).to.equal('RXB4115'),
    );
  });
});

type Respond = (status: number, body: object, headers?: Record<string, string>) => void;

/** A model on a server that replies as it is told. */
async function answering(
  reply: (body: Readonly<Record<string, unknown>>, respond: Respond) => void,
  options: object,
  work: (backend: Model) => Promise<unknown>,
): Promise<void> {
  const server = createServer((request, response) => {
    let body = '';
    request
      .on('data', (part) => (body += String(part)))
      .on('end', () =>
        reply(JSON.parse(body || '{}') as Record<string, unknown>, (status, value, headers = {}) =>
          response
            .writeHead(status, { 'content-type': 'application/json', ...headers })
            .end(JSON.stringify(value)),
        ),
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const all = {
    model: 'm',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    backoffSeconds: 0.01,
    ...options,
  };
  try {
    await using(createInstance('model', OpenAi, all) as Model, work);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const texts = (...contents: readonly string[]): object => ({
  model: 'm',
  choices: contents.map((content, index) => ({
    index,
    message: { content },
    finish_reason: 'stop',
  })),
  usage: { prompt_tokens: 10, completion_tokens: 2 },
});

describe('openai with peculiar servers', () => {
  it('sends max_completion_tokens where the server asks for it, at once from then on', async () => {
    const fields: string[] = [];
    await answering(
      (body, respond) => {
        fields.push('max_tokens' in body ? 'old' : 'new');
        if ('max_tokens' in body)
          respond(400, {
            error: { message: "'max_tokens' is not supported. Use 'max_completion_tokens'." },
          });
        else respond(200, texts('1'));
      },
      { concurrency: 1 },
      async (backend) => {
        const outcomes = await backend.generate?.([chat('a'), chat('b')], GREEDY, context);
        expect(values(outcomes)).to.have.length(2);
        expect(fields).to.deep.equal(['old', 'new', 'new']);
      },
    );
  });

  it('asks for the texts that a server which ignores n has left out, and counts all tokens', async () => {
    await answering(
      (_body, respond) => respond(200, texts('1')),
      {},
      async (backend) => {
        const settings = { maxTokens: 4, temperature: 1, n: 3, seed: 7 };
        const [outcome] = (await backend.generate?.([chat('a')], settings, context)) ?? [];
        expect(outcome?.ok === true && outcome.value.length).to.equal(3);
        expect(outcome?.call).to.deep.include({ requests: 3 });
        expect(outcome?.call?.usage).to.deep.include({ prompt: 30, completion: 6 });
      },
    );
  });

  it('counts the tokens of replies that cannot be used', async () => {
    await answering(
      (_body, respond) => respond(200, { ...texts(), choices: [] }),
      { retries: 2 },
      async (backend) => {
        const [outcome] = (await backend.generate?.([chat('a')], GREEDY, context)) ?? [];
        expect(outcome?.ok).to.equal(false);
        expect(outcome?.call).to.deep.include({ requests: 3 });
        expect(outcome?.call?.usage).to.deep.include({ prompt: 30, completion: 6 });
      },
    );
  });

  it('does not take a missing count of tokens for 0', async () => {
    await answering(
      (_body, respond) => respond(200, { ...texts('1'), usage: { prompt_tokens: 10 } }),
      {},
      async (backend) => {
        const [outcome] = (await backend.generate?.([chat('a')], GREEDY, context)) ?? [];
        expect([outcome?.ok, outcome?.call?.usage]).to.deep.equal([true, null]);
      },
    );
  });

  it('takes a 403 for the refusal of a prompt where other prompts are answered', async () => {
    await answering(
      (body, respond) =>
        JSON.stringify(body).includes('bad')
          ? respond(403, { error: { message: 'Forbidden' } })
          : respond(200, texts('1')),
      { concurrency: 1 },
      async (backend) => {
        const outcomes = await backend.generate?.(
          [chat('good'), chat('bad'), chat('good too')],
          GREEDY,
          context,
        );
        expect(outcomes?.map(({ ok }) => ok)).to.deep.equal([true, false, true]);
      },
    );
  });

  it('ends where a server asks to wait longer than it may: RXB4118', async () => {
    await answering(
      (_body, respond) =>
        respond(429, { error: { message: 'tomorrow' } }, { 'retry-after': '86400' }),
      {},
      async (backend) => {
        const error = await rejection(
          Promise.resolve(backend.generate?.([chat('a'), chat('b')], GREEDY, context)),
        );
        expect(error.code).to.equal('RXB4118');
      },
    );
  });

  it('is never stuck where a budget is used up while requests wait after a 429', async () => {
    let n = 0;
    const ledger = new Ledger(
      { date: '2026-11-01', models: { m: { input: 1000, output: 1000 } } },
      { budgetUsd: 0.1 },
    );
    await answering(
      (_body, respond) =>
        n++ % 3 === 0
          ? respond(429, { error: { message: 'slow down' } }, { 'retry-after-ms': '20' })
          : respond(200, texts('1')),
      { concurrency: 4 },
      async (backend) => {
        const ask = async (text: string): Promise<void> => {
          let outcome: Outcome<unknown> | undefined;
          let admitted = false;
          try {
            const admit = async (): Promise<void> => {
              if (!admitted) await ledger.admit('m', 0.02, context.signal);
              admitted = true;
            };
            const asked = { ...context, admit };
            [outcome] = (await backend.generate?.([chat(text)], GREEDY, asked)) ?? [];
          } finally {
            ledger.settled('m', admitted, outcome);
          }
        };
        const ends = await Promise.allSettled(
          Array.from({ length: 40 }, (_, i) => ask(`question ${i}`)),
        );
        const codes = ends.flatMap((end) =>
          end.status === 'rejected' ? [(end.reason as HarnessError).code] : [],
        );
        expect(new Set(codes)).to.deep.equal(new Set(['RXB4111']));
        expect(ledger.spent()).to.be.within(0.08, 0.13);
      },
    );
  });
});
