import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openQuerySet } from '../../../../pipeline/query-set.js';
import type { DatasetRow } from '../../../../core/contracts.js';
import { Csv } from '../../../../plugins/datasets/csv.js';
import { Jsonl } from '../../../../plugins/datasets/jsonl.js';
import { Parquet } from '../../../../plugins/datasets/parquet.js';
import { Exact } from '../../../../plugins/scorers/exact.js';
import { checkDataset } from '../../../../testing/index.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';

type Plugin = new (...args: never[]) => unknown;

const read = async (
  plugin: Plugin,
  options: object,
  folder: string,
  split = 'test',
): Promise<readonly DatasetRow[]> => {
  const rows: DatasetRow[] = [];
  for await (const row of createInstance(
    'dataset',
    plugin,
    { licence: 'MIT', ...options },
    folder,
  ).read(split))
    rows.push(row);
  return rows;
};

const open = async (plugin: Plugin, options: object, folder: string): Promise<unknown> =>
  await openQuerySet(createInstance('dataset', plugin, { licence: 'MIT', ...options }, folder), {
    dataset: 'mine',
    split: 'test',
    limit: undefined,
    count: undefined,
    seed: 1,
  });

/** The same three questions in each file type. */
const QUESTIONS = [
  {
    key: 'a',
    question: 'Which river, "the long one", crosses Cairo?',
    options: ['Nile', 'Rhine'],
    answer: 0,
    meta: { topic: 'geography' },
  },
  {
    key: 'b',
    question: 'Two and two make\nwhat?',
    options: ['three', 'four'],
    answer: 1,
    meta: { topic: 'sums' },
  },
  {
    key: 'c',
    question: 'Größer: π oder e?',
    options: ['π', 'e'],
    answer: 0,
    meta: { topic: 'sums' },
  },
];
const MAP = {
  fields: {
    id: 'key',
    prompt: { template: '{question}\n{options}' },
    reference: { letter: 'answer' },
    domain: 'meta.topic',
    choices: 'options',
  },
};
const ROWS: readonly DatasetRow[] = [
  {
    id: 'a',
    prompt: 'Which river, "the long one", crosses Cairo?\nA. Nile\nB. Rhine',
    reference: 'A',
    domain: 'geography',
    choices: ['Nile', 'Rhine'],
  },
  {
    id: 'b',
    prompt: 'Two and two make\nwhat?\nA. three\nB. four',
    reference: 'B',
    domain: 'sums',
    choices: ['three', 'four'],
  },
  {
    id: 'c',
    prompt: 'Größer: π oder e?\nA. π\nB. e',
    reference: 'A',
    domain: 'sums',
    choices: ['π', 'e'],
  },
];
const lines = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const quoted = (value: unknown): string => `"${String(value).replaceAll('"', '""')}"`;

describe('jsonl, csv and parquet', () => {
  it('read JSON lines through a field map, with or without a byte order mark, Windows line ends and a last newline', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'q.jsonl': lines(QUESTIONS),
        'w.jsonl': `\ufeff${lines(QUESTIONS).trimEnd().replaceAll('\n', '\r\n\r\n')}`,
      });
      expect(await read(Jsonl, { file: 'q.jsonl', ...MAP }, folder)).to.deep.equal(ROWS);
      expect(await read(Jsonl, { file: 'w.jsonl', ...MAP }, folder)).to.deep.equal(ROWS);
    });
  });

  it('read CSV with quotes and line breaks inside fields', async () => {
    await inTemporaryFolder(async (folder) => {
      const records = QUESTIONS.map(({ key, question, answer, meta }) =>
        [key, question, answer, meta.topic].map(quoted).join(','),
      );
      await writeFiles(folder, { 'q.csv': `key,question,answer,topic\n${records.join('\n')}\n` });
      const rows = await read(
        Csv,
        {
          file: 'q.csv',
          fields: {
            id: 'key',
            prompt: 'question',
            reference: { letter: 'answer' },
            domain: 'topic',
          },
        },
        folder,
      );
      expect(
        rows.map(({ id, prompt, reference, domain }) => [id, prompt, reference, domain]),
      ).to.deep.equal(
        QUESTIONS.map(({ key, question, answer, meta }) => [
          key,
          question,
          'AB'[answer],
          meta.topic,
        ]),
      );
    });
  });

  it('read Parquet in row groups, including lists and big integers', async () => {
    await inTemporaryFolder(async (folder) => {
      const column = (name: string, data: unknown[]): { name: string; data: unknown[] } => ({
        name,
        data,
      });
      const buffer = parquetWriteBuffer({
        columnData: [
          column(
            'key',
            QUESTIONS.map(({ key }) => key),
          ),
          column(
            'question',
            QUESTIONS.map(({ question }) => question),
          ),
          column(
            'options',
            QUESTIONS.map(({ options }) => options),
          ),
          column(
            'answer',
            QUESTIONS.map(({ answer }) => BigInt(answer)),
          ),
          column(
            'meta',
            QUESTIONS.map(({ meta }) => meta),
          ),
        ],
        rowGroupSize: 2,
      });
      await writeFile(join(folder, 'q.parquet'), new Uint8Array(buffer));
      expect(await read(Parquet, { file: 'q.parquet', ...MAP }, folder)).to.deep.equal(ROWS);
    });
  });

  it('read several files per split, filter rows, and number rows that have no id', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'a.jsonl': lines([
          { prompt: 'one', reference: '1', kind: 'odd' },
          { prompt: 'two', reference: ['2', 'II'], kind: 'even' },
        ]),
        'b.jsonl': lines([{ prompt: 'three', reference: 3, kind: 'odd' }]),
      });
      const options = {
        splits: { train: 'a.jsonl', test: ['a.jsonl', 'b.jsonl'] },
        where: { kind: ['odd', 'none'] },
        domain: 'numbers',
      };
      expect(await read(Jsonl, options, folder)).to.deep.equal([
        { id: 'test-1', prompt: 'one', reference: '1', domain: 'numbers' },
        { id: 'test-3', prompt: 'three', reference: '3', domain: 'numbers' },
      ]);
      expect(await read(Jsonl, options, folder, 'train')).to.have.length(1);
    });
  });

  it('read recorded outcomes: grades of any cell type, usage and costs, and nothing if nothing was recorded', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'r.csv': 'prompt,small,large,usd,said\nfirst,True,0,0.5,yes\nsecond,,1,,\n',
      });
      const rows = await read(
        Csv,
        {
          file: 'r.csv',
          recorded: {
            small: { grade: 'small', text: 'said' },
            large: { grade: 'large', cost: 'usd' },
          },
        },
        folder,
      );
      expect(rows.map(({ reference, recorded }) => ({ reference, recorded }))).to.deep.equal([
        {
          reference: [],
          recorded: { small: { grade: 1, text: 'yes' }, large: { grade: 0, cost: 0.5 } },
        },
        {
          reference: [],
          recorded: {
            small: { grade: null, reason: 'no grade was recorded' },
            large: { grade: 1 },
          },
        },
      ]);
    });
  });

  it('keep the contract of datasets', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'q.jsonl': lines([
          { prompt: 'one', reference: '1' },
          { prompt: 'two', reference: '2' },
        ]),
      });
      expect(
        await checkDataset(Jsonl, {
          folder,
          options: { file: 'q.jsonl', licence: 'MIT' },
          scorer: Exact,
        }),
      ).to.deep.equal([]);
    });
  });

  describe('report what is wrong, and where', () => {
    const cases: readonly (readonly [
      string,
      Plugin,
      string,
      string | Uint8Array,
      object,
      string,
      RegExp,
    ])[] = [
      [
        'a broken byte',
        Jsonl,
        'x.jsonl',
        Buffer.concat([
          Buffer.from('{"prompt":"a","reference":"1"}\n{"prompt":"'),
          Buffer.from([0xc3, 0x28]),
          Buffer.from('"}\n'),
        ]),
        {},
        'RXB3101',
        /x\.jsonl:2/,
      ],
      [
        'a broken byte in CSV',
        Csv,
        'x.csv',
        Buffer.concat([
          Buffer.from('prompt,reference\na,1\n'),
          Buffer.from([0xff]),
          Buffer.from(',2\n'),
        ]),
        {},
        'RXB3101',
        /x\.csv:3/,
      ],
      [
        'a line that is not JSON',
        Jsonl,
        'x.jsonl',
        '{"prompt":"a","reference":"1"}\n{"prompt":\n',
        {},
        'RXB3001',
        /x\.jsonl:2/,
      ],
      [
        'a line that is not an object',
        Jsonl,
        'x.jsonl',
        '[1]\n',
        {},
        'RXB3002',
        /x\.jsonl:1 is not an object/,
      ],
      [
        'a missing prompt',
        Jsonl,
        'x.jsonl',
        '{"reference":"1"}\n',
        {},
        'RXB3002',
        /has no prompt \(field prompt\)/,
      ],
      [
        'a missing reference',
        Jsonl,
        'x.jsonl',
        '{"prompt":"1"}\n',
        {},
        'RXB3002',
        /has no reference/,
      ],
      [
        'a quote that is never closed',
        Csv,
        'x.csv',
        'prompt,reference\n"a,1\n',
        {},
        'RXB3102',
        /x\.csv:2/,
      ],
      [
        'a line with too many fields',
        Csv,
        'x.csv',
        'prompt,reference\na,1\nb,2,3\n',
        {},
        'RXB3102',
        /x\.csv:3/,
      ],
      [
        'a file that is not Parquet',
        Parquet,
        'x.parquet',
        'PAR1 but not really',
        {},
        'RXB3103',
        /x\.parquet/,
      ],
      [
        'a double id',
        Jsonl,
        'x.jsonl',
        '{"id":"q","prompt":"a","reference":"1"}\n{"id":"r","prompt":"b","reference":"1"}\n{"id":"q","prompt":"c","reference":"2"}\n',
        { fields: { id: 'id' } },
        'RXB3003',
        /row 1.*row 3/,
      ],
      [
        'a grade outside the scale',
        Jsonl,
        'x.jsonl',
        '{"prompt":"a","small":7}\n',
        { recorded: { small: { grade: 'small' } } },
        'RXB3002',
        /outside 0 to 1/,
      ],
      [
        'a grade that is a word',
        Jsonl,
        'x.jsonl',
        '{"prompt":"a","small":"good"}\n',
        { recorded: { small: { grade: 'small' } } },
        'RXB3002',
        /not a number/,
      ],
      ['no rows at all', Jsonl, 'x.jsonl', '\n', {}, 'RXB3004', /no rows/],
    ];
    for (const [what, plugin, name, content, options, code, words] of cases) {
      it(what, async () => {
        await inTemporaryFolder(async (folder) => {
          await writeFile(join(folder, name), content);
          const error = await rejection(open(plugin, { file: name, ...options }, folder));
          expect(error.code, error.message).to.equal(code);
          expect(error.message).to.match(words);
        });
      });
    }

    it('a missing file', async () => {
      for (const plugin of [Jsonl, Csv, Parquet])
        expect((await rejection(open(plugin, { file: 'none' }, '.'))).code).to.equal('RXB3007');
    });

    it('a Parquet file that was cut short', async () => {
      await inTemporaryFolder(async (folder) => {
        const buffer = parquetWriteBuffer({ columnData: [{ name: 'prompt', data: ['a', 'b'] }] });
        await writeFile(
          join(folder, 'x.parquet'),
          new Uint8Array(buffer).subarray(0, buffer.byteLength - 9),
        );
        expect((await rejection(open(Parquet, { file: 'x.parquet' }, folder))).code).to.equal(
          'RXB3103',
        );
      });
    });
  });

  it('lists the columns where the field map or `where` matches nothing', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'odd.csv': 'Nr.,Question, Answer ,g\n1,What?,2,1\n' });
      const file = 'odd.csv';
      const failure = async (options: object): Promise<string> => {
        const error = await rejection(read(Csv, { file, ...options }, folder));
        return `${error.code} ${error.message}`;
      };
      expect(await failure({ fields: { prompt: 'Frage', reference: 'x' } }))
        .to.include('RXB3002')
        .and.to.include('name one of its columns in `fields`: "Nr.", "Question", " Answer ", "g"');
      expect(await failure({ fields: { prompt: 'Question', reference: 'answer' } })).to.include(
        'Did you mean " Answer "?',
      );
      const fields = { prompt: 'Question', reference: ' Answer ' };
      expect(await failure({ fields, where: { 'Nr.': 7 } }))
        .to.include('RXB3113')
        .and.to.include('"Nr." of the first record is "1"');
      expect(await failure({ fields, where: { nr: 7 } })).to.include('There is no column "nr"');
      expect(await failure({ fields, recorded: { s: { grade: 'G' } } }))
        .to.include('RXB3114')
        .and.to.include('`recorded.s.grade`');
    });
  });

  it('reads CSV with another delimiter if told to, and names one that it finds', async () => {
    await inTemporaryFolder(async (folder) => {
      const text = '\uFEFFid;prompt;reference\n1;"What; is 1 + 1?";2\n';
      await writeFiles(folder, {
        'semi.csv': text,
        'tab.csv': text.replaceAll(';', '\t'),
        'two.csv': 'prompt,reference,prompt\na,b,c\n',
        'one.csv': 'prompt\nWhat?\n',
      });
      const rows = await read(Csv, { file: 'semi.csv', delimiter: ';' }, folder);
      expect(rows.map(({ prompt, reference }) => [prompt, reference])).to.deep.equal([
        ['What; is 1 + 1?', '2'],
      ]);
      const failure = async (file: string): Promise<string> => {
        const error = await rejection(read(Csv, { file }, folder));
        return `${error.code} ${error.message}`;
      };
      expect(await failure('semi.csv'))
        .to.include('RXB3112')
        .and.to.include('semicolons: set the option `delimiter` to ";"');
      expect(await failure('tab.csv')).to.include('tabs: set the option `delimiter` to "\\t"');
      expect(await failure('two.csv')).to.include('two columns are called "prompt"');
      expect(await failure('one.csv'), 'one column is no mistake').to.include('has no reference');
    });
  });

  it('finds names with dots in nested objects, the longest name first', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'a.jsonl': JSON.stringify({
          prompt: 'p',
          reference: 'r',
          scores: { 'qwen2.5-7b': 1, 'gpt-4.1-mini': 0, a: { b: 0.5 } },
          'scores.gpt-4.1-mini': 0.25,
          turns: ['first', 'second'],
        }),
      });
      const grade = (path: string): object => ({ grade: path });
      const recorded = {
        q: grade('scores.qwen2.5-7b'),
        g: grade('scores.gpt-4.1-mini'),
        n: grade('scores.a.b'),
      };
      const fields = { prompt: 'turns.1' };
      const [row] = await read(Jsonl, { file: 'a.jsonl', recorded, fields }, folder);
      expect(row?.prompt).to.equal('second');
      expect(row?.recorded).to.deep.equal({
        q: { grade: 1 },
        g: { grade: 0.25 },
        n: { grade: 0.5 },
      });
    });
  });

  it('refuses a path that is in no row, whatever it is for', async () => {
    await inTemporaryFolder(async (folder) => {
      const row = { prompt: 'p', reference: 'r', s: 1, topic: null };
      await writeFiles(folder, { 'a.jsonl': `${JSON.stringify(row)}\n${JSON.stringify(row)}` });
      const failure = async (options: object): Promise<string> =>
        (await rejection(read(Jsonl, { file: 'a.jsonl', ...options }, folder))).message;
      for (const [options, named] of [
        [{ fields: { domain: 'subject' } }, '"subject", which `fields.domain`'],
        [{ fields: { cluster: { template: '{doc}-{s}' } } }, '"doc", which `fields.cluster`'],
        [{ recorded: { m: { grade: 's', text: 'answer' } } }, '"answer", which `recorded.m.text`'],
        [{ recorded: { m: { grade: 'scores.m' } } }, '"scores.m", which `recorded.m.grade`'],
      ] as const)
        expect(await failure(options))
          .to.match(/^RXB3114 /)
          .and.to.include(named);
      expect(await read(Jsonl, { file: 'a.jsonl', fields: { domain: 'topic' } }, folder))
        .to.have //
        .length(2);
    });
  });

  it('keeps the digits of integers that a number cannot hold', async () => {
    await inTemporaryFolder(async (folder) => {
      const ids = ['1839201746350182401', '1839201746350182402', '-9007199254740993', '12'];
      await writeFiles(folder, {
        'a.jsonl': ids
          .map(
            (id) =>
              `{"id": ${id}, "prompt": "is \\"1839201746350182401\\" ${id}?", "reference": 0.1234567890123456789}`,
          )
          .join('\n'),
      });
      const rows = await read(Jsonl, { file: 'a.jsonl', fields: { id: 'id' } }, folder);
      expect(rows.map(({ id }) => id)).to.deep.equal(ids);
      expect(rows[0]).to.deep.include({
        prompt: `is "1839201746350182401" ${ids[0] as string}?`,
        reference: '0.12345678901234568',
      });
    });
  });

  it('looks a reference up among the labels of the choices', async () => {
    await inTemporaryFolder(async (folder) => {
      const row = (id: string, label: readonly string[], answer: string, over = {}): string =>
        JSON.stringify({
          id,
          prompt: 'Which?',
          choices: { text: ['4', '3', '2'], label },
          answer,
          ...over,
        });
      await writeFiles(folder, {
        'a.jsonl': [
          row('numbers', ['1', '2', '3'], '1'),
          row('letters', ['A', 'B', 'C'], 'C'),
          row('text', ['A', 'B', 'C'], '3'),
        ].join('\n'),
        'keys.jsonl': JSON.stringify({
          prompt: 'Which?',
          options: ['x', 'y'],
          keys: ['i', 'ii'],
          reference: 'ii',
        }),
        'short.jsonl': row('short', ['A', 'B'], 'A'),
      });
      const fields = { id: 'id', choices: 'choices.text', reference: 'answer' };
      const rows = await read(Jsonl, { file: 'a.jsonl', fields }, folder);
      expect(rows.map(({ reference }) => reference)).to.deep.equal(['A', 'C', '3']);
      const [keyed] = await read(
        Jsonl,
        { file: 'keys.jsonl', fields: { choices: 'options', labels: 'keys' } },
        folder,
      );
      expect(keyed?.reference).to.equal('B');
      expect((await rejection(read(Jsonl, { file: 'short.jsonl', fields }, folder))).message)
        .to //
        .include('2 labels for 3 choices');
    });
  });
});
