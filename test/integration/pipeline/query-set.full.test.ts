import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { inTemporaryFolder } from '../../support/temporary.js';

const ROWS = 5_000_000;

/**
 * Opens the set, reads all blocks, and prints its rows and the most memory the process ever held,
 * in kB.
 */
const READER = `
import { openQuerySet } from '${new URL('../../../pipeline/query-set.js', import.meta.url).href}';
import { filesAt } from '${new URL('../../../storage/files.js', import.meta.url).href}';
import { Jsonl } from '${new URL('../../../plugins/datasets/jsonl.js', import.meta.url).href}';
import { TableOptions } from '${new URL('../../../plugins/datasets/_table/options.js', import.meta.url).href}';
const [folder] = process.argv.slice(1);
const options = TableOptions.parse({ file: 'many.jsonl', licence: 'MIT', fields: { id: 'id' } });
const set = await openQuerySet(new Jsonl(options, filesAt(folder)), { dataset: 'many', split: 'test', limit: undefined, count: undefined, seed: 1 });
let rows = 0;
for await (const block of set.blocks()) rows += block.rows.length;
console.log(JSON.stringify({ rows, kilobytes: process.resourceUsage().maxRSS }));
`;

describe('a set of five million rows', function () {
  this.timeout(900_000);

  it('is opened, checked for double ids, hashed and read in under 500 MB', async () => {
    await inTemporaryFolder(async (folder) => {
      const out = createWriteStream(join(folder, 'many.jsonl'));
      for (let from = 0; from < ROWS; from += 10_000) {
        const chunk = Array.from(
          { length: 10_000 },
          (_, i) =>
            `{"id":"q${from + i}","prompt":"What comes after ${from + i}?","reference":"${from + i + 1}"}\n`,
        ).join('');
        if (!out.write(chunk)) await once(out, 'drain');
      }
      out.end();
      await once(out, 'finish');
      const { stdout } = await execa(
        process.execPath,
        ['--input-type=module', '-e', READER, folder],
        { cwd: fileURLToPath(new URL('../../../../', import.meta.url)) },
      );
      const seen = JSON.parse(stdout) as { readonly rows: number; readonly kilobytes: number };
      expect(seen.rows).to.equal(ROWS);
      expect(seen.kilobytes / 1024, 'MB').to.be.below(500);
    });
  });
});
