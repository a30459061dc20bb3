import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Completion, Outcome, Random } from '../../core/index.js';
import { ModelError } from '../../plugins/models/_errors.js';
import { OpenAi } from '../../plugins/models/openai.js';
import { createInstance } from '../../test/support/instance.js';
import { mutateDocument } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const PROMPT = { form: 'chat', messages: [{ role: 'user', content: 'q' }] } as const;
const CHOICES = ['A', 'B'];
const DIM = 3;

const TOKEN = {
  token: 'B',
  logprob: -0.5,
  top_logprobs: [
    { token: 'B', logprob: -0.5 },
    { token: 'A', logprob: -1 },
  ],
};
const USAGE = {
  prompt_tokens: 5,
  completion_tokens: 1,
  completion_tokens_details: { reasoning_tokens: 0 },
};
const GENERATED = {
  model: 'm',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'B', reasoning_content: 'thought' },
      logprobs: { content: [TOKEN] },
    },
  ],
  usage: USAGE,
};
const PARTS = {
  ...GENERATED,
  choices: [
    {
      index: 0,
      finish_reason: 'length',
      message: {
        content: [
          { type: 'thinking', thinking: [{ text: 't' }] },
          { type: 'text', text: 'B' },
        ],
      },
    },
  ],
};
const EMBEDDED = {
  model: 'm',
  data: [{ index: 0, embedding: [0.5, -1, 2] }],
  usage: { prompt_tokens: 2, total_tokens: 2 },
};

function requireThat(right: boolean, problem: string): void {
  if (!right) throw new WrongValue(problem);
}
const isFloats = (value: unknown, length: number): boolean =>
  value instanceof Float32Array && value.length === length && value.every(Number.isFinite);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** Whether the texts are what scorers and routers can read. */
function checkTexts(texts: readonly Completion[]): void {
  requireThat(texts.length === 1, 'another number of texts');
  for (const { text, thinking, tokenLogprobs, finish, promptTokens, completionTokens } of texts) {
    requireThat(typeof text === 'string', 'a text is no text');
    requireThat(thinking === undefined || typeof thinking === 'string', 'a thought is no text');
    requireThat(
      tokenLogprobs.every((value) => Number.isFinite(value) && value <= 0),
      'a log-probability is none',
    );
    requireThat(finish === 'stop' || finish === 'length', 'an unknown end');
    requireThat(isCount(promptTokens) && isCount(completionTokens), 'a count is none');
  }
}

/** Asks for one thing; throws what the product says where it fails. */
async function ask(baseUrl: string, method: number): Promise<void> {
  const model = createInstance('model', OpenAi, {
    model: 'm',
    baseUrl,
    retries: 0,
    patienceSeconds: 0.1,
    timeoutSeconds: 10,
    longestWaitSeconds: 0.1,
    topLogprobs: 2,
    embedding: { dim: DIM },
  });
  const context = { signal: new AbortController().signal, advance: () => undefined };
  const first = <T>(outcomes: readonly Outcome<T>[] | undefined): T => {
    const [outcome] = outcomes ?? [];
    if (outcome === undefined) throw new WrongValue('there is no outcome');
    if (outcome.call?.usage !== undefined && outcome.call.usage !== null)
      requireThat(
        isCount(outcome.call.usage.prompt) && isCount(outcome.call.usage.completion),
        'a count of the call is none',
      );
    if (outcome.ok) return outcome.value;
    if (!/^RXB\d{4}$/.test(outcome.code)) throw new WrongValue('a row failed without a code');
    throw new ModelError('promptFailed', { problem: outcome.message }); // refused, as it should be
  };
  try {
    const wanted = { logits: true, hiddenStates: false };
    const greedy = { maxTokens: 4, temperature: 0 };
    if (method === 0) checkTexts(first(await model.generate?.([PROMPT], greedy, context)));
    else if (method === 1)
      requireThat(
        isFloats(first(await model.read?.([PROMPT], wanted, context)).logits, 2),
        'the logits are none',
      );
    else if (method === 2)
      requireThat(
        isFloats(first(await model.choose?.([PROMPT], CHOICES, context)), 2),
        'the log-probabilities of the choices are none',
      );
    else requireThat(isFloats(first(await model.embed?.(['q'], context)), DIM), 'no embedding');
  } finally {
    await model.close?.();
  }
}

const getReply = (method: number, random: Random): Buffer => {
  if (method === 3) return mutateDocument(EMBEDDED, random);
  return mutateDocument(method === 0 ? random.pick([GENERATED, PARTS]) : GENERATED, random);
};

export const target: FuzzTarget = {
  summary: 'replies of a server, read by the backend "openai"',
  open: async () => {
    let reply: Buffer = Buffer.from('{}');
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.end(reply));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      next: (random) => {
        const method = random.int(0, 3);
        const bytes = getReply(method, random);
        return {
          files: { 'reply.json': bytes },
          run: async () => {
            reply = bytes;
            await ask(`http://127.0.0.1:${port}/v1`, method);
          },
        };
      },
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
};
