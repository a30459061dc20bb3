import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { scriptedEngine, type Asked } from '../support/openai-server/scripted-engine.js';
import { startServer, type RunningServer } from '../support/openai-server/server.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
/**
 * A checkout of the original; without one the suite is skipped. It may be incomplete: its test file
 * of MMLU is almost never there.
 */
const dataDir = process.env['RXB_DATA_DIR'];
const HEADS = [
  'Alpaca',
  'Big Math',
  'MMLU',
  'ID AVG',
  'Magpie',
  'MATH',
  'STEM',
  'Humanities',
  'Social Sciences',
  'Others',
  'OOD AVG',
];

interface Line {
  readonly instruction: string;
  readonly response: string;
}

const readLines = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8')).trim().split('\n');
/** A number between 0 and 1 from a text. */
const lot = (text: string): number =>
  Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 8), 16) / 2 ** 32;

/** Question → answer, from all existing files. */
async function keyTo(data: string): Promise<ReadonlyMap<string, string>> {
  const files = [
    ...(await readdir(data)),
    ...(await readdir(join(data, 'mmlu_pro'))).map((name) => `mmlu_pro/${name}`),
  ].filter((name) => /_(train|test|converted)\.jsonl$|^math\.jsonl$/.test(name));
  const key = new Map<string, string>();
  for (const file of files)
    for (const line of await readLines(join(data, file)))
      key.set((JSON.parse(line) as Line).instruction, (JSON.parse(line) as Line).response);
  return key;
}

(dataDir === undefined ? describe.skip : describe)(
  "the paper's preset on a checkout of the original",
  function () {
    this.timeout(600_000);

    it('makes both tables, in all four formats, with models and a judge on servers', async () => {
      const data = join(resolve(dataDir as string), 'src/data');
      const key = await keyTo(data);
      const knows = (name: string, share: number) => (messages: Asked) => {
        const question = messages.at(-1)?.content ?? '';
        return (
          (lot(name + question) < share ? key.get(question) : undefined) ??
          (question.includes('\nA. ') ? 'The answer is A' : 'I think it is 12345.')
        );
      };
      const judge = (messages: Asked): string => {
        const prompt = messages[0]?.content ?? '';
        const part = (name: string): string =>
          prompt.split(`<${name}>\n`)[1]?.split(`\n</${name}>`)[0] ?? '';
        return `Rating: [[${key.get(part('request')) === part('answer') ? 9 : 1 + Math.floor(lot(part('request')) * 5)}]]`;
      };
      const servers: Record<string, RunningServer> = {};
      for (const [name, reply] of [
        ['weak', knows('weak', 0.6)],
        ['strong', knows('strong', 0.9)],
        ['judge', judge],
      ] as const)
        servers[name] = await startServer({ engine: scriptedEngine(name, reply) });
      try {
        await inTemporaryFolder(async (folder) => {
          await mkdir(join(folder, 'node_modules'));
          await symlink(repository, join(folder, 'node_modules/routerxbench'), 'dir');
          const config = {
            extends: 'routerxbench/presets/paper',
            dataDir: resolve(dataDir as string),
            limit: 40,
            models: Object.fromEntries(
              Object.entries(servers).map(([name, { url }]) => [
                name,
                { use: 'openai', options: { model: name, baseUrl: url } },
              ]),
            ),
            routers: ['prompt-length', 'avg-logprob'],
          };
          await writeFiles(folder, { 'harness.config.json': JSON.stringify(config) });
          const rxb = rxbIn(folder);
          const isWhole = await access(join(data, 'mmlu_test.jsonl')).then(
            () => true,
            () => false,
          );
          if (!isWhole) {
            const refused = await rxb('prepare', '--check');
            expect([refused.exitCode, refused.stderr]).to.satisfy(
              ([code, text]: [number, string]) =>
                code !== 0 &&
                text.includes('RXB3106') &&
                text.includes('mmlu_test.jsonl') &&
                text.includes('dataDir'),
            );
            // replaces the missing file
            const lines = await readLines(join(data, 'mmlu_train.jsonl'));
            await writeFiles(folder, {
              'a.jsonl': `${lines.slice(0, 200).join('\n')}\n`,
              'b.jsonl': `${lines.slice(200, 400).join('\n')}\n`,
            });
            const mmlu = {
              use: 'jsonl',
              as: 'mmlu',
              options: {
                splits: { train: 'a.jsonl', test: 'b.jsonl' },
                fields: { prompt: 'instruction', reference: 'response' },
                licence: 'MIT',
                scorer: 'choice',
              },
            };
            await writeFiles(folder, {
              'harness.config.json': JSON.stringify({
                ...config,
                datasets: {
                  inDomain: [
                    { use: 'alpaca-5k', as: 'alpaca' },
                    { use: 'big-math-5k', as: 'big-math' },
                    mmlu,
                  ],
                },
              }),
            });
          }
          const ran = await rxb('run', '--quiet');
          expect(ran.exitCode, ran.stderr).to.equal(0);
          for (const format of ['table', 'markdown', 'csv', 'latex']) {
            const { stdout, exitCode, stderr } = await rxb(
              'leaderboard',
              '--table',
              'paper',
              '--format',
              format,
            );
            expect(exitCode, stderr).to.equal(0);
            for (const wanted of [
              ...HEADS,
              'prompt-length',
              'ProbeDirichlet',
              'Router ability',
              'Scenario alignment',
              '72.02',
            ])
              expect(stdout, format).to.contain(wanted);
            if (format === 'table' || format === 'markdown')
              expect(
                stdout
                  .split('\n')
                  .find((line) => line.startsWith('| prompt-length '))
                  ?.match(/\d+\.\d\d/g),
                format,
              ).to.have.length(HEADS.length);
          }
        });
      } finally {
        for (const server of Object.values(servers)) await server.close();
      }
    });
  },
);
