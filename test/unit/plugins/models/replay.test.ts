import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type HarnessError,
  type Model,
  type ModelContext,
  type ModelPrompt,
} from '../../../../core/index.js';
import { writeSafetensors } from '../../../../storage/safetensors.js';
import { Replay } from '../../../../plugins/models/replay.js';
import { checkModel } from '../../../../testing/index.js';
import { inToyProject, toyConfig } from '../../../support/toy-project.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';

const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const chat = (content: string): ModelPrompt => ({
  form: 'chat',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content },
  ],
});
const GREEDY = { maxTokens: 8, temperature: 0 };
const lines = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const recorded = async <T>(
  rows: readonly object[] | string,
  options: object,
  work: (model: Model, folder: string) => Promise<T>,
): Promise<T> =>
  await inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'rows.jsonl'), typeof rows === 'string' ? rows : lines(rows));
    const model = createInstance('model', Replay, {
      file: join(folder, 'rows.jsonl'),
      ...options,
    }) as Model;
    try {
      return await work(model, folder);
    } finally {
      await model.close?.();
    }
  });

const QUERIES = ['What is 2 + 3?', 'Hello.', 'Étrange 日本', 'Reverse the word stone.'];

describe('replay', () => {
  it('keeps the contract of models, with everything recorded', async () => {
    await inTemporaryFolder(async (folder) => {
      const rows = QUERIES.map((prompt, i) => ({
        prompt,
        text: `answer ${i}`,
        tokenLogprobs: [-0.5, -0.25],
        promptTokens: 3,
        completionTokens: 2,
        samples: Array.from({ length: 3 }, (_, n) => ({
          text: `sample ${i}.${n}`,
          tokenLogprobs: [-1],
        })),
        choices: { yes: -0.1, no: -3, 'maybe so': -5 },
      }));
      // the suite also requests maxTokens 1: a recording returns what it has, so these answers have
      // one token
      await writeFile(
        join(folder, 'rows.jsonl'),
        lines(rows.map((row) => ({ ...row, tokenLogprobs: [-0.5], completionTokens: 1 }))),
      );
      const tensor = (
        ...shape: readonly number[]
      ): { readonly shape: readonly number[]; readonly data: Float32Array } => ({
        shape,
        data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
          Math.sin(i),
        ),
      });
      await writeSafetensors(join(folder, 'rows.safetensors'), {
        logits: tensor(4, 7),
        hidden_states: tensor(4, 3, 5),
        embedding: tensor(4, 6),
      });
      const violations = await checkModel(Replay, {
        options: { file: join(folder, 'rows.jsonl'), tensors: join(folder, 'rows.safetensors') },
        queries: QUERIES,
      });
      expect(violations).to.deep.equal([]);
    });
  });

  it('finds outcomes by the question alone, returns grades and usage, and reports what is missing', async () => {
    await recorded(
      [
        {
          prompt: 'one',
          text: '1',
          grade: 0.5,
          promptTokens: 4,
          completionTokens: 1,
          reasoningTokens: 9,
          servedModel: 'gpt-x',
        },
        { prompt: 'two', grade: 1 },
        { prompt: 'three', samples: [{ text: 'a' }] },
      ],
      {},
      async (model) => {
        const [one, two, three, four] =
          (await model.generate?.(['one', 'two', 'three', 'four'].map(chat), GREEDY, context)) ??
          [];
        expect(one).to.deep.include({
          ok: true,
          value: [
            {
              text: '1',
              tokenLogprobs: [],
              finish: 'stop',
              promptTokens: 4,
              completionTokens: 1,
              recordedGrade: 0.5,
            },
          ],
        });
        expect(one?.call).to.deep.include({
          servedModel: 'gpt-x',
          usage: { prompt: 4, completion: 1, reasoning: 9 },
          requests: 0,
        });
        expect(two).to.deep.include({ ok: true });
        expect(two?.call?.usage, 'not recorded is unknown, not 0').to.equal(null);
        for (const missing of [three, four])
          expect(missing).to.include({ ok: false, code: 'RXB4109' });
        const [drawn] =
          (await model.generate?.([chat('three')], { ...GREEDY, temperature: 1, n: 2 }, context)) ??
          [];
        expect(drawn).to.include({ ok: false, code: 'RXB4109' });
      },
    );
  });

  it('has another fingerprint for another recording', async () => {
    const print = async (rows: readonly object[]): Promise<string> =>
      await recorded(rows, {}, async (model) => (await model.info()).fingerprint);
    expect(await print([{ prompt: 'a', text: 'b' }])).to.equal(
      await print([{ prompt: 'a', text: 'b' }]),
    );
    expect(await print([{ prompt: 'a', text: 'b' }])).not.to.equal(
      await print([{ prompt: 'a', text: 'c' }]),
    );
  });

  const broken: readonly (readonly [string, string, string])[] = [
    ['no JSON', '{"prompt":"a","text":"b"}\n{"prompt":\n', 'line 2'],
    ['an unknown member', '{"prompt":"a","answer":"b"}\n', 'line 1'],
    ['a grade above 1', '{"prompt":"a","grade":7}\n', 'line 1: grade'],
    [
      'two outcomes of one prompt',
      '{"prompt":"a","text":"b"}\n\n{"prompt":"a","text":"c"}\n',
      'lines 1 and 3',
    ],
    ['nothing', '\n', 'no rows'],
  ];
  for (const [what, text, words] of broken) {
    it(`rejects a file with ${what}, naming the location: RXB4108`, async () => {
      await recorded(text, {}, async (model) => {
        const error = (await rejection(model.info())) as HarnessError;
        expect(error.code).to.equal('RXB4108');
        expect(error.problem).to.include(words);
      });
    });
  }

  it('takes the first of two outcomes if the options say so, and equal lines once', async () => {
    await recorded(
      [
        { prompt: 'a', text: 'b' },
        { prompt: 'a', text: 'c' },
      ],
      { duplicates: 'first' },
      async (model) => {
        const [first] = (await model.generate?.([chat('a')], GREEDY, context)) ?? [];
        expect(first?.ok === true && first.value[0]?.text).to.equal('b');
      },
    );
    await recorded(
      [
        { prompt: 'a', text: 'b' },
        { prompt: 'a', text: 'b' },
      ],
      {},
      async (model) => expect((await model.info()).can).to.deep.equal(['generate']),
    );
  });

  it('rejects tensors without one row per line: RXB4108', async () => {
    await recorded([{ prompt: 'a', text: 'b' }], {}, async (_model, folder) => {
      await writeSafetensors(join(folder, 't.safetensors'), {
        logits: { shape: [2, 3], data: new Float32Array(6) },
      });
      const model = createInstance('model', Replay, {
        file: join(folder, 'rows.jsonl'),
        tensors: join(folder, 't.safetensors'),
      }) as Model;
      expect((await rejection(model.info())).code).to.equal('RXB4108');
    });
  });

  it('runs a benchmark of recorded grades from end to end, with no model', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const rows = (grade: (i: number) => number): string =>
        lines(
          ['train', 'test'].flatMap((split) =>
            [1, 20].flatMap((from) =>
              Array.from({ length: 80 }, (_, i) => ({
                prompt: `${split === 'test' ? 'What is ' : 'Add '}${from + ((i * 7) % 50)} + ${(i * 3) % 40}? (${i})`,
                grade: grade(i),
              })),
            ),
          ),
        );
      await writeFile(
        join(folder, 'weak.jsonl'),
        rows((i) => (i % 3 === 0 ? 1 : 0)),
      );
      await writeFile(
        join(folder, 'strong.jsonl'),
        rows((i) => (i % 5 === 0 ? 0 : 1)),
      );
      const sets = (use: string): object => ({ use, scorer: 'recorded' });
      await writeFile(
        join(folder, 'harness.config.json'),
        toyConfig({
          models: {
            weak: { use: 'replay', options: { file: 'weak.jsonl' } },
            strong: { use: 'replay', options: { file: 'strong.jsonl' } },
          },
          datasets: { inDomain: [sets('toy-near')], outOfDomain: [sets('toy-far')] },
          routers: ['prompt-length'],
        }),
      );
      const { stdout, stderr, exitCode } = await rxb('run', '--json');
      expect(exitCode, stderr).to.equal(0);
      expect((JSON.parse(stdout) as { readonly modelCalls: object }).modelCalls).to.deep.equal({
        weak: 160,
        strong: 160,
      });
      const measured = (
        await readFile(join(folder, 'results/runs/toy/prompt-length/toy-near.rows.jsonl'), 'utf8')
      )
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly weak: number; readonly strong: number });
      const mean = (of: 'weak' | 'strong'): number =>
        measured.reduce((sum, row) => sum + row[of], 0) / measured.length;
      expect([measured.length, mean('weak'), mean('strong')]).to.deep.equal([80, 27 / 80, 64 / 80]);
    });
  });
});
