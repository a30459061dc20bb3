import { copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { MMLU_GROUPS } from '../../plugins/datasets/_recorded/mmlu-groups.js';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const MODELS = ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'gpt-4-1106-preview'] as const;

/** The example in a temporary folder, next to this package. `checkout` is named RouteLLM there. */
async function inExample(
  checkout: string | undefined,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (root) => {
    const folder = join(root, 'examples/routellm-mmlu');
    await mkdir(folder, { recursive: true });
    await mkdir(join(root, 'node_modules'));
    await symlink(repository, join(root, 'node_modules/routerxbench'), 'dir');
    await symlink(join(repository, 'models'), join(root, 'models'), 'dir');
    await copyFile('examples/routellm-mmlu/harness.config.ts', join(folder, 'harness.config.ts'));
    if (checkout === undefined) await writeFiles(folder, smallCheckout());
    else await symlink(resolve(checkout), join(folder, 'RouteLLM'), 'dir');
    await work(folder);
  });
}

/**
 * A checkout with a few made-up questions per subject: the weak model solves those with an even
 * number, the strong one all except every seventh.
 */
function smallCheckout(): Readonly<Record<string, string>> {
  const at = 'RouteLLM/routellm/evals/mmlu';
  const lines = (subject: string): string =>
    Array.from(
      { length: 14 },
      (_, i) =>
        `Question ${i} of ${subject}?,${i % 2 === 0 ? 'True' : 'False'},${i % 7 === 0 ? 'False' : 'True'}\n`,
    ).join('');
  return {
    ...Object.fromEntries(
      Object.values(MMLU_GROUPS)
        .flat()
        .map((subject) => [
          `${at}/responses/mmlu_${subject}.csv`,
          `prompt,${MODELS.join(',')}\n${lines(subject)}`,
        ]),
    ),
    [`${at}/contaminated_prompts.jsonl`]: '',
  };
}

interface Result {
  readonly rows: { readonly total: number };
  readonly curve: readonly (readonly [rate: number, quality: number])[];
  readonly metrics: Readonly<Record<string, { readonly value: number | null }>>;
}

describe('examples/routellm-mmlu', function () {
  this.timeout(900_000);

  it('fits six text routers on the STEM subjects and ranks them on the four groups, without model calls', async () => {
    await inExample(undefined, async (folder) => {
      const ran = await rxbIn(folder)('run', '--quiet');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const board = await readFile(join(folder, 'results/leaderboard.md'), 'utf8');
      for (const name of [
        'prompt-length',
        'knn',
        'logistic',
        'svm',
        'matrix-factorization',
        'embedding-mlp',
      ])
        expect(board).to.match(new RegExp(`\\| ${name} +\\|`));
      const { columns } = JSON.parse(
        await readFile(join(folder, 'results/leaderboard.json'), 'utf8'),
      ) as { readonly columns: readonly { readonly name: string }[] };
      expect(columns.map(({ name }) => name)).to.include.members([
        'mmlu-stem',
        'ID AVG',
        'mmlu-humanities',
        'mmlu-social-sciences',
        'mmlu-other',
        'OOD AVG',
      ]);
    });
  });

  const checkout = process.env['RXB_ROUTELLM_DIR'];
  (checkout === undefined ? it.skip : it)(
    'gives the known figures on a checkout of RouteLLM: 14,037 questions, Mixtral right in 0.680915 of them and GPT-4 in 0.805870',
    async () => {
      await inExample(checkout, async (folder) => {
        await writeFiles(folder, {
          'whole.json': JSON.stringify({
            name: 'whole',
            models: {
              weak: { use: 'recorded', options: { model: MODELS[0] } },
              strong: { use: 'recorded', options: { model: MODELS[1] } },
            },
            datasets: {
              inDomain: [
                { use: 'routellm-mmlu', options: { folder: 'RouteLLM' }, testSplit: 'all' },
              ],
            },
            routers: ['prompt-length'],
          }),
        });
        const ran = await rxbIn(folder)('run', '--quiet', '--config', 'whole.json');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const result = async (router: string): Promise<Result> =>
          JSON.parse(
            await readFile(join(folder, `results/runs/whole/${router}/routellm-mmlu.json`), 'utf8'),
          ) as Result;
        const value = async (router: string, metric: string): Promise<number> =>
          (await result(router)).metrics[metric]?.value ?? NaN;
        expect((await result('prompt-length')).rows.total).to.equal(14_037);
        const accuracy = async (router: string): Promise<number> =>
          (await result(router)).curve[0]?.[1] ?? NaN;
        expect(await accuracy('always-weak')).to.be.closeTo(0.680915, 1e-6);
        expect(await accuracy('always-strong')).to.be.closeTo(0.80587, 1e-6);
        expect(await value('oracle', 'apgr-exact')).to.be.closeTo(1.28533, 1e-5);
        // equal lengths count in every order, not in that of the file
        expect(await value('prompt-length', 'apgr')).to.be.closeTo(0.58335, 1e-3);
      });
    },
  );
});
