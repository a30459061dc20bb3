import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scriptedEngine } from '../../../support/openai-server/scripted-engine.js';
import { startServer } from '../../../support/openai-server/server.js';
import { inToyProject } from '../../../support/toy-project.js';
import { makePlan } from '../../../../pipeline/plan.js';
import { openProject } from '../../../../pipeline/project.js';
import { rejection, writeFiles } from '../../../support/temporary.js';

/** All rows of the artifacts of a kind. */
async function readRows(
  folder: string,
  kind: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const at = join(folder, 'results/artifacts', kind);
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (const hash of await readdir(at)) {
    const text = await readFile(join(at, hash, '00000.jsonl'), 'utf8');
    rows.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    );
  }
  return rows;
}

const TALK = `
import { dataset, model } from 'routerxbench';
export class Echo {
  info = async () => ({ name: 'echo', fingerprint: 'echo', can: ['generate'] });
  generate = async (prompts, settings, { advance }) => prompts.map((prompt) => {
    advance(1);
    const last = prompt.messages.at(-1).content;
    if (last.includes('fail')) return { ok: false, code: 'RXB4008', message: 'told to' };
    return { ok: true, value: [{ text: prompt.messages.map(({ content }) => content).join('|') + '@' + settings.temperature, tokenLogprobs: [-1], finish: 'stop', promptTokens: 1, completionTokens: 1 }] };
  });
}
model({ name: 'echo', summary: 'Says what it was told' })(Echo);
export class Talks {
  *read() {
    yield { id: 'one', prompt: 'a', reference: 'r', domain: 'writing', turns: ['b', 'c'], temperature: 0.7 };
    yield { id: 'two', prompt: 'd', reference: 'r', domain: 'math' };
    yield { id: 'three', prompt: 'e', reference: 'r', domain: 'math', turns: ['fail'] };
  }
}
dataset({ name: 'talks', summary: 'Conversations', splits: ['test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Talks);
`;

describe('a chain of scorers', () => {
  it('is decided by the first that can, and every grade says which that was', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        const ran = await rxb('run', '--quiet', '--routers', 'prompt-length');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const rows = await readRows(folder, 'grades');
        expect(new Set(rows.map(({ scorer }) => scorer))).to.deep.equal(new Set(['math']));
        const result = JSON.parse(
          await readFile(join(folder, 'results/runs/toy/prompt-length/toy-far.json'), 'utf8'),
        ) as { readonly provenance: { readonly scorer: unknown } };
        expect(result.provenance.scorer).to.deep.equal(['choice', 'math']);
      },
      {
        datasets: {
          inDomain: [{ use: 'toy-near', scorer: ['choice', 'math'] }],
          outOfDomain: [{ use: 'toy-far', scorer: ['choice', 'math'] }],
        },
        limit: 10,
      },
    );
  });

  it('ends with a verifier behind a real server, and keeps the reasons of all where none can', async () => {
    const server = await startServer({
      engine: scriptedEngine('xVerify', (messages) => {
        const [response = '', wanted = ''] = (
          messages[0]?.content.split('Response:\n')[1] ?? ''
        ).split('\n\nCorrect answer:\n');
        return response === '0'
          ? 'It made no attempt.'
          : response === wanted
            ? 'Correct'
            : 'Incorrect';
      }),
    });
    const scorer = ['choice', 'xverify'];
    try {
      await inToyProject(
        async ({ folder, rxb }) => {
          const ran = await rxb('run', '--quiet', '--routers', 'prompt-length');
          expect(ran.exitCode, ran.stderr).to.equal(0);
          const rows = await readRows(folder, 'grades');
          expect(rows).to.have.length(40);
          expect(new Set(rows.map((row) => row['scorer']))).to.deep.equal(
            new Set(['xverify', undefined]),
          );
          expect(rows.find(({ value }) => value === null)?.['reason']).to.equal(
            'choice: the reference names no option; xverify: the verifier replied neither Correct nor Incorrect: "It made no attempt."',
          );
          expect(new Set(server.requests.map((request) => JSON.stringify(request))).size).to.equal(
            25,
          );
          expect(server.requests).to.have.length(25); // equal prompts are paid for once
          const result = JSON.parse(
            await readFile(join(folder, 'results/runs/toy/prompt-length/toy-far.json'), 'utf8'),
          ) as {
            readonly provenance: {
              readonly scorer: readonly [
                string,
                { readonly prompt: { readonly from: string; readonly hash: string } },
              ];
            };
          };
          expect(result.provenance.scorer[1].prompt).to.include({ from: 'own' });
          expect((await rxb('run', '--routers', 'prompt-length')).stdout).to.include(
            '0 model calls',
          );
        },
        {
          models: {
            weak: { use: 'toy-weak' },
            strong: { use: 'toy-strong' },
            xverify: { use: 'openai', options: { model: 'xVerify', baseUrl: server.url } },
          },
          datasets: {
            inDomain: [{ use: 'toy-near', scorer }],
            outOfDomain: [{ use: 'toy-far', scorer }],
          },
          limit: 10,
        },
      );
    } finally {
      await server.close();
    }
  });

  it('that a set names for itself has a verifier only where the config has the model for it', async () => {
    const plugin = `
import { dataset } from 'routerxbench';
export class Sums { *read() { yield { id: 'one', prompt: '1 + 1?', reference: '2', domain: 'sums' }; } }
dataset({ name: 'sums', summary: 'Sums', splits: ['test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: ['math', 'xverify'], scale: [0, 1], label: 'correct' })(Sums);
`;
    const planned = async (
      models: object,
      datasets: object,
    ): Promise<readonly string[] | undefined> =>
      await inToyProject(
        async ({ folder }) => {
          await writeFiles(folder, { 'toy-plugins/sums.js': plugin });
          return (await makePlan(await openProject({ cwd: folder, env: {} }))).sets[0]?.scorers.map(
            ({ name }) => name,
          );
        },
        {
          plugins: ['./toy-plugins', './toy-plugins/sums.js'],
          models: { weak: { use: 'toy-weak' }, strong: { use: 'toy-strong' }, ...models },
          datasets: { inDomain: [datasets] },
          routers: ['prompt-length'],
        },
      );
    const xverify = {
      xverify: { use: 'openai', options: { model: 'xVerify', baseUrl: 'http://127.0.0.1:9/v1' } },
    };
    expect([
      await planned({}, { use: 'sums' }),
      await planned(xverify, { use: 'sums' }),
    ]).to.deep.equal([['math'], ['math', 'xverify']]);
    expect(
      (await rejection(planned({}, { use: 'sums', scorer: ['math', 'xverify'] }))).message,
    ).to.contain('RXB4003');
  });

  it('is warned about where a model judges its own answers', async () => {
    const scorer = { use: 'xverify', options: { model: 'strong' } };
    await inToyProject(
      async ({ rxb }) =>
        expect((await rxb('run', '--routers', 'prompt-length')).stderr).to.include(
          'warning: scorer "xverify" asks "strong", which is the strong model',
        ),
      {
        datasets: { inDomain: [{ use: 'toy-near', scorer }] },
        limit: 2,
      },
    );
  });
});

describe('a conversation', () => {
  it('goes on with what the model said, at the temperature of its row; a turn that fails fails it', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, {
          'talk/package.json': JSON.stringify({
            name: 'talk',
            type: 'module',
            harness: { plugins: 'index.js' },
          }),
          'talk/index.js': TALK,
        });
        const ran = await rxb('prepare', '--quiet', '--only', 'answers');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const rows = await readRows(folder, 'answers');
        const [one, two, three] = ['one', 'two', 'three'].map((id) =>
          rows.find((row) => row['id'] === id),
        );
        expect(one).to.deep.include({
          text: 'a@0.7',
          further: ['a|a@0.7|b@0.7', 'a|a@0.7|b|a|a@0.7|b@0.7|c@0.7'],
        });
        expect(two).to.deep.include({ text: 'd@0' }).and.not.to.have.property('further');
        expect(three).to.deep.equal({
          id: 'three',
          error: { code: 'RXB4008', message: 'turn 2: told to' },
        });
      },
      {
        plugins: ['./toy-plugins', './talk'],
        models: { weak: { use: 'echo' }, strong: { use: 'echo' } },
        datasets: { inDomain: ['talks'], outOfDomain: [] },
        routers: ['prompt-length'],
      },
    );
  });
});
