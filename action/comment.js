/** Makes or renews the one comment of the gate on a pull request: node comment.js FILE. Everything comes from the environment of a GitHub job. */
import { readFile } from 'node:fs/promises';
import { argv, env, exit, stdout } from 'node:process';

const MARK = '<!-- routerxbench check -->';
const LONGEST = 65000; // GitHub refuses bodies above 65,536 characters

const { GITHUB_API_URL: api = 'https://api.github.com', GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token, GITHUB_EVENT_PATH: eventPath } = env;

const call = async (method, path, body) => {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}`, 'content-type': 'application/json', 'user-agent': 'routerxbench' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return await response.json();
};

const event = JSON.parse(await readFile(eventPath, 'utf8'));
const number = event.pull_request?.number;
if (number === undefined) {
  stdout.write('This is no pull request: no comment.\n');
  exit(0);
}
const text = await readFile(argv[2], 'utf8');
if (!text.startsWith(MARK)) throw new Error(`${argv[2]} was not written by rxb check --markdown`);
const body = text.length > LONGEST ? `${text.slice(0, LONGEST)}\n\n… cut; the whole is in the job summary.\n` : text;

let own;
for (let page = 1; own === undefined; page++) {
  const comments = await call('GET', `/repos/${repository}/issues/${number}/comments?per_page=100&page=${page}`);
  own = comments.find((comment) => comment.body?.startsWith(MARK));
  if (comments.length < 100) break;
}
const comment = own === undefined ? await call('POST', `/repos/${repository}/issues/${number}/comments`, { body }) : await call('PATCH', `/repos/${repository}/issues/comments/${own.id}`, { body });
stdout.write(`${own === undefined ? 'Made' : 'Renewed'} comment ${comment.html_url ?? comment.id}\n`);
