import { expect } from 'chai';
import { execa } from 'execa';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../temporary.js';
import { rxbIn } from './toy-project.js';

/** Installs the packed tarball: unpacked where npm would put it, its dependencies linked beside it. */
async function install(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(modules, { recursive: true });
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: resolve('.') });
  await execa('tar', ['xzf', join(folder, stdout.trim().split('\n').at(-1) as string), '-C', folder]);
  await execa('mv', [join(folder, 'package'), join(modules, 'routerxbench')]);
  for (const name of await readdir(resolve('node_modules'))) if (!name.startsWith('.')) await symlink(resolve('node_modules', name), join(modules, name), 'dir');
}

describe('rxb init, with the packed package installed', function () {
  this.timeout(600_000);

  it('makes packages of every kind and style that build, pass their contract and are listed; a project with them runs', async () => {
    await inTemporaryFolder(async (folder) => {
      await install(folder);
      const rxb = rxbIn(folder);
      expect((await rxb('init')).exitCode).to.equal(0);
      const names: string[] = [];
      for (const kind of ['router', 'dataset', 'scorer']) {
        for (const style of ['define', 'decorators', 'javascript']) {
          const name = `my-${kind}-${style}`;
          names.push(name);
          const made = await rxb('init', kind, name, '--style', style);
          expect(made.exitCode, made.stderr).to.equal(0);
          const own = join(folder, name);
          if (style !== 'javascript') {
            const built = await execa(process.execPath, [resolve('node_modules/typescript/bin/tsc')], { cwd: own, reject: false });
            expect(built.exitCode, `${name}: ${built.stdout}`).to.equal(0);
          }
          const tested = await execa(process.execPath, ['--test', style === 'javascript' ? `test/${name}.test.js` : `dist/test/${name}.test.js`], { cwd: own, reject: false });
          expect(tested.exitCode, `${name}: ${tested.stdout}`).to.equal(0);
          const listed = await rxbIn(own)('list', `${kind}s`, '--json');
          expect(listed.stdout, listed.stderr).to.contain(`"${name}"`).and.to.contain(`rxb-${kind}-${name}`);
        }
      }
      const routers = names.filter((name) => name.includes('router'));
      const config = { name: 'mine', plugins: names.map((name) => `./${name}`), models: { weak: { use: 'onnx', options: { folder: 'node_modules/routerxbench/models/tiny/weak' } }, strong: { use: 'onnx', options: { folder: 'node_modules/routerxbench/models/tiny/strong' } } }, datasets: { inDomain: [{ use: 'my-dataset-define', scorer: 'my-scorer-javascript' }], outOfDomain: ['my-dataset-decorators'] }, routers, generation: { maxTokens: 16 } };
      await writeFiles(folder, { 'mine.config.json': JSON.stringify(config) });
      const ran = await rxb('run', '--quiet', '--config', 'mine.config.json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      for (const router of routers) expect(ran.stdout).to.contain(router);
    });
  });

  it('and JavaScript of either module system takes it', async () => {
    await inTemporaryFolder(async (folder) => {
      await install(folder);

      const body = "const R = defineRouter({ name: 'r', summary: 's', needs: [] }, () => ({ score: ({ query }) => -query.text.length }));\ncheckRouter(R).then((wrong) => { console.log(JSON.stringify(wrong)); });\n";
      await writeFiles(folder, {
        'esm.mjs': `import { defineRouter } from 'routerxbench';\nimport { checkRouter } from 'routerxbench/testing';\n${body}`,
        'cjs.cjs': `const { defineRouter } = require('routerxbench');\nconst { checkRouter } = require('routerxbench/testing');\n${body}`,
      });
      for (const file of ['esm.mjs', 'cjs.cjs']) expect((await execa(process.execPath, [file], { cwd: folder })).stdout, file).to.equal('[]');
    });
  });
});
