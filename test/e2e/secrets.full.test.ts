import { expect } from 'chai';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Leaderboard } from '../../storage/results/types.js';
import { inToyProject, rxbIn, toyConfig } from '../support/toy-project.js';
import { writeFiles } from '../support/temporary.js';

/**
 * What a router in the project's own package finds when it looks for a secret in the environment or
 * in `.env`, or for local copies of a dataset.
 */
async function found(
  isolation: object,
  env: Readonly<Record<string, string>>,
  dotenv: string,
): Promise<{
  readonly confidences: ReadonlySet<number>;
  readonly unverifiedReason: string | null | undefined;
}> {
  return await inToyProject(async ({ folder }) => {
    await cp(resolve('test/fixtures/hostile/plugins'), join(folder, 'routers'), {
      recursive: true,
    });
    await mkdir(join(folder, 'routers/node_modules'), { recursive: true });
    await symlink(resolve('.'), join(folder, 'routers/node_modules/routerxbench'), 'dir');
    await writeFiles(folder, {
      'package.json': JSON.stringify({
        name: 'the-project',
        version: '1.0.0',
        type: 'module',
        harness: { plugins: 'routers' },
      }),
      '.env': dotenv,
      'harness.config.json': toyConfig({ routers: ['reads-secrets'], isolation }),
    });
    const ran = await rxbIn(folder, { env })('run', '--quiet');
    expect(ran.exitCode, ran.stderr).to.equal(0);
    const rows = (
      await readFile(join(folder, 'results/runs/toy/reads-secrets/toy-far.rows.jsonl'), 'utf8')
    )
      .trim()
      .split('\n');
    const board = JSON.parse(
      await readFile(join(folder, 'results/leaderboard.json'), 'utf8'),
    ) as Leaderboard;
    return {
      confidences: new Set(
        rows.map((line) => (JSON.parse(line) as { readonly confidence: number }).confidence),
      ),
      unverifiedReason: board.rows.find(({ router }) => router === 'reads-secrets')
        ?.unverifiedReason,
    };
  });
}

describe('a secret of the harness', function () {
  this.timeout(300_000);
  const held = { inProcess: ['toy-plugins'] };

  it('is found in the harness’s process, in the environment and in .env', async () => {
    expect(
      (await found({ inProcess: ['all'] }, { CANARY: 'sings' }, '')).confidences,
    ).to.deep.equal(new Set([1]));
    expect((await found({ inProcess: ['all'] }, {}, 'API_KEY=sings\n')).confidences).to.deep.equal(
      new Set([1]),
    );
  });

  it('is not found by a router in a separate process, even one in the package that contains the .env', async () => {
    expect(
      await found(held, { CANARY: 'sings', OPENAI_API_KEY: 'sings' }, 'API_KEY=sings\n'),
    ).to.deep.equal({ confidences: new Set([0]), unverifiedReason: null });
  });
});
