import { expect } from 'chai';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findSecret, secretForms } from '../support/secret-forms.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { rxbIn } from '../support/toy-project.js';

const KEY = 'sk-canary/9f8e7d6c+5b4a=Zq';
const FORMS = Object.values(secretForms(KEY));

/** A reply: status, body, headers. */
type Echo = readonly [number, string, Readonly<Record<string, string>>?];

const answer = (over: object, choice: object = {}): Echo => [
  200,
  JSON.stringify({
    model: 'm',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: { content: 'B' },
        logprobs: {
          content: [
            {
              token: 'B',
              logprob: -0.1,
              top_logprobs: Array.from({ length: 20 }, (_, i) => ({
                token: `t${i}`,
                logprob: -0.1 - i,
              })),
            },
          ],
        },
        ...choice,
      },
    ],
    usage: { prompt_tokens: 5, completion_tokens: 1 },
    ...over,
  }),
];
const error = (status: number, message: string): Echo => [
  status,
  JSON.stringify({ error: { message, type: 'x', code: 'y' } }),
];
/** Also with characters that JSON escapes once more, as a server may write them. */
const unescaped = (status: number, form: string): Echo => [
  status,
  `{"error":{"message":"no ${form.replaceAll('"', '')}"}}`,
];

/** Replies that fail a row, or none. */
const OF_ROWS: readonly Echo[] = [
  ...FORMS.flatMap((form) => [error(400, `no ${form}`), unescaped(400, form)]),
  ...FORMS.flatMap((form) => [
    answer({}, { message: { content: `your key is ${form}` } }),
    answer({}, { message: { content: 'B', reasoning_content: form } }),
    answer({}, { message: { content: null, refusal: form } }),
    answer({ usage: { prompt_tokens: 1, completion_tokens: 1, d: { [form]: 3 } } }),
    answer({}, { finish_reason: form }),
    answer({ choices: form }),
  ]),
  error(400, 'y'.repeat(295) + KEY),
  [400, ''],
  [200, `plain ${KEY}`],
];
/** Replies that end the run. */
const OF_RUNS: readonly Echo[] = [
  error(401, `bad key ${KEY}`),
  unescaped(401, secretForms(KEY)['escaped characters'] ?? ''),
  answer({ model: KEY }),
  [302, '', { location: `http://127.0.0.1:1/${KEY}` }],
  [500, `<p>${KEY}</p>`],
  [429, JSON.stringify({ error: { message: KEY } }), { 'retry-after': '999999' }],
];

async function filesUnder(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
}

/** Runs `work` with the address of a server that gives these replies in turn. */
async function withServer<T>(
  replies: readonly Echo[],
  work: (address: string) => Promise<T>,
): Promise<T> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.url?.includes('/models') === true)
        return void response.end(JSON.stringify({ data: [{ id: 'm' }, { id: KEY }] }));
      const [status, body, headers = {}] = replies[asked++ % replies.length] as Echo;
      response.writeHead(status, headers).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const result = await work(`http://127.0.0.1:${port}/v1?key=${encodeURIComponent(KEY)}`);
    expect(asked).to.be.at.least(1);
    return result;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const OPTIONS = {
  model: 'm',
  baseUrl: { env: 'ADDRESS' },
  apiKey: { env: 'KEY' },
  retries: 0,
  patienceSeconds: 2,
};
const CONFIG = JSON.stringify({
  name: 't',
  models: {
    weak: { use: 'openai', options: OPTIONS },
    strong: { use: 'openai', options: { ...OPTIONS, revision: 's' } },
  },
  datasets: { inDomain: ['tiny-choice4'] },
  generation: { maxTokens: 4 },
  routers: ['confidence-margin', 'avg-logprob', 'prompt-length'],
  limit: 100,
});
const COMMANDS = ['run', 'run --json --retry-errors', 'doctor', 'cache ls', 'config'];

/** Where the key is found after the commands: files, and what was printed. */
const leaks = async (replies: readonly Echo[]): Promise<readonly string[]> =>
  await withServer(replies, async (ADDRESS) =>
    inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'harness.config.json': CONFIG });
      const rxb = rxbIn(folder, { env: { KEY, ADDRESS } });
      const found: string[] = [];
      let marks = 0;
      const look = (name: string, text: string): void => {
        const form = findSecret(text, KEY);
        if (form !== undefined) found.push(`${name}: ${form}`);
        marks += text.includes('[secret]') ? 1 : 0;
      };
      for (const command of COMMANDS) {
        const { stdout, stderr } = await rxb(...command.split(' '));
        look(`${command}: stdout`, stdout);
        look(`${command}: stderr`, stderr);
      }
      for (const file of await filesUnder(folder)) look(file, await readFile(file, 'latin1'));
      expect(marks, 'nothing was removed').to.be.at.least(1);
      return found;
    }),
  );

describe('a key that a server repeats', function () {
  this.timeout(600_000);

  it('is in no file and in nothing that is printed: errors, answers and counts of rows', async () => {
    expect(await leaks(OF_ROWS)).to.deep.equal([]);
  });

  for (const reply of OF_RUNS)
    it(`nor where the run ends: ${reply[0]} ${reply[1].slice(0, 40)}`, async () => {
      expect(await leaks([reply])).to.deep.equal([]);
    });
});
