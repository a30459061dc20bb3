/**
 * The commands in the docs work. Every ```console block of README.md and docs/*.md is run: lines
 * that begin with `$ ` are commands.
 * They run in a copy of the repository root that has no results (or, under a first line `# in an
 * empty folder`, in an empty folder);
 * the blocks of one file share it, in order. Each must end with exit code 0; a last line `# exit N`
 * says how the last one ends instead.
 * Any other line is output that must come, `…` in it standing for anything.
 */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { consoleBlocks, outputPattern } from '../support/console-blocks.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LEFT_OUT = new Set(['results', '.git']);

const files = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe('commands in the docs', function () {
  this.timeout(120000);

  for (const file of files) {
    const blocks = consoleBlocks(readFileSync(join(ROOT, file), 'utf8'));
    if (blocks.length === 0) continue;

    describe(file, () => {
      const folder = mkdtempSync(join(tmpdir(), 'rxb-docs-'));
      const places = {
        root: join(folder, 'root'),
        empty: join(folder, 'empty'),
        bin: join(folder, 'bin'),
      };

      before(async () => {
        for (const place of Object.values(places)) await mkdir(place);
        for (const name of await readdir(ROOT))
          if (!LEFT_OUT.has(name)) await symlink(join(ROOT, name), join(places.root, name));
        await writeFile(
          join(places.bin, 'rxb'),
          `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/cli/main.js')}' "$@"\n`,
          { mode: 0o755 },
        );
      });
      after(() => rmSync(folder, { recursive: true, force: true }));

      for (const { line, empty, exit, steps } of blocks) {
        it(`line ${line}: ${steps.map(({ command }) => command).join(' && ')}`, async () => {
          expect(
            steps.length,
            'a console block has at least one line that begins with "$ "',
          ).to.be.greaterThan(0);
          for (const [i, { command, output }] of steps.entries()) {
            const ran = await execa(command, {
              shell: '/bin/sh',
              cwd: empty ? places.empty : places.root,
              reject: false,
              all: true,
              env: { NO_COLOR: '1', PATH: `${places.bin}${delimiter}${process.env['PATH'] ?? ''}` },
            });
            expect(ran.exitCode, `${command}\n${ran.all}`).to.equal(
              i === steps.length - 1 ? exit : 0,
            );
            for (const wanted of output) expect(ran.all, command).to.match(outputPattern(wanted));
          }
        });
      }
    });
  }

  it('are found, with their exit codes, places and output', () => {
    const text =
      'a\n```console\n# in an empty folder\n$ rxb run\nRXB1001 …\n# exit 2\n```\n```sh\nnpm ci\n```\n';
    expect(consoleBlocks(text)).to.deep.equal([
      { line: 2, empty: true, exit: 2, steps: [{ command: 'rxb run', output: ['RXB1001 …'] }] },
    ]);
    expect(files).to.include('docs/cli.md');
  });
});
