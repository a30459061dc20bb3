/** Many requests with faults of every kind: nothing is lost or duplicated, and nothing leaks. */
import { expect } from 'chai';
import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { platform } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Model, ModelContext, ModelPrompt } from '../../../../core/index.js';
import { OpenAi } from '../../../../plugins/models/openai.js';
import { heapMiB } from '../../../support/heap.js';
import { FAULTS } from '../../../support/openai-server/faults.js';
import { recordedText } from '../../../support/openai-server/recorded-engine.js';
import { createInstance } from '../../../support/instance.js';

const REQUESTS = 20_000;
const BLOCK = 4000;
const SERVER = fileURLToPath(
  new URL('../../../support/openai-server/faulty-server.js', import.meta.url),
);

const handles = (): number =>
  platform === 'linux'
    ? readdirSync('/proc/self/fd').length
    : process.getActiveResourcesInfo().length;

describe('openai with 20,000 requests of which one in twenty fails', () => {
  it('records exactly one outcome per query, and neither memory nor open handles grow', async () => {
    const server = execa(process.execPath, [SERVER], { buffer: false, reject: false });
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const url = String((await lines.next()).value);
    const before = handles();
    const model = createInstance('model', OpenAi, {
      model: 'recorded',
      baseUrl: url,
      concurrency: 128,
      retries: 8,
      backoffSeconds: 0.01,
      timeoutSeconds: 2,
      logprobs: false,
    }) as Model;
    const outcomes = new Map<number, string[]>();
    const heaps: number[] = [];
    const open: number[] = [];
    let advanced = 0;
    const context: ModelContext = {
      signal: new AbortController().signal,
      advance: (more) => (advanced += more),
    };
    try {
      // another model's reply ends a run that has never received the right one
      expect(await ask(model, [-1], context)).to.deep.equal(['right']);
      advanced = 0;
      for (let start = 0; start < REQUESTS; start += BLOCK) {
        const numbers = Array.from({ length: BLOCK }, (_, i) => start + i);
        (await ask(model, numbers, context)).forEach((what, i) =>
          outcomes.set(start + i, [...(outcomes.get(start + i) ?? []), what]),
        );
        heaps.push(await heapMiB());
        open.push(handles());
      }
    } finally {
      await model.close?.();
    }
    // sockets close with a delay
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = handles();
    server.kill('SIGTERM');
    const faults = JSON.parse(String((await lines.next()).value)) as Record<string, number>;
    await server;

    const kinds = new Map<string, number>();
    for (const [what = ''] of outcomes.values()) kinds.set(what, (kinds.get(what) ?? 0) + 1);
    expect(outcomes.size).to.equal(REQUESTS);
    expect([...outcomes.values()].every((all) => all.length === 1)).to.equal(true);
    expect(advanced, 'progress counts each once').to.equal(REQUESTS);
    for (const kind of FAULTS) expect(faults[kind], kind).to.be.greaterThan(60);
    // only another model's reply is final; a retry fixes everything else
    expect([...kinds.keys()].sort()).to.deep.equal(['RXB4104', 'right']);
    expect(kinds.get('RXB4104')).to.be.at.most(faults['wrong-model'] ?? 0);

    const [first = 0] = heaps;
    expect(
      Math.max(...heaps) - first,
      `heap in MiB after each ${BLOCK}: ${heaps.map((heap) => heap.toFixed(1)).join(', ')}`,
    ).to.be.below(8);
    expect(Math.max(...open), 'no more connections than allowed').to.be.at.most(before + 128 + 16);
    expect(after, 'handles at the end').to.be.at.most(before + 2);
  });
});

const question = (i: number): string => `question ${i}`;
async function ask(
  model: Model,
  numbers: readonly number[],
  context: ModelContext,
): Promise<readonly string[]> {
  const prompts = numbers.map((i): ModelPrompt => ({
    form: 'chat',
    messages: [{ role: 'user', content: question(i) }],
  }));
  const outcomes = await model.generate?.(prompts, { maxTokens: 24, temperature: 0 }, context);
  return (outcomes ?? []).map((outcome, i) => {
    if (!outcome.ok) return outcome.code;
    const expected = recordedText(question(numbers[i] as number));
    return outcome.value[0]?.text === expected ? 'right' : 'WRONG';
  });
}
