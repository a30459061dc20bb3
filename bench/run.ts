/**
 * Runs one benchmark by name; without a name, lists them. A file of this folder is a benchmark if
 * its first comment says how to run it.
 */
import { execa } from 'execa';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../bench/', import.meta.url));

/** Name → the first sentence of the file's first comment. */
function findBenchmarks(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(FOLDER).sort()) {
    if (!file.endsWith('.ts')) continue;
    const name = file.slice(0, -'.ts'.length);
    const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(FOLDER, file), 'utf8'))?.[1];
    const text = (comment ?? '').replace(/\s*\n \*\s*/g, ' ').trim();
    if (!new RegExp(`npm run bench -- ${name}\\b`).test(text)) continue;
    found.set(name, text.split(/: npm run bench|\. /)[0] ?? '');
  }
  return found;
}

const [name = '', ...flags] = argv.slice(2);
const benchmarks = findBenchmarks();
if (!benchmarks.has(name)) {
  const width = Math.max(...[...benchmarks.keys()].map(({ length }) => length));
  const list = [...benchmarks].map(([known, what]) => `  ${known.padEnd(width)}  ${what}`);
  const problem = name === '' ? '' : `There is no benchmark "${name}".\n`;
  stderr.write(`${problem}npm run bench -- <name> [flags]\n\n${list.join('\n')}\n`);
  exit(2);
}
const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const { exitCode } = await execa(process.execPath, [file, ...flags], {
  stdio: 'inherit',
  reject: false,
});
exit(exitCode ?? 1);
