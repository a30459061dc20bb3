import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gateConfig, gatePlugins, writeGateProject } from '../support/gate-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { rxbIn } from '../support/toy-project.js';

/** A package with one plugin. */
const plugin = (name: string, code: string): Readonly<Record<string, string>> => ({
  [`${name}/package.json`]: `{ "name": "${name}", "version": "1.0.0", "type": "module", "harness": { "plugins": "index.js" } }`,
  [`${name}/index.js`]: code,
});

const router = (sign: string, more = ''): string => `import { defineRouter } from 'routerxbench';
${more}
export const Mine = defineRouter({ name: 'mine', summary: 's', needs: [] }, () => ({
  score: ({ query }) => ${sign}query.text.match(/\\d+/g).slice(0, 2).reduce((a, b) => a + Number(b), 0),
}));
`;

const scorer = (right: string): string => `import { defineScorer } from 'routerxbench';
export const Last = defineScorer({ name: 'last', summary: 's', scale: [0, 1] }, () => ({
  grade: (row, answer) => ({ value: answer.text.trim() === row.reference ? ${right} : 0 }),
}));
`;

/** auroc of a router on the test set, and what the command said. */
async function run(
  folder: string,
  name: string,
  ...args: readonly string[]
): Promise<{ readonly auroc: number; readonly text: string; readonly verified: boolean }> {
  const ran = await rxbIn(folder)('run', '--quiet', '--json', ...args);
  expect(ran.exitCode, ran.stderr).to.equal(0);
  const file = join(folder, 'results/runs/gate', name, 'gate-sums.json');
  const result = JSON.parse(await readFile(file, 'utf8')) as {
    readonly metrics: { readonly auroc: { readonly value: number } };
    readonly unverifiedReason: string | null;
  };
  return {
    auroc: result.metrics.auroc.value,
    text: ran.stderr,
    verified: result.unverifiedReason === null,
  };
}

describe('edited code', function () {
  this.timeout(600_000);

  it('of a router makes new scores and says so: its own, that of a helper, a new version', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeGateProject(folder, 3);
      await writeFiles(folder, {
        ...plugin('mine', router('-')),
        'harness.config.json': gateConfig({
          plugins: ['./plugins', './mine'],
          routers: ['mine', 'prompt-length'],
        }),
      });
      const first = await run(folder, 'mine');
      expect(first.auroc).to.be.above(0.9);
      expect(first.text).to.not.contain('code changed');
      await writeFile(join(folder, 'mine/index.js'), router('+'));
      const turned = await run(folder, 'mine');
      expect(turned.auroc).to.be.closeTo(1 - first.auroc, 1e-6);
      expect(turned.text).to.contain('mine: code changed since the stored result, scoring again');
      expect((await run(folder, 'mine')).text, 'the same again').to.not.contain('code changed');

      await writeFiles(folder, {
        'mine/index.js': router('sign * ', "import { sign } from './helper.js';"),
        'mine/helper.js': 'export const sign = 1;',
      });
      expect((await run(folder, 'mine')).auroc).to.equal(turned.auroc);
      await writeFile(join(folder, 'mine/helper.js'), 'export const sign = -1;');
      expect((await run(folder, 'mine')).auroc).to.equal(first.auroc);
    });
  });

  it('of a scorer or a model grades and asks again', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeGateProject(folder, 3);
      await writeFiles(folder, {
        ...plugin('grader', scorer('1')),
        'harness.config.json': gateConfig({
          plugins: ['./plugins', './grader'],
          datasets: { inDomain: [{ use: 'gate-sums', scorer: 'last' }] },
        }),
      });
      const first = await run(folder, 'gate-guess');
      await writeFile(join(folder, 'grader/index.js'), scorer('Number(row.id.endsWith("1"))'));
      const graded = await run(folder, 'gate-guess');
      expect(graded.text).to.contain('last: code changed since the stored result, grading again');
      expect(graded.auroc).to.not.equal(first.auroc);
      const checked = await rxbIn(folder)('compare', 'results/leaderboard.json', 'gate');
      expect(checked.exitCode, checked.stderr).to.equal(0);

      const weaker = gatePlugins(3).replace('backend(60)', 'backend(30)');
      await writeFile(
        join(folder, 'plugins/index.js'),
        weaker.replace("'adds-' + largest", "'adds-60'"), // as if it were the same model
      );
      const asked = await run(folder, 'gate-guess');
      expect(asked.text).to.contain('weak: code changed since the stored result, asking again');
      expect(asked.auroc).to.not.equal(graded.auroc);
    });
  });

  it('that ran outside of the sandbox leaves nothing to a run inside', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeGateProject(folder, 3);
      const peeking = `import { readFileSync } from 'node:fs';
let sign = -1; try { readFileSync('/etc/hostname'); } catch { sign = 1; }`;
      const config = (over: object): string =>
        gateConfig({ plugins: ['./plugins', './mine'], routers: ['mine'], ...over });
      await writeFiles(folder, {
        ...plugin('mine', router('sign * ', peeking)),
        'harness.config.json': config({}),
        'inside.json': config({ isolation: { inProcess: ['./mine'] } }),
      });
      const inside = await run(folder, 'mine', '--config', 'inside.json');
      expect([inside.verified, inside.auroc > 0.9]).to.deep.equal([false, true]);
      const isolated = await run(folder, 'mine');
      expect([isolated.verified, isolated.auroc < 0.1]).to.deep.equal([true, true]);
    });
  });
});
