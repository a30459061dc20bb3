/**
 * The tutorials of docs/plugins/ work as printed. Each is followed from top to bottom in a
 * temporary folder with the packed package installed: a code block whose fence names a file is
 * written there, and a console block is run as in test/repo/docs.test.ts. No other block may
 * contain code.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { consoleBlocks, outputPattern } from '../support/console-blocks.js';
import { install } from '../support/installed.js';

const FOLDER = 'docs/plugins';
const NO_TUTORIAL = new Set(['protocol.md']);
const tutorials = readdirSync(FOLDER).filter(
  (name) => name.endsWith('.md') && !NO_TUTORIAL.has(name),
);

interface Fence {
  readonly language: string;
  readonly file: string;
  readonly text: string;
  readonly line: number;
}

const fences = (text: string): readonly Fence[] =>
  [...text.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1] ?? '',
    file: match[2] ?? '',
    text: match[3] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }));

describe('tutorials', function () {
  this.timeout(600_000);

  it('exist for every kind of plugin', () => {
    expect(tutorials).to.include.members([
      'text-router.md',
      'router.md',
      'dataset.md',
      'scorer.md',
      'model.md',
    ]);
  });

  for (const name of tutorials) {
    it(`${name} can be followed from top to bottom`, async () => {
      const blocks = fences(readFileSync(join(FOLDER, name), 'utf8'));
      expect(
        blocks
          .filter(({ language, file }) => !['sh', 'console'].includes(language) && file === '')
          .map(({ line }) => line),
        'lines of blocks that name no file',
      ).to.deep.equal([]);
      await inTemporaryFolder(async (folder) => {
        await install(folder);
        const commands = join(folder, 'node_modules/.bin');
        for (const { language, file, text, line } of blocks) {
          if (language === 'sh') continue; // an installation, which is already done
          if (language !== 'console') {
            await writeFiles(folder, { [file]: text });
            continue;
          }
          const [block] = consoleBlocks(`\`\`\`console\n${text}\`\`\`\n`);
          expect(block?.steps.length ?? 0, `${name}:${line} has no command`).to.be.above(0);
          for (const [i, { command, output }] of (block?.steps ?? []).entries()) {
            const ran = await execa(command, {
              shell: '/bin/sh',
              cwd: folder,
              reject: false,
              all: true,
              env: {
                NO_COLOR: '1',
                npm_config_offline: 'true',
                PATH: `${dirname(process.execPath)}:${commands}:${process.env['PATH'] ?? ''}`,
              },
            });
            const wanted = i === (block?.steps.length ?? 0) - 1 ? (block?.exit ?? 0) : 0;
            expect(ran.exitCode, `${name}:${line}: ${command}\n${ran.all}`).to.equal(wanted);
            for (const expected of output)
              expect(ran.all, `${name}:${line}: ${command}`).to.match(outputPattern(expected));
          }
        }
      });
    });
  }
});
