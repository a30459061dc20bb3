import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { makePlan } from '../../../../pipeline/plan.js';
import { openProject, type Project } from '../../../../pipeline/project.js';
import { runStages } from '../../../../pipeline/run.js';
import type { RouterResult } from '../../../../storage/results/types.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';

const rows = (split: string): string =>
  Array.from(
    { length: 40 },
    (_, i) =>
      `${JSON.stringify({ id: `${split}-${i}`, prompt: `${split} question ${'long '.repeat(i % 9)}${i}`, small: i % 9 < 4 ? 1 : 0, large: i % 3 === 0 ? 0 : 1, tokens: 100 + i, usd: 0.01 })}\n`,
  ).join('');

/**
 * A project with two recorded models; the weak one's cost comes from its tokens, the strong one's
 * was recorded.
 */
async function inRecordedProject<T>(
  over: object,
  work: (project: Project, folder: string) => Promise<T>,
): Promise<T> {
  return await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'node_modules'));
    await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
    await writeFiles(folder, {
      'train.jsonl': rows('train'),
      'test.jsonl': rows('test'),
      'harness.config.json': JSON.stringify({
        name: 'recorded',
        models: {
          weak: {
            use: 'recorded',
            options: { model: 'small', price: { prompt: 1, completion: 2 } },
          },
          strong: { use: 'recorded', options: { model: 'large' } },
        },
        datasets: {
          inDomain: [
            {
              use: 'jsonl',
              as: 'questions',
              options: {
                splits: { train: 'train.jsonl', test: 'test.jsonl' },
                fields: { id: 'id' },
                recorded: {
                  small: {
                    grade: 'small',
                    promptTokens: 'tokens',
                    completionTokens: { value: 10 },
                  },
                  large: { grade: 'large', cost: 'usd' },
                },
                scorer: 'recorded',
                licence: 'MIT',
              },
            },
          ],
        },
        routers: ['prompt-length'],
        statistics: { resamples: 100 },
        ...over,
      }),
    });
    return await work(await openProject({ cwd: folder, env: {} }), folder);
  });
}

describe('backend recorded', () => {
  it('runs a benchmark on recorded outcomes without model calls, with their costs', async () => {
    await inRecordedProject({}, async (project, folder) => {
      const { call, failures } = await runStages(project, {
        stages: ['prepare', 'train', 'eval'],
      });
      expect(failures).to.deep.equal([]);
      expect(call.modelCalls).to.deep.equal({ weak: 0, strong: 0 });
      const result = async (router: string): Promise<RouterResult> =>
        JSON.parse(
          await readFile(join(folder, 'results/runs/recorded', router, 'questions.json'), 'utf8'),
        ) as RouterResult;
      const [own, weak, strong] = [
        await result('prompt-length'),
        await result('always-weak'),
        await result('always-strong'),
      ];
      expect(own.rows).to.deep.include({ total: 40, scored: 40 });
      expect(weak.curve[0]?.[1]).to.equal(20 / 40);
      expect(strong.metrics['cost']?.value).to.equal(10);
      expect(weak.metrics['cost']?.value).to.be.closeTo((1000 * (119.5 + 20)) / 1e6, 1e-6);
      expect(own.metrics['arena']?.value).to.be.a('number');
      expect(own.metrics['cost']?.value).to.be.within(weak.metrics['cost']?.value as number, 10);
    });
  });

  const NO_LOGITS = /^RXB4002 .*"entropy" needs logits.*\(recorded\)/;

  it('costs a router its row for signals that were not recorded', async () => {
    await inRecordedProject({ routers: ['prompt-length', 'entropy'] }, async (project) => {
      const { routers, refused } = await makePlan(project);
      expect(routers.map(({ name }) => name)).to.deep.equal(['prompt-length']);
      expect(refused.map(({ router }) => router)).to.deep.equal(['entropy']);
      expect(refused[0]?.errors.map(({ message }) => message)[0]).to.match(NO_LOGITS);
    });
  });

  it('is rejected by plan where no router is left, and for a dataset without the model', async () => {
    await inRecordedProject({ routers: ['entropy'] }, async (project) => {
      expect((await rejection(makePlan(project))).message).to.match(NO_LOGITS);
    });
    await inRecordedProject(
      {
        models: {
          weak: { use: 'recorded', options: { model: 'tiny' } },
          strong: { use: 'recorded', options: { model: 'large' } },
        },
      },
      async (project) => {
        expect((await rejection(makePlan(project))).message).to.match(
          /^RXB3108 .*has no recorded outcomes of "tiny".*small, large/,
        );
      },
    );
  });
});
