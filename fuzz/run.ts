/** `npm run fuzz`: runs one target, or all of them (fuzz/README.md). */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { argv, exit, stderr, stdout } from 'node:process';
import { findTargets } from './find-targets.js';
import { reportText } from './report-text.js';
import { runTarget } from './run-target.js';

const HELP = `npm run fuzz [-- TARGET... --cases N --seed S --case I --jobs N --seconds N --found FOLDER]

  --cases N    number of cases of each target (default: 2000)
  --seed S     whole number; the same seed and number give the same case (default: 1)
  --case I     only this case
  --jobs N     processes at once (default: 2)
  --seconds N  a case that takes longer is a hang (default: 20)
  --found F    folder for the inputs that show a fault (default: in the system's temporary folder)
`;

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    ...{ cases: text, seed: text, case: text, jobs: text, seconds: text, found: text },
    help: { type: 'boolean' },
  },
});
const number = (
  name: 'cases' | 'seed' | 'case' | 'jobs' | 'seconds',
  otherwise: number,
): number => {
  const given = values[name];
  const value = given === undefined ? otherwise : Number(given);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  stderr.write(`--${name} takes a whole number, not "${given}".\n`);
  exit(2);
};

const targets = await findTargets();
const unknown = positionals.filter((name) => !targets.has(name));
if (values.help === true || unknown.length > 0) {
  const width = Math.max(...[...targets.keys()].map(({ length }) => length));
  const list = [...targets].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`);
  stderr.write(unknown.map((name) => `There is no target "${name}".\n`).join(''));
  stderr.write(`${HELP}\n${list.join('')}`);
  exit(unknown.length > 0 ? 2 : 0);
}
const only = values.case === undefined ? undefined : number('case', 0);
const found = values.found ?? join(tmpdir(), 'rxb-fuzz-found');
let faults = 0;
for (const [name, { file }] of targets) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const report = await runTarget({
    file,
    seed: number('seed', 1),
    from: only ?? 0,
    to: only === undefined ? number('cases', 2000) : only + 1,
    jobs: only === undefined ? Math.max(1, number('jobs', 2)) : 1,
    seconds: Math.max(1, number('seconds', 20)),
    found,
  });
  stdout.write(reportText(name, report));
  faults += report.faults.length;
}
if (faults > 0) stdout.write(`Inputs are in ${found}\n`);
exit(faults > 0 ? 1 : 0);
