import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scriptedEngine } from '../../support/openai-server/scripted-engine.js';
import { startServer, type RunningServer } from '../../support/openai-server/server.js';
import { writeFiles } from '../../support/temporary.js';
import { inToyProject, type Ran, type ToyProject } from '../../support/toy-project.js';

interface Scored {
  readonly results: readonly {
    readonly dataset: string;
    readonly model: string;
    readonly rows: number;
    readonly same: number | null;
    readonly was: {
      readonly scorer: string;
      readonly mean: number;
      readonly grades: string;
    } | null;
    readonly now: {
      readonly scorer: string;
      readonly mean: number | null;
      readonly grades: string;
    };
  }[];
}

interface Calibrated {
  readonly total: {
    readonly pairs: number;
    readonly agreement: number;
    readonly kappa: number | null;
    readonly weightedKappa: number | null;
    readonly counts: readonly (readonly number[])[];
  };
  readonly nulls: object;
  readonly disagreements: readonly { readonly id: string; readonly answer: string }[];
}

const json = <T>({ stdout, stderr, exitCode }: Ran): T => {
  expect(exitCode, stderr).to.equal(0);
  return JSON.parse(stdout) as T;
};

/** Rates an answer 10 where it is no 0, else 3. */
const ratingServer = (): Promise<RunningServer> =>
  startServer({
    engine: scriptedEngine('judge', (messages) =>
      messages[0]?.content.includes('<answer>\n0\n</answer>') === true
        ? 'No attempt. Rating: [[3]]'
        : 'Rating: [[10]]',
    ),
  });

describe('rxb score and rxb calibrate', () => {
  let server: RunningServer;
  before(async () => {
    server = await ratingServer();
  });
  after(() => server.close());

  const run = async (work: (project: ToyProject) => Promise<void>): Promise<void> =>
    await inToyProject(
      async (project) => {
        expect((await project.rxb('run', '--quiet')).exitCode).to.equal(0);
        await work(project);
      },
      {
        limit: 10,
        routers: ['prompt-length'],
        models: {
          weak: { use: 'toy-weak' },
          strong: { use: 'toy-strong' },
          judge: { use: 'openai', options: { model: 'judge', baseUrl: server.url } },
        },
      },
    );

  it('grade stored answers again without making one, keep both, and say how far two scorers agree', async () => {
    await run(async ({ folder, rxb }) => {
      const before = await readFile(join(folder, 'results/leaderboard.json'), 'utf8');
      const math = json<Scored>(await rxb('score', 'toy', '--scorer', 'choice,math', '--json'));
      expect(math.results.map(({ dataset, model, rows }) => [dataset, model, rows])).to.deep.equal([
        ['toy-near', 'weak', 10],
        ['toy-near', 'strong', 10],
        ['toy-far', 'weak', 10],
        ['toy-far', 'strong', 10],
      ]);
      for (const { was, now, same } of math.results) {
        expect([was?.scorer, now.scorer, now.mean, same]).to.deep.equal([
          'exact',
          'choice+math',
          was?.mean,
          10,
        ]);
        expect(now.grades).to.not.equal(was?.grades);
      }
      const rows = (
        await readFile(join(folder, 'results/runs/toy/scores/choice+math/toy-far.jsonl'), 'utf8')
      )
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(rows).to.have.length(20);
      expect(rows[0]).to.deep.equal({
        id: 'test-0',
        model: 'weak',
        was: { value: 1, scorer: 'exact' },
        now: { value: 1, scorer: 'math' },
      });

      const judged = json<Scored>(
        await rxb(
          'score',
          'toy',
          '--scorer',
          '{"use":"llm-judge","options":{"mode":"rating"}}',
          '--datasets',
          'toy-far',
          '--json',
        ),
      );
      const [weak, strong] = judged.results;
      // 7 of 10 answers are no 0
      expect([weak?.now.mean, strong?.now.mean]).to.deep.equal([7.9, 10]);
      const asked = server.requests.length;
      expect(asked).to.equal(13); // equal prompts are paid for once
      expect(await readFile(join(folder, 'results/leaderboard.json'), 'utf8')).to.equal(before);

      const agreed = json<Calibrated>(
        await rxb(
          'calibrate',
          'llm-judge',
          '--against',
          'exact',
          '--datasets',
          'toy-far',
          '--limit',
          '10',
          '--json',
        ),
      );
      expect(agreed.total).to.deep.include({ pairs: 20, agreement: 1, kappa: 1 });
      expect(agreed.disagreements).to.deep.equal([]);
      const shown = await rxb('calibrate', 'math', '--against', 'exact', '--limit', '10');
      expect(shown.stdout)
        .to.include('kappa')
        .and.to.include('math \\ exact')
        .and.to.include('Without a grade: 0 by math only');
    });
  });

  it('compare with the labels of a file, and name a line that is wrong', async () => {
    await run(async ({ folder, rxb }) => {
      const labelled = [
        { answer: '1/2', reference: '0.5', value: 1 },
        { answer: '0.5', reference: '\\frac12', value: 1 },
        { answer: '3', reference: '4', value: 0 },
        { answer: '5', reference: '5', value: 0, id: 'wrong label' },
        { answer: '', reference: '5', value: 0 },
      ];
      await writeFiles(folder, {
        'labels.jsonl': labelled.map((row) => `${JSON.stringify(row)}\n`).join(''),
        'broken.jsonl':
          '{"answer":"1","reference":"1","value":1}\n{"answer":"1","reference":"1","value":7}\n',
      });
      const found = json<Calibrated>(
        await rxb('calibrate', 'math', '--against', 'labels.jsonl', '--json'),
      );
      expect(found.total).to.deep.include({
        pairs: 4,
        agreement: 0.75,
        kappa: 0.5,
        counts: [
          [1, 0],
          [1, 2],
        ],
      });
      expect(found.nulls).to.deep.equal({ ours: 1, theirs: 0, both: 0 });
      expect(found.disagreements.map(({ id }) => id)).to.deep.equal(['wrong label']);
      const broken = await rxb('calibrate', 'math', '--against', 'broken.jsonl');
      expect([broken.exitCode, broken.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB3002 broken.jsonl:2'),
      );
    });
  });

  it('refuse what cannot be: another run, answers that are not stored, scales that differ, scorers and judges that are not there', async () => {
    await run(async ({ rxb }) => {
      const refusals: readonly (readonly [string, readonly string[]])[] = [
        ['RXB6007', ['score', 'other', '--scorer', 'math']],
        ['RXB5003', ['score', 'toy', '--scorer', 'math', '--limit', '20']],
        ['RXB7102', ['score', 'toy', '--scorer', 'math,llm-judge']],
        ['RXB2104', ['score', 'toy', '--scorer', 'maths-of-all-sorts']],
        ['RXB4003', ['score', 'toy', '--scorer', 'xverify']],
        ['RXB1005', ['score', 'toy', '--scorer', '{"use":1}']],
        ['RXB3007', ['calibrate', 'math', '--against', 'nowhere.jsonl']],
      ];
      for (const [code, args] of refusals) {
        const ran = await rxb(...args);
        expect([args.join(' '), ran.exitCode, ran.stderr.includes(code)]).to.deep.equal([
          args.join(' '),
          2,
          true,
        ]);
      }
    });
  });
});
