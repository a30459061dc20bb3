import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measureFile, type MeasureOptions } from '../../../pipeline/measure-file.js';
import { DEFAULT_SETTINGS } from '../../../analysis/metrics/types.js';
import { METRICS } from '../../support/metrics.js';
import { inTemporaryFolder, rejection } from '../../support/temporary.js';

const OPTIONS: MeasureOptions = { ...DEFAULT_SETTINGS, label: 'weak-correct', scale: 1 };
const GOOD = '{"id":"a","weak":1,"strong":1,"confidence":0.5}';

describe('measuring a file', () => {
  const bad: readonly (readonly [string, string, string, string])[] = [
    ['broken JSON', '{"id":"b",', 'RXB3001', ':2 '],
    ['a list', '[1]', 'RXB3002', ':2 '],
    ['no id', '{"weak":1,"strong":1,"confidence":0}', 'RXB3002', 'no id'],
    ['an empty id', '{"id":"","weak":1,"strong":1,"confidence":0}', 'RXB3002', 'no id'],
    ['a double id', GOOD, 'RXB3003', 'line 2'],
    ['no confidence', '{"id":"b","weak":1,"strong":1}', 'RXB3002', 'no confidence'],
    ['NaN', '{"id":"b","weak":1,"strong":1,"confidence":NaN}', 'RXB3001', ':2 '],
    [
      'a text for a confidence',
      '{"id":"b","weak":1,"strong":1,"confidence":"0.4"}',
      'RXB3002',
      '"0.4"',
    ],
    [
      'an infinite confidence',
      '{"id":"b","weak":1,"strong":1,"confidence":1e999}',
      'RXB3002',
      'confidence',
    ],
    [
      'a grade above the scale',
      '{"id":"b","weak":2,"strong":1,"confidence":0}',
      'RXB3002',
      '--scale',
    ],
    [
      'a negative grade',
      '{"id":"b","weak":1,"strong":-1,"confidence":0}',
      'RXB3002',
      'strong grade -1',
    ],
    [
      'a grade between 0 and 1',
      '{"id":"b","weak":0.5,"strong":1,"confidence":0}',
      'RXB3009',
      '0.5',
    ],
  ];
  for (const [what, line, code, named] of bad) {
    it(`refuses ${what} and names the line`, async () => {
      await inTemporaryFolder(async (folder) => {
        const file = join(folder, 'rows.jsonl');
        await writeFile(file, `${GOOD}\n${line}\n`);
        const error = await rejection(measureFile(METRICS, file, OPTIONS));
        expect([error.code, error.message.includes(named)], error.message).to.deep.equal([
          code,
          true,
        ]);
      });
    });
  }

  it('takes a line for what ends with a newline only, and refuses bytes that are not UTF-8', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'rows.jsonl');
      const second = `{"id":"b\u2028\u2029","weak":0,"strong":1,"confidence":0}`;
      await writeFile(file, `${GOOD}\n${second}\n`);
      expect((await measureFile(METRICS, file, OPTIONS)).rows.total).to.equal(2);
      await writeFile(file, Buffer.from(`${GOOD}\n${second.replace('b', 'b\xff')}\n`, 'latin1'));
      expect(await rejection(measureFile(METRICS, file, OPTIONS))).to.have.property(
        'code',
        'RXB3101',
      );
    });
  });

  it('refuses a missing and an empty file', async () => {
    await inTemporaryFolder(async (folder) => {
      expect((await rejection(measureFile(METRICS, join(folder, 'none'), OPTIONS))).code).to.equal(
        'RXB3007',
      );
      await writeFile(join(folder, 'empty'), '\n\n');
      expect((await rejection(measureFile(METRICS, join(folder, 'empty'), OPTIONS))).code).to.equal(
        'RXB3008',
      );
    });
  });

  it('counts nulls, takes other scales and labels, and blank lines in its stride', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'rows.jsonl');
      const rows = [
        [8, 9, 0.1],
        [9, 9, 0.9],
        [null, 5, 0.4],
        [3, 9, null],
        [10, null, 0.3],
      ].map(([weak, strong, confidence], i) => JSON.stringify({ id: i, weak, strong, confidence }));
      await writeFile(file, rows.join('\r\n\r\n'));
      const measured = await measureFile(METRICS, file, {
        ...OPTIONS,
        label: 'weak-at-least-strong',
        scale: 10,
      });
      expect(measured.rows).to.deep.equal({
        total: 5,
        scored: 3,
        nullWeak: 1,
        nullStrong: 1,
        nullConfidence: 1,
      });
      expect(measured.weakMean).to.be.closeTo((0.8 + 0.9 + 0.3) / 3, 1e-12);
      expect(measured.metrics['auroc']).to.deep.equal({ value: 1 });
      expect(measured.fixedDenominator['lpm-exact']?.value).to.be.lessThan(
        measured.metrics['lpm-exact']?.value as number,
      );
    });
  });

  it('measures costs where the rows have them, as a run writes them', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'rows.jsonl');
      const row = (id: string, weak: number, confidence: number, costs: object): string =>
        JSON.stringify({ id, weak, strong: 1, confidence, ...costs });
      const costs = { weakCost: 0.1, strongCost: 1 };
      await writeFile(file, `${row('a', 1, 0.9, costs)}\n${row('b', 0, 0.2, costs)}\n`);
      const { metrics } = await measureFile(METRICS, file, OPTIONS);
      expect(metrics['aiq']?.value).to.be.a('number');
      await writeFile(file, `${row('a', 1, 0.9, {})}\n${row('b', 0, 0.2, {})}\n`);
      expect((await measureFile(METRICS, file, OPTIONS)).metrics).not.to.have.property('aiq');
      await writeFile(file, `${row('a', 1, 0.9, { weakCost: -1 })}\n`);
      expect((await rejection(measureFile(METRICS, file, OPTIONS))).code).to.equal('RXB3002');
    });
  });

  it('keeps all digits of long ids, and line separators inside texts', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'rows.jsonl');
      const rows = [1839201746350182401n, 1839201746350182402n].map(
        (id, i) =>
          `{"id":${id},"weak":${i},"strong":1,"confidence":-12345678901234567,"question":"a\u2028b"}`,
      );
      await writeFile(file, rows.join('\n'));
      const measured = await measureFile(METRICS, file, OPTIONS);
      expect(measured.rows).to.deep.include({ total: 2, scored: 2, nullConfidence: 0 });
    });
  });

  it('measures calibration where confidences are log-odds or probabilities, and says what is not one', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'rows.jsonl');
      const write = (confidences: readonly (number | null)[]): Promise<void> =>
        writeFile(
          file,
          confidences
            .map((confidence, i) => JSON.stringify({ id: i, weak: i % 2, strong: 1, confidence }))
            .join('\n'),
        );
      await write([Math.log(0.2 / 0.8), Math.log(0.7 / 0.3), null]);
      const plain = await measureFile(METRICS, file, OPTIONS);
      expect(plain.metrics['brier']).to.deep.equal({
        value: null,
        reason: 'its confidence is not a probability',
      });
      const logits = await measureFile(METRICS, file, { ...OPTIONS, calibrated: true });
      expect(logits.metrics['brier']?.value).to.be.closeTo((0.2 ** 2 + 0.3 ** 2) / 2, 1e-12);
      expect(logits.metrics['ece']?.value).to.be.a('number');
      await write([0.2, 0.7, null]);
      const asProbabilities = { ...OPTIONS, calibrated: true, probabilities: true };
      const probabilities = await measureFile(METRICS, file, asProbabilities);
      expect(probabilities.metrics['brier']?.value).to.be.closeTo(0.065, 1e-12);
      expect(probabilities.rows.nullConfidence).to.equal(1);
      await write([0, 1]); // certain, and right: not the same as no confidence
      const certain = await measureFile(METRICS, file, asProbabilities);
      expect(certain.metrics['brier']?.value).to.equal(0);
      expect(certain.rows.nullConfidence).to.equal(0);
      await write([0.2, 1.7]);
      const error = await rejection(measureFile(METRICS, file, asProbabilities));
      expect([error.code, error.message.includes('1.7')]).to.deep.equal(['RXB3002', true]);
    });
  });

  it('gives no numbers for a router without any confidence', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'rows.jsonl');
      const row = (id: string, weak: number): string =>
        JSON.stringify({ id, weak, strong: 1, confidence: null });
      await writeFile(file, `${row('a', 1)}\n${row('b', 0)}\n`);
      const { metrics } = await measureFile(METRICS, file, OPTIONS);
      expect(metrics['auroc']).to.deep.equal({
        value: null,
        reason: 'the router has no confidence on any of these queries',
      });
    });
  });
});
