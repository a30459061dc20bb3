import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unhandledDuring } from '../../../../support/unhandled.js';
import type { TableRecord } from '../../../../../plugins/datasets/_table/field.js';
import { parquetRecords } from '../../../../../plugins/datasets/_table/parquet-records.js';
import { filesAt } from '../../../../../storage/files.js';
import { inTemporaryFolder, rejection } from '../../../../support/temporary.js';

const FIXTURES = resolve('test/fixtures/parquet');

const readAll = async (folder: string, name: string): Promise<readonly TableRecord[]> => {
  const records: TableRecord[] = [];
  for await (const { record } of parquetRecords(filesAt(folder), name)) records.push(record);
  return records;
};

const EXPECTED = Array.from({ length: 12 }, (_, i) => ({
  id: `r${i}`,
  prompt: `What is ${i}?`,
  reference: String(2 * i),
  w: i % 2,
  s: 1,
  meta: { topic: 'sum' },
  choices: ['a', 'b'],
}));

describe('a Parquet file', () => {
  for (const name of ['checksums.parquet', 'checksums-v2.parquet'])
    it(`is read as its writer wrote it: ${name}`, async () => {
      expect(await readAll(FIXTURES, name)).to.deep.equal(EXPECTED);
    });

  it('whose decoding never ends is told from one that takes long', async () => {
    const start = performance.now();
    const error = await rejection(readAll(FIXTURES, 'loops.parquet'));
    expect(error.code).to.equal('RXB3103');
    expect(performance.now() - start).to.be.lessThan(10_000);
    expect(await readAll(FIXTURES, 'checksums.parquet')).to.deep.equal(EXPECTED);
  });

  it('that fails in two columns leaves no rejection unhandled', async () => {
    const unhandled = await unhandledDuring(async () => {
      expect((await rejection(readAll(FIXTURES, 'unhandled.parquet'))).code).to.equal('RXB3103');
    });
    expect(unhandled).to.deep.equal([]);
  });

  it('may be left before its end, and read by several at once', async () => {
    for await (const { record } of parquetRecords(filesAt(FIXTURES), 'checksums.parquet')) {
      expect(record['id']).to.equal('r0');
      break;
    }
    const both = await Promise.all([
      readAll(FIXTURES, 'checksums.parquet'),
      readAll(FIXTURES, 'checksums-v2.parquet'),
    ]);
    expect(both).to.deep.equal([EXPECTED, EXPECTED]);
  });

  it('with page checksums is rejected for each flipped bit of a page', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const name of ['checksums.parquet', 'checksums-v2.parquet']) {
        const whole = await readFile(join(FIXTURES, name));
        const pages = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
        for (let i = 4; i < pages; i += 3) {
          const changed = Buffer.from(whole);
          changed[i] = (changed[i] as number) ^ (1 << (i % 8));
          await writeFile(join(folder, 'x.parquet'), changed);
          const records = await readAll(folder, 'x.parquet').catch((error: unknown) => error);
          // statistics in a page header, and bits that the format leaves free, change nothing
          if (Array.isArray(records)) expect(records, `byte ${i}`).to.deep.equal(EXPECTED);
          else expect(records, `byte ${i}`).to.have.property('code', 'RXB3103');
        }
      }
    });
  });
});
