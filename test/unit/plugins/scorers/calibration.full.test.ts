import { expect } from 'chai';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { calibrate } from '../../../../pipeline/calibrate.js';
import { builtIns } from '../../../support/built-ins.js';
import type { ScorerEntry } from '../../../../pipeline/planning/scorer.js';
import { openProject } from '../../../../pipeline/project.js';
import { inTemporaryFolder, writeFiles } from '../../../support/temporary.js';
import { rxbIn } from '../../../support/toy-project.js';
import { scriptedEngine } from '../../../support/openai-server/scripted-engine.js';
import { startServer, type RunningServer } from '../../../support/openai-server/server.js';
import { createInstance } from '../../../support/instance.js';
import { judgeWithKey } from '../../../support/start-judge.js';

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));
const CHOICES = ['tiny-choice4', 'tiny-choice10'];
const NUMBERS = ['tiny-arithmetic', 'tiny-math-hard'];
const ALL = [...CHOICES, ...NUMBERS, 'tiny-instruct', 'tiny-instruct-composed'];
const ROWS = 100;

interface Entry {
  readonly name: string;
  readonly entry: ScorerEntry;
  /** The datasets that it can grade. */
  readonly sets: readonly string[];
}

const SCORERS: readonly Entry[] = [
  { name: 'exact', entry: 'exact', sets: ALL },
  { name: 'choice', entry: 'choice', sets: CHOICES },
  { name: 'math', entry: 'math', sets: NUMBERS },
  { name: 'qa', entry: 'qa', sets: ALL },
  { name: 'xverify', entry: 'xverify', sets: ALL },
  ...['rating', 'reference', 'pairwise'].map((mode) => ({
    name: `llm-judge, ${mode}`,
    entry: { use: 'llm-judge', options: { mode } },
    sets: ALL,
  })),
  {
    name: 'xverify, in a hurry',
    entry: { use: 'xverify', options: { model: 'hurried' } },
    sets: ALL,
  },
];

/** Question → right answers, of all datasets. */
async function keyToQuestions(): Promise<ReadonlyMap<string, readonly string[]>> {
  const registry = await builtIns();
  const key = new Map<string, readonly string[]>();
  for (const name of ALL) {
    for await (const { prompt, reference } of createInstance(
      'dataset',
      registry.find('dataset', name).plugin as new (...args: never[]) => unknown,
    ).read('test'))
      key.set(prompt, [reference].flat());
  }
  return key;
}

describe('scorers against each other, on the answers of the embedded pair', function () {
  this.timeout(600_000);

  it('agree as docs/scorers.md says; the judges get every answer over HTTP', async () => {
    const key = await keyToQuestions();
    const start = async (model: string, hurried: boolean): Promise<RunningServer> =>
      await startServer({ engine: scriptedEngine(model, judgeWithKey(key, hurried)) });
    const [careful, hurried] = [await start('careful', false), await start('hurried', true)];
    try {
      await inTemporaryFolder(async (folder) => {
        const own = (name: string): object => ({
          use: 'onnx',
          options: { folder: join(repository, 'models/tiny', name) },
        });
        const behind = (model: string, baseUrl: string): object => ({
          use: 'openai',
          options: { model, baseUrl },
        });
        await mkdir(join(folder, 'node_modules'), { recursive: true });
        await symlink(repository, join(folder, 'node_modules/routerxbench'), 'dir');
        await writeFiles(folder, {
          'harness.config.json': JSON.stringify({
            name: 'calibration',
            models: {
              weak: own('weak'),
              strong: own('strong'),
              judge: behind('careful', careful.url),
              xverify: behind('careful', careful.url),
              hurried: behind('hurried', hurried.url),
            },
            datasets: { inDomain: ALL },
            generation: { maxTokens: 32 },
            routers: ['prompt-length'],
            limit: ROWS,
          }),
        });
        const prepared = await rxbIn(folder)('prepare', '--quiet', '--only', 'answers');
        expect(prepared.exitCode, prepared.stderr).to.equal(0);
        const project = await openProject({ cwd: folder, env: {} });
        const lines = [
          `| | ${SCORERS.slice(1)
            .map(({ name }) => name)
            .join(' | ')} |`,
          `|---|${'---|'.repeat(SCORERS.length - 1)}`,
        ];
        for (const [i, scorer] of SCORERS.slice(0, -1).entries()) {
          const cells: string[] = [];
          for (const [j, against] of SCORERS.entries()) {
            const datasets = scorer.sets.filter((set) => against.sets.includes(set));
            if (j === 0) continue;
            if (j <= i || datasets.length === 0) {
              cells.push('');
              continue;
            }
            const { total, nulls } = await calibrate(project, {
              scorer: [scorer.entry],
              against: { scorer: [against.entry] },
              datasets,
            });
            expect([total.pairs, nulls], `${scorer.name} against ${against.name}`).to.deep.equal([
              datasets.length * ROWS * 2,
              { ours: 0, theirs: 0, both: 0 },
            ]);
            cells.push(total.kappa === null ? '–' : total.kappa.toFixed(3));
          }
          lines.push(`| ${scorer.name} | ${cells.join(' | ')} |`);
        }
        expect(careful.requests.length).to.be.above(1000);
        expect(
          (await readFile('docs/scorers.md', 'utf8'))
            .split('\n')
            .filter((line) => lines.includes(line)),
          `the table of docs/scorers.md is\n${lines.join('\n')}`,
        ).to.deep.equal(lines);
      });
    } finally {
      await careful.close();
      await hurried.close();
    }
  });
});
