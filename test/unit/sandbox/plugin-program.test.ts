import { expect } from 'chai';
import { join } from 'node:path';
import type { FitContext, FitData } from '../../../core/contracts.js';
import type { TimedConfidences } from '../../../core/router-instance.js';
import { answerFit } from '../../../sandbox/host-fit.js';
import { expectMessage } from '../../../sandbox/messages.js';
import { IsolatedRouter } from '../../../sandbox/isolated-router.js';
import { Program } from '../../../sandbox/plugin-program.js';
import { ISOLATION } from '../../../sandbox/settings.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const SENDS = `
const send = (header, bytes = 0) => {
  const json = Buffer.from(JSON.stringify(bytes > 0 ? { ...header, bytes } : header));
  const lead = Buffer.alloc(4);
  lead.writeUInt32LE(json.length);
  process.stdout.write(Buffer.concat([lead, json, Buffer.alloc(bytes)]));
};
const [CONFIDENCES, WEIGHTS] = [{ type: 'scored', confidences: [1] }, { type: 'fitted', meta: {}, tensors: [{ name: 'w', shape: [1], at: 0 }] }];
process.stdin.on('end', () => process.exit()).once('data', async () => {
  BODY
});
`;

/** Runs work with a program whose whole body, once it is asked something, is `body`. */
const inProgram = async <T>(
  body: string,
  work: (program: Program) => Promise<T>,
  { notes = [] }: { readonly notes?: string[] } = {},
): Promise<T> =>
  await inTemporaryFolder(async (folder) => {
    await writeFiles(folder, { 'program.mjs': SENDS.replace('BODY', body) });
    const note = (text: string): void => void notes.push(text);
    const program = new Program({
      title: 'the program',
      command: [process.execPath, join(folder, 'program.mjs')],
      cwd: folder,
      env: {},
      memoryMiB: 256,
      descriptor: false,
      logger: { info: note, warn: note },
      cleanUp: () => undefined,
    });
    try {
      return await work(program);
    } finally {
      await program.close();
    }
  });

const score = async (program: Program): Promise<unknown> =>
  await program.request(
    { header: { type: 'score' } },
    { what: 'scoring', seconds: 20, option: 'scoreSeconds' },
    ({ message }) => expectMessage(message, 'scored', ({ message: text }) => new Error(text)),
  );

const rows: FitData<object> = {
  rows: 0,
  blocks: async function* () {
    // none
  },
};

const fit =
  (fitSeconds: number) =>
  async (program: Program): Promise<unknown> =>
    await answerFit(
      program,
      {
        title: 'the program',
        package: 'p',
        needs: [],
        fitted: true,
        settings: { ...ISOLATION, fitSeconds },
        start: async () => program,
      },
      rows,
      rows,
      {
        seed: 1,
        signal: new AbortController().signal,
        progress: () => undefined,
      } as unknown as FitContext,
    );

describe('a program', function () {
  this.timeout(60_000);

  it('returns confidences and weights', async () => {
    expect(await inProgram('send(CONFIDENCES);', score)).to.deep.include({ confidences: [1] });
    expect(await inProgram('send(WEIGHTS, 4);', fit(20))).to.have.property('tensors');
  });

  it('that sends numbers where none belong is stopped before they are read', async () => {
    const refused = await rejection(inProgram('send(CONFIDENCES, 1e8);', score));
    expect(refused.message).to.match(/^RXB2203 .*announced 100000000 bytes/);
  });

  it('that reports epochs it does not have is stopped', async () => {
    for (const step of ['{ epoch: 2, epochs: 1 }', '{ epoch: -1, epochs: 1 }'])
      expect(
        (await rejection(inProgram(`send({ type: 'progress', ...${step} });`, fit(20)))).message,
      ).to.match(/^RXB2203 .*"progress" is invalid/);
  });

  it('that sends messages for ever is stopped', async () => {
    const body = `setInterval(() => send({ type: 'progress', epoch: 0, epochs: 1 }), 5);`;
    const limit = { what: 'fitting', seconds: 20, total: 0.5, option: 'fitSeconds' } as const;
    const stopped = await rejection(
      inProgram(body, async (program) =>
        program.request({ header: { type: 'fit' } }, limit, () => undefined),
      ),
    );
    expect(stopped.message).to.match(/^RXB2209 .*still fitting after 0.5 s/);
  });

  it('that opens readers without end, or does not read what it asks for, is stopped', async () => {
    const many = `for (let i = 0; i < 1000; i++) send({ type: 'next', reader: i, part: 'train' });`;
    expect((await rejection(inProgram(many, fit(20)))).message).to.match(
      /^RXB2203 .*more than 64 readers/,
    );
    const deaf = async (program: Program): Promise<unknown> => {
      for (let i = 0; i < 30; i++)
        program.send({ header: { type: 'loaded' }, payload: Buffer.alloc(1e7) });
      return await score(program);
    };
    expect((await rejection(inProgram('process.stdin.pause();', deaf))).message).to.match(
      /^RXB2203 .*does not read/,
    );
  });

  it('shows its first notes, and is stopped where it sends notes for ever', async () => {
    const notes: string[] = [];
    const body = `for (let i = 0; i < 20000; i++) send({ type: 'note', level: 'warn', text: 'n' });`;
    const stopped = await rejection(inProgram(body, score, { notes }));
    expect(stopped.message).to.match(/^RXB2203 .*more than 10000 notes/);
    expect(notes).to.have.length(50);
    expect(notes.at(-1)).to.contain('not shown');
  });

  it('that prints without end is stopped, and its last lines are kept', async () => {
    const body = `const more = () => process.stderr.write('x'.repeat(1e6), more); more();`;
    const stopped = await rejection(inProgram(body, score));
    expect(stopped.message).to.match(/^RXB2203 .*printed more than 64 MiB/);
  });

  it('that reports the same progress for ever is stopped as if it were silent', async () => {
    const same = `setInterval(() => send({ type: 'progress', epoch: 1, epochs: 2, trainLoss: 1 }), 50);`;
    expect((await rejection(inProgram(same, fit(1)))).message).to.match(
      /^RXB2204 .*sent nothing new for 1 s while fitting/,
    );
    const saves = `setInterval(() => send({ type: 'leave', reader: 1 }), 50);`;
    expect((await rejection(inProgram(saves, fit(1)))).message).to.match(/^RXB2204/);
    const on = `let epoch = 0; const timer = setInterval(() => { send({ type: 'progress', epoch: (epoch += 0.1), epochs: 9 }); if (epoch > 3) { clearInterval(timer); send(WEIGHTS, 4); } }, 100);`;
    expect(await inProgram(on, fit(1)), 'progress that goes on').to.have.property('tensors');
  });

  it('that sends states or asks for rows without waiting for replies is stopped', async () => {
    const save = `{ type: 'save', meta: {}, tensors: [{ name: 'w', shape: [1], at: 0 }] }`;
    for (const [body, problem] of [
      [`send(${save}, 4); send(${save});`, 'before its last one was answered'],
      [`send({ type: 'load' }); send({ type: 'load' });`, 'before its last one was answered'],
      [
        `for (let i = 0; i < 20; i++) send({ type: 'next', reader: 1, part: 'train' });`,
        'more than 16 blocks ahead',
      ],
    ] as const) {
      const stopped = await rejection(
        inProgram(`process.stdout.cork(); ${body} process.stdout.uncork();`, fit(20)),
      );
      expect(stopped.message)
        .to.match(/^RXB2203/)
        .and.to.contain(problem);
    }
  });

  it('whose weights are not in their message is stopped: beyond its end, twice, overlapping', async () => {
    for (const [tensors, problem] of [
      [`[{ name: 'w', shape: [5], at: 0 }]`, 'outside'],
      [`[{ name: 'w', shape: [1], at: 0 }, { name: 'w', shape: [1], at: 4 }]`, 'two tensors'],
      [`[{ name: 'a', shape: [2], at: 4 }, { name: 'b', shape: [2], at: 0 }]`, 'overlaps'],
      [`Array.from({ length: 10001 }, (_, i) => ({ name: 't' + i, shape: [0], at: 0 }))`, 'fitted'],
    ] as const) {
      const body = `send({ type: 'fitted', meta: {}, tensors: ${tensors} }, 16);`;
      const stopped = await rejection(inProgram(body, fit(20)));
      expect(stopped.message)
        .to.match(/^RXB2203/)
        .and.to.contain(problem);
    }
  });
});

const INPUTS = [{ query: { text: 'a' }, signals: {} }];
const scoreTimed = async (program: Program): Promise<TimedConfidences> =>
  await new IsolatedRouter({
    title: 'the program',
    package: 'p',
    needs: [],
    fitted: false,
    settings: ISOLATION,
    start: async () => program,
  }).scoreTimed(INPUTS);

describe('confidences of a program', () => {
  it('that are no numbers are given in words, whatever they are', async () => {
    for (const [value, words] of [
      ['{ toString: 1 }', '{"toString":1}'],
      [`{ bad: { toString: 1 } }`, '{"bad":{"toString":1}}'],
      [`{ bad: 'NaN' }`, 'NaN'],
      [`['\\u001b[2J'.repeat(100)]`, `["${'\\u001b[2J'.repeat(20)}`.slice(0, 100)],
    ] as const) {
      const body = `send({ type: 'scored', confidences: [${value}] });`;
      expect((await inProgram(body, scoreTimed)).confidences).to.deep.equal([words]);
    }
  });

  it('with times that cannot be those of the rows are refused', async () => {
    for (const times of ['[1, 1]', '[1e308]', '[60000]']) {
      const body = `send({ type: 'scored', confidences: [1], milliseconds: ${times} });`;
      expect((await rejection(inProgram(body, scoreTimed))).message, times).to.match(/^RXB2203/);
    }
    const body = `send({ type: 'scored', confidences: [1], milliseconds: [0.1] });`;
    expect((await inProgram(body, scoreTimed)).milliseconds).to.deep.equal([0.1]);
  });
});
