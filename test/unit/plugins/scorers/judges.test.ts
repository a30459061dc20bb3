import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatasetRow, Grade, GradedAnswer, Scorer } from '../../../../core/index.js';
import { verdictIn, ratingIn } from '../../../../plugins/scorers/_judge/verdict.js';
import { pythonStrings } from '../../../../plugins/scorers/_xverify/python-strings.js';
import { PROMPT_FILE } from '../../../../plugins/scorers/_xverify/prompt.js';
import { LlmJudge } from '../../../../plugins/scorers/llm-judge.js';
import { XVerify } from '../../../../plugins/scorers/xverify.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';
import type { Asked } from '../../../support/openai-server/scripted-engine.js';
import { createInstance } from '../../../support/instance.js';
import { fairReply, startJudge, type RunningJudge } from '../../../support/start-judge.js';

const row = (over: Partial<DatasetRow> = {}): DatasetRow => ({
  id: '1',
  prompt: 'Name a prime.',
  reference: 'seven',
  domain: 'maths',
  ...over,
});

/** Grades with a judge that gives this reply; also returns the conversations that it received. */
async function judged(
  reply: (messages: Asked) => string,
  scorer: Scorer,
  of: DatasetRow,
  answer: GradedAnswer,
): Promise<{
  readonly grade: Grade;
  readonly asked: readonly Asked[];
  readonly bodies: RunningJudge['server']['requests'];
}> {
  const asked: Asked[] = [];
  const judge = await startJudge((messages) => {
    asked.push(messages);
    return reply(messages);
  });
  try {
    return { grade: await scorer.grade(of, answer, judge), asked, bodies: judge.server.requests };
  } finally {
    await judge.close();
  }
}
const judge = (options: object = {}): Scorer =>
  createInstance('scorer', LlmJudge, options) as Scorer;
const xverify = (options: object = {}): Scorer =>
  createInstance('scorer', XVerify, options) as Scorer;

describe('llm-judge', () => {
  it('takes the last number in double brackets, else in single ones, from 1 to 10', () => {
    const cases: readonly (readonly [string, number | undefined])[] = [
      ['Rating: [[7]]', 7],
      ['[[3]] no, [[8]]', 8],
      ['[[ 9 ]]', 9],
      ['[[7.5]]', 7.5],
      ['[6]', 6],
      ['[[5]] see [2]', 5],
      ['[[11]]', undefined],
      ['[[0]]', undefined],
      ['7', undefined],
      ['8/10', undefined],
      ['[[seven]]', undefined],
      ['', undefined],
    ];
    for (const [reply, rating] of cases) expect(ratingIn(reply), reply).to.equal(rating);
    expect(['[[A]]', '[[B]] or rather [[C]]', '[B]', 'A', '[[D]]'].map(verdictIn)).to.deep.equal([
      'A',
      'C',
      'B',
      undefined,
      undefined,
    ]);
  });

  it('uses the server’s rating of an answer, at temperature 0, without showing the reference', async () => {
    const { grade, asked, bodies } = await judged(() => 'Fine.\nRating: [[8]]', judge(), row(), {
      text: 'It is five {question}.',
    });
    expect(grade).to.deep.equal({ value: 8 });
    expect(asked).to.have.length(1);
    expect(asked[0]?.[0]?.content)
      .to.include('Name a prime.')
      .and.to.include('It is five {question}.')
      .and.not.to.include('seven');
    expect(bodies[0]?.body).to.include({ temperature: 0, model: 'judge' });
  });

  it('shows the reference in mode "reference"', async () => {
    expect(
      (await judged(fairReply, judge({ mode: 'reference' }), row(), { text: 'seven' })).grade,
    ).to.deep.equal({ value: 10 });
    expect(
      (await judged(fairReply, judge({ mode: 'reference' }), row(), { text: 'nine' })).grade,
    ).to.deep.equal({ value: 2 });
  });

  it('asks once more if there is no number, and returns null if there is none again', async () => {
    const late = await judged(
      (messages) => (messages.length === 1 ? 'Quite good.' : '[[6]]'),
      judge(),
      row(),
      { text: 'five' },
    );
    expect([late.grade, late.asked.length]).to.deep.equal([{ value: 6 }, 2]);
    const never = await judged(() => 'Quite good.', judge(), row(), { text: 'five' });
    expect([never.grade, never.asked.length]).to.deep.equal([
      { value: null, reason: 'the judge\'s reply cannot be read, twice: "Quite good."' },
      2,
    ]);
  });

  it('compares with the reference in both orders: a judge that always prefers the first gives a tie', async () => {
    const likes = (text: string) => (messages: Asked) => {
      const prompt = messages[0]?.content ?? '';
      return `[[${prompt.indexOf(text, prompt.indexOf('<answer-A>')) < prompt.indexOf('<answer-B>') ? 'A' : 'B'}]]`;
    };
    const pairwise = judge({ mode: 'pairwise' });
    expect((await judged(likes('five'), pairwise, row(), { text: 'five' })).grade).to.deep.equal({
      value: 10,
    });
    expect((await judged(likes('seven'), pairwise, row(), { text: 'five' })).grade).to.deep.equal({
      value: 1,
    });
    const first = await judged(() => '[[A]]', pairwise, row(), { text: 'five' });
    expect([first.grade, first.asked.length]).to.deep.equal([{ value: 5.5 }, 2]);
    expect((await judged(() => '[[C]]', pairwise, row(), { text: 'five' })).grade).to.deep.equal({
      value: 5.5,
    });
    expect(
      (await judged(() => '[[A]]', pairwise, row({ reference: [] }), { text: 'five' })).grade.value,
    ).to.equal(null);
  });

  it('rates every turn of a conversation and takes the mean, with references if the category has them', async () => {
    const reply = (messages: Asked): string =>
      (messages[0]?.content ?? '').includes('Why?') ? '[[4]]' : '[[9]]';
    const talk = row({ turns: ['Why?'], domain: 'math', reference: ['known one', 'known two'] });
    const { grade, asked } = await judged(reply, judge(), talk, {
      text: 'seven',
      further: ['no divisors'],
    });
    expect(grade).to.deep.equal({ value: 6.5 });
    expect(asked.filter((messages) => messages[0]?.content.includes('known one'))).to.have.length(
      2,
    );
    expect(asked.filter((messages) => messages[0]?.content.includes('known two'))).to.have.length(
      1,
    );
    const plain = await judged(
      reply,
      judge(),
      { ...talk, domain: 'writing' },
      { text: 'seven', further: ['no divisors'] },
    );
    expect([
      plain.grade,
      plain.asked.some((messages) => messages[0]?.content.includes('known one')),
    ]).to.deep.equal([{ value: 6.5 }, false]);
    expect((await judged(reply, judge(), talk, { text: 'seven' })).grade).to.deep.equal({
      value: null,
      reason: '1 answers to 2 turns',
    });
  });

  it('returns null with the reason if the server fails', async () => {
    const { grade } = await judged(
      () => {
        throw new Error('out of order');
      },
      judge(),
      row(),
      { text: 'five' },
    );
    expect(grade.value).to.equal(null);
    expect((grade as { reason: string }).reason).to.match(/^the judge failed: RXB4\d+ /);
  });

  it('reports its prompts', async () => {
    expect(await judge().facts?.())
      .to.have.nested.property('prompt.hash')
      .that.matches(/^[0-9a-f]{24}$/);
  });
});

describe('xverify', () => {
  const replies: readonly (readonly [string, number | null])[] = [
    ['Correct', 1],
    ['[Correct]', 1],
    ['correct.', 1],
    ['**CORRECT**', 1],
    ['[[correct]]\n', 1],
    ['Incorrect', 0],
    ['[INCORRECT]', 0],
    ['"incorrect"', 0],
    ['', null],
    ['Yes', null],
    ['Correct or Incorrect', null],
    ['not correct', null],
    ['The answer is correct', null],
  ];
  for (const [reply, value] of replies) {
    it(`takes ${JSON.stringify(reply)} for ${value}`, async () => {
      expect((await judged(() => reply, xverify(), row(), { text: 'five' })).grade.value).to.equal(
        value,
      );
    });
  }

  it('uses temperature 0.1 and top_p 0.7, and reports that it uses our wording without a checkout', async () => {
    const { asked, bodies } = await judged(() => 'Correct', xverify(), row(), {
      text: 'It is $& five',
    });
    expect(bodies[0]?.body).to.include({ temperature: 0.1, top_p: 0.7, max_tokens: 2048 });
    expect(asked[0]?.[0]?.content)
      .to.include('Name a prime.')
      .and.to.include('It is $& five')
      .and.to.include('seven');
    expect(await xverify().facts?.()).to.have.nested.property('prompt.from', 'own');
  });

  it('uses the prompt of a checkout', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, PROMPT_FILE);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(
        file,
        `# the prompt\nOTHER = "x"\nPROMPT = '''Is it so?\\nQ """{question}""" O """{output}""" A {answer}'''\n`,
      );
      const own = xverify({ checkout: folder });
      const { asked } = await judged(() => 'Incorrect', own, row(), { text: 'five' });
      expect(asked[0]?.[0]?.content).to.equal(
        'Is it so?\nQ """Name a prime.""" O """five""" A seven',
      );
      expect(await own.facts?.()).to.have.nested.property('prompt.from', 'checkout');
      await writeFile(file, 'PROMPT = "nothing to fill"');
      expect(
        await rejection(Promise.resolve(xverify({ checkout: folder }).facts?.())),
      ).to.have.property('code', 'RXB7101');
      expect(
        await rejection(Promise.resolve(xverify({ checkout: join(folder, 'nowhere') }).facts?.())),
      ).to.have.property('code', 'RXB7101');
    });
  });

  it('reads Python strings of every kind', () => {
    const source = `a = 'it\\'s' # not "this"\nb = ("one "\n  'two')\nc = r"\\n"\nd = """x "y" z"""\ne = 'open\nf = f'{g}'\n`;
    expect(pythonStrings(source)).to.deep.equal(["it's", 'one two', '\\n', 'x "y" z', '{g}']);
  });
});
