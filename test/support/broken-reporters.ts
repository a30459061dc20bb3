/** A third-party package of reporters, each broken in a way of its own, and two that work. */
export const BROKEN_REPORTER_PACKAGE: Readonly<Record<string, string>> = {
  'broken/package.json': JSON.stringify({
    name: 'broken-reporters',
    version: '1.0.0',
    type: 'module',
    harness: { plugins: 'index.js' },
  }),
  'broken/index.js': `
import { defineMetric, defineReporter, z } from 'routerxbench';

const made = (name, report) =>
  defineReporter({ name, summary: 'A reporter called ' + name, reports: ['run'] }, () => ({ report }));
const best = ({ leaderboard }) => 'best: ' + leaderboard.rows.find(({ rank }) => rank === 1).router + '\\n';

export const Best = defineReporter(
  { name: 'best', summary: 'The best router', reports: ['run'], options: z.strictObject({ file: z.string().optional() }) },
  ({ options: { file } }) => ({ report: (report, { print, write }) => file === undefined ? print(best(report)) : write(file, best(report)) }),
);
export const Changes = made('changes', ({ leaderboard }) => { leaderboard.rows[0].router = 'changed'; });
export const Sorts = made('sorts', ({ leaderboard }) => { leaderboard.rows.reverse(); });
export const Replaces = made('replaces', (_report, output) => { output.print = () => {}; output.write = async () => {}; });
export const Never = made('never', () => new Promise(() => {}));
export const Hangs = made('hangs', (_report, { note }) => { note('I hang\\n'); return new Promise(() => { setInterval(() => {}, 1000); }); });
export const Leaves = made('leaves', (report, { print }) => { setInterval(() => {}, 1000); print(best(report)); });
export const Closes = made('closes', () => { process.stdout.end(); });
export const Missing = defineReporter({ name: 'missing', summary: 'Has no method', reports: ['run'] }, () => ({}));
export const Late = made('late', () => { setTimeout(() => { throw new Error('too late'); }, 0); return new Promise(() => {}); });
export const Stray = made('stray', () => { void Promise.reject(new Error('nobody awaits this')); });
export const Exits = made('exits', () => { process.exit(0); });
export const Unawaited = made('unawaited', (_report, { write }) => { void write('/proc/nodir/a.txt', 'text'); });
export const Number = made('number', (_report, { print }) => print(3));
export const Odd = made('odd', () => { throw Object.create(null); });
export const Talks = made('talks', (report, { print }) => {
  console.log('from console.log');
  process.stdout.write('from stdout.write\\n');
  print(best(report));
});
export const Loud = defineMetric(
  { name: 'loud', summary: 'Prints', better: 'higher', range: [0, 1], needs: 'confidence' },
  () => ({ measure: () => { console.log('from the metric'); return { value: 1 }; } }),
);
`,
};
