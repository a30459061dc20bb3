import { expect } from 'chai';
import { resolve } from 'node:path';
import OpenAI from 'openai';
import { embeddedEngine } from '../support/openai-server/embedded-engine.js';
import { startServer, type RunningServer } from '../support/openai-server/server.js';
import type { Engine } from '../support/openai-server/engine.js';

const QUESTION = [{ role: 'user', content: 'What is 7 + 5?' }] as const;

describe('the conformance server, seen by the official client', () => {
  let engine: Engine;
  let server: RunningServer;
  let client: OpenAI;
  before(async () => {
    engine = await embeddedEngine(resolve('models/tiny/weak'), resolve('models/tiny/encoder'));
    server = await startServer({ engine, key: 'right' });
    client = new OpenAI({ baseURL: server.url, apiKey: 'right', maxRetries: 0 });
  });
  after(async () => {
    await server.close();
    await engine.close();
  });

  it('lists its models', async () => {
    const list = await client.models.list();
    expect(list.data.map(({ id }) => id)).to.deep.equal(['weak']);
  });

  it('chats: text, finish reason, usage, log-probabilities with alternatives', async () => {
    const reply = await client.chat.completions.create({
      model: 'weak',
      messages: [...QUESTION],
      max_tokens: 8,
      temperature: 0,
      logprobs: true,
      top_logprobs: 5,
    });
    const [choice] = reply.choices;
    expect(choice?.message.content).to.match(/\d/);
    expect(choice?.finish_reason).to.equal('stop');
    const tokens = choice?.logprobs?.content ?? [];
    expect(tokens.length).to.equal(reply.usage?.completion_tokens);
    for (const { logprob, top_logprobs: top } of tokens) {
      expect(top).to.have.length(5);
      // greedy: the chosen token is the likeliest
      expect(top[0]?.logprob).to.be.closeTo(logprob, 1e-4);
    }
    expect(reply.model).to.equal('weak');
  });

  it('draws n texts from a seed, the same every time', async () => {
    const draw = async (seed: number): Promise<readonly (string | null)[]> => {
      const { choices } = await client.chat.completions.create({
        model: 'weak',
        messages: [...QUESTION],
        max_tokens: 8,
        temperature: 1.5,
        n: 6,
        seed,
      });
      return choices.map(({ message }) => message.content);
    };
    const first = await draw(1);
    expect(first).to.have.length(6);
    expect(await draw(1)).to.deep.equal(first);
    expect(await draw(2)).not.to.deep.equal(first);
  });

  it('continues raw text', async () => {
    const { choices } = await client.completions.create({
      model: 'weak',
      prompt: 'What is 7 + 5?\n',
      max_tokens: 8,
      temperature: 0,
      logprobs: 2,
    });
    const chat = await client.chat.completions.create({
      model: 'weak',
      messages: [...QUESTION],
      max_tokens: 8,
      temperature: 0,
    });
    expect(choices[0]?.logprobs?.tokens).to.have.length(
      choices[0]?.logprobs?.token_logprobs?.length ?? -1,
    );
    expect(choices[0]?.text.trim(), 'the template adds little to this text').to.equal(
      chat.choices[0]?.message.content?.trim(),
    );
  });

  it('embeds, as numbers and as base64', async () => {
    const ask = async (encoding_format: 'float' | 'base64'): Promise<readonly number[]> =>
      (await client.embeddings.create({ model: 'weak', input: 'red apples', encoding_format }))
        .data[0]?.embedding as never;
    const numbers = await ask('float');
    expect(numbers.length).to.be.greaterThan(8);
    const bytes = Buffer.from((await ask('base64')) as unknown as string, 'base64');
    expect(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)[3]).to.be.closeTo(
      numbers[3] as number,
      1e-6,
    );
  });

  it('refuses a wrong key, an unknown model and a wrong request as OpenAI does', async () => {
    const getStatus = async (ask: Promise<unknown>): Promise<unknown> =>
      await ask.then(
        () => 200,
        (error: unknown) => (error instanceof OpenAI.APIError ? error.status : error),
      );
    const stranger = new OpenAI({ baseURL: server.url, apiKey: 'wrong', maxRetries: 0 });
    expect(await getStatus(stranger.models.list())).to.equal(401);
    expect(
      await getStatus(client.chat.completions.create({ model: 'other', messages: [...QUESTION] })),
    ).to.equal(404);
    expect(
      await getStatus(client.chat.completions.create({ model: 'weak', messages: [] })),
    ).to.equal(400);
  });
});
