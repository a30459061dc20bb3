import { expect } from 'chai';
import { execa } from 'execa';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { GitHubComments } from '../support/github-comments.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const MARK = '<!-- routerxbench check -->';

describe('the comment of the action', () => {
  const github = new GitHubComments('secret');
  let address: string;
  before(async () => void (address = await github.open()));
  after(() => github.close());

  const comment = async (
    event: object,
    text: string,
  ): Promise<{ readonly exitCode?: number; readonly stdout: string; readonly stderr: string }> =>
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'event.json': JSON.stringify(event), 'check.md': text });
      return await execa('node', [join(repository, 'action/comment.js'), 'check.md'], {
        cwd: folder,
        reject: false,
        env: {
          GITHUB_API_URL: address,
          GITHUB_REPOSITORY: 'a/b',
          GITHUB_TOKEN: 'secret',
          GITHUB_EVENT_PATH: 'event.json',
        },
      });
    });
  const pull = (from = 'a/b'): object => ({
    pull_request: { number: 7, head: { repo: { full_name: from } } },
  });

  it('is updated in place, whatever other comments there are, and not made without a pull request', async () => {
    expect((await comment({}, `${MARK}\nred`)).stdout).to.contain('not a pull request');
    expect((await comment(pull(), `${MARK}\nred`)).stdout).to.contain('Created comment');
    github.hiccups = 1;
    expect((await comment(pull(), `${MARK}\ngreen ${'x'.repeat(70_000)}`)).stdout).to.contain(
      'Updated comment',
    );
    expect(github.ours).to.have.length(1);
    expect(github.ours[0]).to.match(
      /^<!-- routerxbench check -->\ngreen x+\n\n… cut; the job summary has all of it\.\n$/,
    );
    expect(github.seen.slice(0, 3)).to.deep.equal([
      'GET /repos/a/b/issues/7/comments',
      'GET /repos/a/b/issues/7/comments',
      'POST /repos/a/b/issues/7/comments',
    ]);
  });

  it('is skipped with a warning if the token is read-only; any other failure fails', async () => {
    github.mayWrite = false;
    const fork = await comment(pull('stranger/b'), `${MARK}\nred`);
    expect([fork.exitCode, fork.stdout]).to.satisfy(
      ([code, text]: [number, string]) =>
        code === 0 &&
        text.startsWith(
          '::warning title=No comment on the pull request::a pull request from a fork',
        ) &&
        text.includes('not accessible by integration'),
    );
    expect((await comment(pull(), `${MARK}\nred`)).stdout).to.contain('pull-requests: write');
    github.mayWrite = true;
    github.hiccups = 3;
    const down = await comment(pull(), `${MARK}\nred`);
    expect([down.exitCode, down.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('502'),
    );
    expect((await comment(pull(), 'something else')).stderr).to.contain(
      'was not written by rxb check',
    );
  }).timeout(20_000);
});
