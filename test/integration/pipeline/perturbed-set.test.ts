import { expect } from 'chai';
import type { Dataset, DatasetRow } from '../../../core/contracts.js';
import {
  openPerturbedSet,
  type PerturbationSettings,
  type PerturbedSet,
} from '../../../pipeline/perturbed-set.js';
import { makePlan } from '../../../pipeline/plan.js';
import { openProject } from '../../../pipeline/project.js';
import { buildQuerySet } from '../../../pipeline/query-set.js';
import { inToyProject } from '../../support/toy-project.js';
import { writeFiles } from '../../support/temporary.js';
import type { Plan } from '../../../pipeline/planning/planned.js';

const rows = Array.from({ length: 300 }, (_, i): DatasetRow => ({
  id: `q-${i}`,
  prompt: i % 3 === 0 ? `${i} + ${i} = ?` : `What is the sum of ${i} and ${i}?`,
  reference: `${2 * i}`,
  domain: 'sums',
  cluster: `${i}`,
  turns: ['And then?'],
  temperature: 0.5,
  recorded: { small: { grade: 1 } },
}));
const test = buildQuerySet('sums', 'test', rows);
const source: Dataset = {
  read: () => rows,
  paraphrases: ({ prompt }) =>
    prompt.startsWith('What')
      ? [prompt.replace('What is', 'Give'), prompt.replace('What is', 'Name')]
      : [],
};
const ALL: PerturbationSettings = {
  kinds: ['whitespace', 'case', 'paraphrase'],
  rows: 100,
  seed: 42,
};

const opened = async (
  settings: PerturbationSettings = ALL,
  from: Dataset = source,
): Promise<PerturbedSet> => (await openPerturbedSet(test, from, settings)) as PerturbedSet;
const rowsIn = async ({ queries }: PerturbedSet): Promise<readonly DatasetRow[]> => {
  const found: DatasetRow[] = [];
  for await (const block of queries.blocks()) found.push(...block.rows);
  return found;
};
const code = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'none',
    (error: { readonly code?: string }) => error.code ?? String(error),
  );

describe('the perturbed queries of a set', () => {
  it('are the same rows in every way that they can be changed, under ids of their own', async () => {
    const set = await opened();
    const found = await rowsIn(set);
    expect(found.map(({ id }) => id)).to.deep.equal(set.variants.map(({ id }) => id));
    expect(new Set(found.map(({ id }) => id)).size)
      .to.equal(found.length)
      .and.to.equal(set.queries.rows);
    const drawn = (kind: string): readonly string[] =>
      set.variants.filter((variant) => variant.kind === kind).map(({ of }) => of);
    expect(drawn('whitespace')).to.have.length(100);
    expect(drawn('case'))
      .to.deep.equal(drawn('whitespace').filter((id) => Number(id.slice(2)) % 3 !== 0))
      .and.to.deep.equal(drawn('paraphrase'));
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const [i, { of }] of set.variants.entries())
      expect(found[i]?.prompt).not.to.equal(byId.get(of)?.prompt);
    expect(
      new Set(
        set.variants.flatMap(({ kind }, i) =>
          kind === 'paraphrase' ? [found[i]?.prompt.split(' ')[0]] : [],
        ),
      ),
    ).to.deep.equal(new Set(['Give', 'Name']));
    expect([...set.paraphrases.values()]).to.deep.equal(drawn('paraphrase'));
  });

  it('carry no label: of a row only what decides how a model reads it', async () => {
    for (const row of await rowsIn(await opened()))
      expect(row).to.deep.equal({
        id: row.id,
        prompt: row.prompt,
        reference: [],
        domain: 'sums',
        temperature: 0.5,
      });
  });

  it('hang on the seed alone, and on nothing of other kinds', async () => {
    const [first, again, other] = [
      await opened(),
      await opened(),
      await opened({ ...ALL, seed: 7 }),
    ];
    expect(again.queries.promptsHash).to.equal(first.queries.promptsHash);
    expect(other.queries.promptsHash).not.to.equal(first.queries.promptsHash);
    const alone = await rowsIn(await opened({ ...ALL, kinds: ['case'] }));
    expect(alone).to.deep.equal((await rowsIn(first)).filter(({ id }) => id.endsWith('~case')));
    expect(
      (await opened({ ...ALL, rows: 1000 })).variants.filter(({ kind }) => kind === 'whitespace'),
    ).to.have.length(300);
  });

  it('are none where nothing can be changed', async () => {
    expect(
      await openPerturbedSet(test, { read: () => rows }, { ...ALL, kinds: ['paraphrase'] }),
    ).to.equal(null);
  });

  it('name a dataset whose paraphrases fail or are no texts', async () => {
    const broken: readonly unknown[] = [
      () => 'text',
      () => [' '],
      () => [3],
      () => Promise.reject(new Error('no wordings today')),
    ];
    for (const paraphrases of broken)
      expect(
        await code(
          opened(ALL, {
            read: () => rows,
            paraphrases: paraphrases as NonNullable<Dataset['paraphrases']>,
          }),
        ),
      ).to.equal('RXB5010');
  });

  it('are refused by plan where somebody is fitted on a paraphrase, and are not there unless they are asked for', async () => {
    const WORDED = `
      import { dataset, router } from 'routerxbench';
      export class Worded {
        read = (split) => [1, 2, 3].map((i) => ({ id: split + i, prompt: (split === 'test' ? 'What is ' : 'Add ') + i + ' + 1?', reference: String(i + 1), domain: 'sums' }));
        paraphrases = ({ prompt }) => [prompt.replace('What is', 'Add')];
      }
      dataset({ name: 'worded', summary: 'Sums', splits: ['train', 'test'], licence: 'MIT', source: { text: 'here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Worded);
      export class Learner { score = () => 0; fit = async () => ({ tensors: {}, meta: {} }); restore = () => {}; }
      router({ name: 'toy-learner', summary: 'Learns nothing', needs: [] })(Learner);
    `;
    await inToyProject(
      async ({ folder }) => {
        await writeFiles(folder, { 'toy-plugins/worded.js': WORDED });
        const plan = async (routers: readonly string[], perturb: boolean): Promise<Plan> =>
          await makePlan(await openProject({ cwd: folder, env: {}, flags: { perturb } }), {
            routers,
          });
        expect(await code(plan(['toy-learner'], true))).to.equal('RXB5011');
        expect((await plan(['toy-learner'], false)).sets[0]?.perturbed).to.equal(null);
        expect((await plan(['prompt-length'], true)).sets[0]?.perturbed?.queries.rows).to.equal(9);
      },
      {
        plugins: ['./toy-plugins', './toy-plugins/worded.js'],
        datasets: { inDomain: ['worded'] },
        routers: ['toy-learner', 'prompt-length'],
      },
    );
  });
});
