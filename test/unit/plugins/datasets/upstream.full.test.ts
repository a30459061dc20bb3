import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { instantiate, checkOptions } from '../../../../core/container.js';
import { builtIns } from '../../../support/built-ins.js';
import { filesAt } from '../../../../storage/files.js';
import {
  computeFingerprint,
  QuestionIndex,
  type Fingerprint,
} from '../../../../pipeline/protocol/overlap.js';
import { openQuerySet } from '../../../../pipeline/query-set.js';
import type { DatasetRow } from '../../../../core/contracts.js';
import { MtBench } from '../../../../plugins/datasets/mt-bench.js';
import { secretsFrom } from '../../../../core/secrets.js';

/**
 * Rows of the original's files. Needs a checkout of it: RXB_DATA_DIR names the folder; without one
 * the suite is skipped.
 */
const ROWS: Readonly<Record<string, number>> = {
  'alpaca-5k/train': 4000,
  'alpaca-5k/test': 999,
  'big-math-5k/train': 4000,
  'big-math-5k/test': 1000,
  'mmlu/train': 4000,
  'magpie-5k/test': 1000,
  'math/test': 5000,
  'hotpotqa-500/test': 500,
  'hotpotqa-4k/train': 4000,
  'numina-cot-5k/test': 1000,
  'mt-bench/test': 80,
  'mmlu-pro-biology/test': 717,
  'mmlu-pro-business/test': 789,
  'mmlu-pro-chemistry/test': 1132,
  'mmlu-pro-computer-science/test': 410,
  'mmlu-pro-economics/test': 844,
  'mmlu-pro-engineering/test': 969,
  'mmlu-pro-health/test': 818,
  'mmlu-pro-history/test': 381,
  'mmlu-pro-law/test': 1101,
  'mmlu-pro-math/test': 1351,
  'mmlu-pro-other/test': 924,
  'mmlu-pro-philosophy/test': 499,
  'mmlu-pro-physics/test': 1299,
  'mmlu-pro-psychology/test': 798,
};
const dataDir = process.env['RXB_DATA_DIR'];

(dataDir === undefined ? describe.skip : describe)('a checkout of the original', function () {
  this.timeout(120_000);

  it('contains the rows of every dataset', async () => {
    const registry = await builtIns();
    const files = filesAt('.', {
      dataDirs: [dataDir as string],
      cache: 'none',
      env: {},
      offline: true,
    });
    for (const [key, rows] of Object.entries(ROWS)) {
      const [name, split] = key.split('/') as [string, string];
      const entry = registry.find('dataset', name);
      const source = instantiate(entry, checkOptions(entry, {}), {
        logger: { info: () => {}, warn: () => {} },
        files,
        secrets: secretsFrom({}),
        seed: 1,
      });
      expect(
        (
          await openQuerySet(source, {
            dataset: name,
            split,
            limit: undefined,
            count: undefined,
            seed: 1,
          })
        ).rows,
        key,
      ).to.equal(rows);
    }
  });

  it('has two turns in every conversation of mt-bench, its temperatures, and references for mathematics, reasoning and coding', async () => {
    const rows: DatasetRow[] = [];
    const files = filesAt('.', {
      dataDirs: [dataDir as string],
      cache: 'none',
      env: {},
      offline: true,
    });
    for await (const row of new MtBench(files).read('test')) rows.push(row);
    const temperatures = new Map(rows.map(({ domain, temperature }) => [domain, temperature]));
    expect(Object.fromEntries(temperatures)).to.deep.equal({
      writing: 0.7,
      roleplay: 0.7,
      extraction: 0,
      math: 0,
      coding: 0,
      reasoning: 0,
      stem: 0.1,
      humanities: 0.1,
    });
    expect(rows.every(({ turns }) => turns?.length === 1)).to.equal(true);
    expect(
      new Set(rows.filter(({ reference }) => reference.length === 2).map(({ domain }) => domain)),
    ).to.deep.equal(new Set(['math', 'reasoning', 'coding']));
    expect(rows.filter(({ reference }) => reference.length === 2)).to.have.length(30);
  });

  it('has the test questions that are known to be in its larger files', async () => {
    const questions = async (name: string): Promise<readonly Fingerprint[]> => {
      const text = await readFile(join(dataDir as string, 'src/data', name), 'utf8');
      return text
        .trim()
        .split('\n')
        .map((line) =>
          computeFingerprint((JSON.parse(line) as { readonly instruction: string }).instruction),
        );
    };
    const exact = async (large: string, small: string): Promise<number> => {
      const index = new QuestionIndex(0.8);
      for (const [i, one] of (await questions(large)).entries()) index.add(String(i), one);
      return (await questions(small)).filter((one) => index.find(one)?.likeness === 'exact').length;
    };
    expect(await exact('big_math_10k.jsonl', 'big_math_5k_test.jsonl')).to.equal(971);
    expect(await exact('alpaca_10k.jsonl', 'alpaca_5k_test.jsonl')).to.equal(158);
    expect(await exact('big_math_5k_train.jsonl', 'big_math_5k_test.jsonl')).to.equal(5);
  });
});
