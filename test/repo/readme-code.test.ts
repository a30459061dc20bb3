import { expect } from 'chai';
import { execa } from 'execa';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { rxb } from '../support/rxb.js';

/** The TypeScript blocks of a Markdown file, in order. */
const blocks = async (file: string): Promise<readonly string[]> =>
  [...(await readFile(file, 'utf8')).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    (match) => match[1] as string,
  );

describe('the code in README', () => {
  it('compiles under strict settings, and its router runs in its benchmark beside the built-ins', async () => {
    const [config, router, contract] = (await blocks('README.md')) as [string, string, string];
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'node_modules'));
      for (const name of ['zod', '@types', 'mocha'])
        await symlink(resolve('node_modules', name), join(folder, 'node_modules', name), 'dir');
      await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
      await writeFiles(folder, {
        'package.json': '{ "name": "mine", "private": true, "type": "module" }',
        'harness.config.ts': config
          .replace('models/small', resolve('models/tiny/weak'))
          .replace('models/large', resolve('models/tiny/strong')),
        'plugins/my-router.ts': router,
        'my-router.spec.ts': contract.replace('./my-router.js', './plugins/my-router.js'),
        'tsconfig.json': JSON.stringify({
          compilerOptions: {
            target: 'ES2022',
            lib: ['ES2023'],
            module: 'NodeNext',
            strict: true,
            experimentalDecorators: true,
            types: ['node', 'mocha'],
            outDir: 'out',
            rootDir: '.',
            skipLibCheck: true,
          },
          include: ['*.ts', 'plugins'],
        }),
      });
      const compiled = await execa(process.execPath, [resolve('node_modules/typescript/bin/tsc')], {
        cwd: folder,
        reject: false,
      });
      expect(compiled.exitCode, compiled.stdout).to.equal(0);
      const suite = await execa(
        process.execPath,
        [resolve('node_modules/mocha/bin/mocha.js'), 'out/my-router.spec.js'],
        { cwd: folder, reject: false },
      );
      expect(suite.exitCode, suite.stdout).to.equal(0);
      expect(suite.stdout)
        .to.contain('MyRouter keeps the contract of routers')
        .and.to.match(/1\d passing/);

      const ran = await rxb(folder, ['run', '--limit', '40', '--quiet']);
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(ran.stdout)
        .to.contain('my-router')
        .and.to.contain('probe-mean')
        .and.to.contain('OOD AVG');
    });
  });
});
