/**
 * How long `rxb --help` takes beside a bare `node -e 0`, whole processes in turns: npm run
 * bench -- help. Goal: under 200 ms.
 */
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

const REPEATS = 15;
const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const timed = async (args: readonly string[]): Promise<number> => {
  const started = performance.now();
  await execa(process.execPath, args);
  return performance.now() - started;
};
const shown = (times: readonly number[]): string => {
  const sorted = [...times].sort((a, b) => a - b);
  return `median ${(sorted[Math.floor(sorted.length / 2)] as number).toFixed(0)} ms (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)})`;
};

const help: number[] = [];
const bare: number[] = [];
for (let i = 0; i < REPEATS; i++) {
  bare.push(await timed(['-e', '0']));
  help.push(await timed([MAIN, '--help']));
}
console.log(`node -e 0:  ${shown(bare)}`);
console.log(`rxb --help: ${shown(help)}`);
