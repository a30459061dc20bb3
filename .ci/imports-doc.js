/**
 * Writes the import rules into docs/architecture.md (npm run docs:imports). With `--check`, only
 * looks whether they are there as they are now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import rules from '../.dependency-cruiser.js';

const DOC = fileURLToPath(new URL('../docs/architecture.md', import.meta.url));
const [START, END] = ['<!-- written by `npm run docs:imports` -->', '<!-- end -->'];
const WIDTH = 100;

/** A list item, wrapped as the rest of the docs is. */
const item = (text) => {
  const lines = [];
  let line = '-';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
};

const text = readFileSync(DOC, 'utf8');
const [before, rest] = text.split(START);
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`${DOC} has no lines "${START}" and "${END}"`);
const section = rules.forbidden.map(({ comment }) => item(comment)).join('\n');
const current = `${before}${START}\n\n${section}\n\n${END}${after}`;
if (argv[2] !== '--check') writeFileSync(DOC, current);
else if (text !== current) {
  stderr.write('The import rules in docs/architecture.md are out of date: npm run docs:imports\n');
  exit(1);
}
