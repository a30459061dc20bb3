import { expect } from 'chai';
import { execa } from 'execa';
import { join } from 'node:path';
import { install } from '../../e2e/installed.js';
import { inTemporaryFolder, writeFiles } from '../temporary.js';
import { rxbIn } from './toy-project.js';

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
          for (const script of ['lint', 'test']) { // test builds
            const ran = await execa('npm', ['run', '--silent', script], { cwd: own, reject: false, all: true });
            expect(ran.exitCode, `${name}: ${script}: ${ran.all}`).to.equal(0);
            if (script === 'test') expect(ran.all).to.match(/keeps the contract of/).and.to.match(/fail 0/);
          }
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
