/**
 * Creates or updates the one comment of the gate on a pull request: node comment.js FILE. All
 * settings come from the environment of a GitHub job.
 */
import { readFile } from 'node:fs/promises';
import { argv, env, exit, stdout } from 'node:process';
import { setTimeout } from 'node:timers/promises';

const MARK = '<!-- routerxbench check -->';
const LONGEST = 65000; // GitHub refuses bodies above 65,536 characters
const TRIES = 3;

const {
  GITHUB_API_URL: api = 'https://api.github.com',
  GITHUB_REPOSITORY: repository,
  GITHUB_TOKEN: token,
  GITHUB_EVENT_PATH: eventPath,
} = env;

class Refused extends Error {}

/** Sends a request; server errors are retried. Throws Refused if the token lacks the permission. */
const call = async (method, path, body) => {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'user-agent': 'routerxbench',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return await response.json();
    const problem = `${method} ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`;
    if (response.status === 403) throw new Refused(problem);
    if (response.status < 500 || attempt === TRIES) throw new Error(problem);
    await setTimeout(1000 * attempt);
  }
};

const upsert = async (number, body) => {
  let own;
  for (let page = 1; own === undefined; page++) {
    const comments = await call(
      'GET',
      `/repos/${repository}/issues/${number}/comments?per_page=100&page=${page}`,
    );
    own = comments.find((comment) => comment.body?.startsWith(MARK));
    if (comments.length < 100) break;
  }
  const comment =
    own === undefined
      ? await call('POST', `/repos/${repository}/issues/${number}/comments`, { body })
      : await call('PATCH', `/repos/${repository}/issues/comments/${own.id}`, { body });
  return `${own === undefined ? 'Created' : 'Updated'} comment ${comment.html_url ?? comment.id}\n`;
};

const { pull_request: pull } = JSON.parse(await readFile(eventPath, 'utf8'));
if (pull?.number === undefined) {
  stdout.write('This is not a pull request: no comment.\n');
  exit(0);
}
const text = await readFile(argv[2], 'utf8');
if (!text.startsWith(MARK)) throw new Error(`${argv[2]} was not written by rxb check --markdown`);
const body =
  text.length > LONGEST
    ? `${text.slice(0, LONGEST)}\n\n… cut; the job summary has all of it.\n`
    : text;

try {
  stdout.write(await upsert(pull.number, body));
} catch (cause) {
  if (!(cause instanceof Refused)) throw cause;
  // Jobs on pull requests from forks get a token that may only read. The verdict is the check's,
  // and the summary has the table.
  const why =
    pull.head?.repo?.full_name === repository
      ? 'give the job the permission "pull-requests: write"'
      : 'a pull request from a fork gets a token that may only read';
  stdout.write(
    `::warning title=No comment on the pull request::${why}; the summary of the job has it. (${cause.message.replace(/[\r\n]+/g, ' ')})\n`,
  );
}
