import { expect } from 'chai';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { runAction, type Ended } from '../support/composite-action.js';
import { gateConfig, gatePlugins, writeGateProject } from '../support/gate-project.js';
import { GitHubComments } from '../support/github-comments.js';

const action = fileURLToPath(new URL('../../../', import.meta.url));

describe('action.yml', function () {
  this.timeout(600_000);

  it('runs step by step: verdicts, outputs, job summary, annotations and one comment', async () => {
    const github = new GitHubComments('the-token');
    const api = await github.open();
    try {
      await inTemporaryFolder(async (folder) => {
        const project = join(folder, 'checkout/benchmark');
        await writeGateProject(project, 0.7);
        const job = async (
          given: Readonly<Record<string, string>> = {},
          from = 'a/b',
        ): Promise<Ended> => {
          for (const name of ['artifacts', 'runs'])
            // as in a fresh checkout
            await rm(join(project, 'results', name), { recursive: true, force: true });
          const event = join(folder, 'event.json');
          await writeFiles(folder, {
            'event.json': JSON.stringify({
              pull_request: { number: 7, head: { repo: { full_name: from } } },
            }),
          });
          return await runAction({
            action,
            workspace: join(folder, 'checkout'),
            with: { folder: 'benchmark', ...given },
            token: 'the-token',
            env: { GITHUB_API_URL: api, GITHUB_REPOSITORY: 'a/b', GITHUB_EVENT_PATH: event },
          });
        };
        const all = ['Run the benchmark', 'Check', 'Comment'];

        const none = await job();
        expect([none.failed, none.ran, none.outputs], none.log).to.deep.equal([
          true,
          all,
          { verdict: 'refused', junit: '' },
        ]);
        expect(github.ours).to.have.length(1);
        expect(github.ours[0]).to.contain('✘ nothing was compared').and.to.contain('RXB8002');
        expect(none.summary).to.equal(github.ours[0]);

        const accepted = await rxbIn(project)('baseline', 'accept', '--reason', 'the first');
        expect(accepted.exitCode, accepted.stderr).to.equal(0);
        const green = await job();
        expect([green.failed, green.ran, green.outputs['verdict']], green.log).to.deep.equal([
          false,
          all,
          'pass',
        ]);
        expect(await readFile(green.outputs['junit'] as string, 'utf8'))
          .to.contain('<testsuites name="gate against ')
          .and.to.contain('failures="0"');
        expect(github.ours).to.have.length(1);
        expect(github.ours[0]).to.contain('### Routers: ✔ passed: 4 checks');
        expect(green.summary).to.equal(github.ours[0]);

        await writeFiles(project, { 'plugins/index.js': gatePlugins(0.1) });
        const red = await job();
        expect([red.failed, red.ran, red.outputs['verdict']], red.log).to.deep.equal([
          true,
          all,
          'fail',
        ]);
        expect(red.log).to.contain(
          '::error title=gate-guess%3A auroc on ID AVG::worse by more than 0.02',
        );
        expect(github.ours).to.have.length(1);
        expect(github.ours[0]).to.contain('### Routers: ✘ failed');

        const broken = gatePlugins(3).replace(
          'score = ({ query }) => {',
          '$&throw new Error("broken");',
        );
        await writeFiles(project, { 'plugins/index.js': broken });
        const refused = await job();
        expect(
          [refused.failed, refused.ran, refused.outputs['verdict']],
          refused.log,
        ).to.deep.equal([true, all, 'refused']);
        expect(github.ours[0]).to.contain('router gate-guess failed in run gate');
        await writeFiles(project, { 'plugins/index.js': gatePlugins(0.1) });

        github.mayWrite = false;
        const fork = await job({}, 'stranger/b');
        expect(
          [fork.failed, fork.ran, fork.outputs['verdict']],
          'the check fails it, not the comment',
        ).to.deep.equal([true, all, 'fail']);
        expect(fork.log).to.contain(
          '::warning title=No comment on the pull request::a pull request from a fork',
        );
        expect(fork.summary).to.contain('### Routers: ✘ failed');
        await writeFiles(project, { 'plugins/index.js': gatePlugins(0.7) });
        expect(
          (await job({}, 'stranger/b')).failed,
          'a fork that is not worse passes without a comment',
        ).to.equal(false);
        github.mayWrite = true;

        await writeFiles(project, { 'harness.config.json': gateConfig({ limit: 60 }) });
        await job({ comment: 'false' });
        expect(
          (await rxbIn(project)('baseline', 'accept', '--reason', 'a tiny sample')).exitCode,
        ).to.equal(0);
        await writeFiles(project, { 'plugins/index.js': gatePlugins(0.6) });
        const unsure = await job({ comment: 'false', baseline: 'results/baseline.json' });
        expect([unsure.failed, unsure.ran, unsure.outputs['verdict']], unsure.log).to.deep.equal([
          false,
          ['Run the benchmark', 'Check'],
          'inconclusive',
        ]);
        expect(unsure.log).to.contain('::warning title=gate-guess');
        const ran = await rxbIn(project)('run', '--quiet');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const strict = await runAction({
          action,
          workspace: join(folder, 'checkout'),
          with: { folder: 'benchmark', run: 'false', strict: 'true', comment: 'false' },
          token: '',
          env: {},
        });
        expect([strict.failed, strict.ran, strict.outputs['verdict']], strict.log).to.deep.equal([
          true,
          ['Check'],
          'inconclusive',
        ]);
      });
    } finally {
      github.close();
    }
  });
});
