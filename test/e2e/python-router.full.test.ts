import { expect } from 'chai';
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inToyProject, toyConfig } from '../support/toy-project.js';
import { writeFiles } from '../support/temporary.js';

describe('examples/python-router', function () {
  this.timeout(120_000);

  it('is listed, fitted and scored like the others, and its errors have codes', async () => {
    const over = {
      plugins: ['./toy-plugins', './python-router'],
      isolation: { inProcess: ['toy-plugins'] },
      routers: ['prompt-length', { use: 'python-logistic', options: { epochs: 60 } }],
      protocol: { trainingSeeds: [1] },
    };
    await inToyProject(async ({ folder, rxb }) => {
      await cp(resolve('examples/python-router'), join(folder, 'python-router'), {
        recursive: true,
      });
      const shown = await rxb('show', 'python-logistic');
      expect(shown.stdout)
        .to.contain('answer')
        .and.to.contain('epochs: integer at least 1 (default 200)')
        .and.to.contain('rxb-python-router 1.0.0');

      const ran = await rxb('run', '--quiet', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const { board } = JSON.parse(ran.stdout) as {
        readonly board: {
          readonly rows: readonly {
            readonly router: string;
            readonly unverifiedReason: string | null;
            readonly metrics: Record<string, Record<string, { readonly value: number }>>;
          }[];
        };
      };
      const row = board.rows.find(({ router }) => router === 'python-logistic');
      expect(row?.unverifiedReason).to.equal(null);
      expect(
        row?.metrics['toy-near']?.['auroc']?.value,
        'a wrong answer of the toy model has a log-probability of its own',
      ).to.equal(1);

      const refused = await rxb(
        'run',
        '--quiet',
        '--config',
        await config(folder, {
          ...over,
          routers: [{ use: 'python-logistic', options: { epochs: 0 } }],
        }),
      );
      expect([refused.exitCode, refused.stderr], refused.stderr).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 2 && text.includes('RXB2105') && text.includes('at epochs'),
      );
    }, over);
  });
});

async function config(folder: string, over: Readonly<Record<string, unknown>>): Promise<string> {
  await writeFiles(folder, { 'other.config.json': toyConfig(over) });
  return 'other.config.json';
}
