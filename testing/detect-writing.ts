import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Functions = Record<string, unknown>;

const WRITERS = [
  ...['writeFile', 'appendFile', 'open', 'mkdir', 'rename', 'rm', 'cp', 'copyFile'],
  ...['writeFileSync', 'appendFileSync', 'openSync', 'mkdirSync', 'renameSync', 'rmSync'],
  ...['createWriteStream', 'cpSync', 'copyFileSync'],
];

/** Runs a piece of code and lists by what it wrote to the disk or to the standard streams. */
export async function detectWriting(run: () => Promise<unknown>): Promise<readonly string[]> {
  const used = new Set<string>();
  const restore: (() => void)[] = [];
  const watch = (target: Functions, name: string, label: string): void => {
    const original = target[name];
    if (typeof original !== 'function') return;
    target[name] = (...given: unknown[]): unknown => {
      used.add(label);
      return (original as (...args: unknown[]) => unknown).apply(target, given);
    };
    restore.push(() => (target[name] = original));
  };
  for (const name of WRITERS) {
    watch(fs as unknown as Functions, name, `fs.${name}`);
    watch(fs.promises as unknown as Functions, name, `fs.promises.${name}`);
  }
  watch(process.stdout as unknown as Functions, 'write', 'process.stdout');
  watch(process.stderr as unknown as Functions, 'write', 'process.stderr');
  syncBuiltinESMExports();
  try {
    await run();
  } finally {
    for (const undo of restore) undo();
    syncBuiltinESMExports();
  }
  return [...used];
}
