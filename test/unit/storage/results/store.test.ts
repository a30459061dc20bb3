import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { readRows, resultJson, writeRows } from '../../../../storage/results/store.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';

describe('result files', () => {
  it('contain the value with 6 decimals, whatever its strings look like', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('[1]', '{', '}', ',\n  "a": [', '"', '\\', 'a: { b }'),
    );
    const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(
        value,
        (one) =>
          void expect(JSON.parse(resultJson(one))).to.deep.equal(JSON.parse(JSON.stringify(one))),
      ),
      { numRuns: 200 },
    );
    expect(JSON.parse(resultJson({ third: 1 / 3 }))).to.deep.equal({ third: 0.333333 });
    const transfer = { thresholds: [1 / 3, 1e-9, null], recovery: [1 / 3] };
    expect(JSON.parse(resultJson(transfer))).to.deep.equal({ ...transfer, recovery: [0.333333] });
  });

  it('have short values on one line, so that a changed number changes one line', () => {
    const lines = resultJson({
      metrics: {
        auroc: { value: 0.5, ci: [0.4, 0.6] },
        lpm: { value: null, reason: 'none' },
        cost: { value: null, reason: 'the cost of the answers of the strong model is not known' },
      },
    }).split('\n');
    expect(lines)
      .to.include('    "auroc": {"value": 0.5, "ci": [0.4, 0.6]},')
      .and.to.include('    "lpm": {"value": null, "reason": "none"},');
  });
});

describe('the rows behind a result', () => {
  it('come back as they were written, also more than one block and with separators in ids', async () => {
    await inTemporaryFolder(async (folder) => {
      const rows = Array.from({ length: 10_000 }, (_, i) => ({
        id: `q\u2028\r${i}`,
        weak: i % 2,
        strong: null,
        confidence: i / 3,
      }));
      await writeRows(folder, 'router', 'set', [{ seed: 1, rows }]);
      expect(await readRows(folder, 'router', 'set', 1)).to.deep.equal(rows);
      const text = await readFile(join(folder, 'router/set.seed-1.rows.jsonl'), 'utf8');
      expect(text).to.equal(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      await writeRows(folder, 'router', 'set', [{ seed: null, rows: [] }]);
      expect(await readRows(folder, 'router', 'set', null)).to.deep.equal([]);
    });
  });

  it('are RXB5003 where they are missing and RXB5001 where they are damaged', async () => {
    await inTemporaryFolder(async (folder) => {
      const read = async (): Promise<unknown> => await readRows(folder, 'router', 'set', null);
      expect((await rejection(read())).message).to.match(/^RXB5003 /);
      await writeFiles(folder, { 'router/set.rows.jsonl': '{"id":"a"}\n{"id":' });
      expect((await rejection(read())).message).to.match(/^RXB5001 /);
    });
  });
});
