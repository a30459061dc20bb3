import { expect } from 'chai';
import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { segmentLines, SegmentWriter } from '../../../../storage/cache/segment.js';
import { inTemporaryFolder } from '../../../support/temporary.js';

const readLines = async (file: string): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const { bytes } of segmentLines(file)) lines.push(bytes.toString());
  return lines;
};

const hasPrlimit = (await execa('prlimit', ['--version'], { reject: false })).exitCode === 0;

describe('a segment of the answer cache', () => {
  it('has every line at the position its append returned, in the order of the appends, even if many are concurrent', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'segment.jsonl');
      const writer = await SegmentWriter.create(file);
      const lines = Array.from({ length: 1000 }, (_, i) => `${i} ${'ä'.repeat(i % 7)}`);
      const starts: number[] = [];
      for (let from = 0; from < lines.length; from += 300)
        starts.push(
          ...(await Promise.all(
            lines.slice(from, from + 300).map(async (line) => await writer.append(line)),
          )),
        );
      await writer.close();
      const bytes = await readFile(file);
      expect(
        starts.map((start) => bytes.subarray(start, bytes.indexOf(10, start)).toString()),
      ).to.deep.equal(lines);
      expect(await readLines(file)).to.deep.equal(lines);
    });
  });

  // a limit on the size of files interrupts a write, like a full disk; it is lifted before the last
  // line
  (hasPrlimit ? it : it.skip)(
    'rejects appends after an incomplete line of a failed write',
    async () => {
      await inTemporaryFolder(async (folder) => {
        const file = join(folder, 'segment.jsonl');
        const script = join(folder, 'append.mjs');
        await writeFile(
          script,
          `import { execFileSync } from 'node:child_process';
        import { SegmentWriter } from ${JSON.stringify(new URL('../../../../storage/cache/segment.js', import.meta.url).href)};
        const writer = await SegmentWriter.create(${JSON.stringify(file)});
        const told = [];
        const append = async (line) => told.push(await writer.append(line).then(() => 'kept', ({ code, problem }) => \`\${code} \${problem}\`));
        await append('a'.repeat(700));
        await append('b'.repeat(700));
        execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
        await append('c');
        console.log(JSON.stringify(told));`,
        );
        const { stdout } = await execa('sh', [
          '-c',
          `trap '' XFSZ; exec prlimit --fsize=1024:unlimited "$0" "$1"`,
          process.execPath,
          script,
        ]);
        const [first, second, third] = JSON.parse(stdout) as string[];
        expect(first).to.equal('kept');
        expect(second).to.match(/^RXB5002 .*EFBIG/);
        expect(third).to.equal(second);
        expect((await readFile(file)).length, 'half a line').to.equal(1024);
        expect(await readLines(file)).to.deep.equal(['a'.repeat(700)]);
      });
    },
  );
});
