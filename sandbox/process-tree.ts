import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it started use. */
export interface ProcessTree {
  readonly memoryMiB: number;
  /** Processes and threads. */
  readonly tasks: number;
}

const PAGE = 4096;
const MIB = 2 ** 20;

/** Looks at a process and all its descendants; nothing where the system does not report it. */
export function measureProcessTree(pid: number): ProcessTree {
  let pages = 0;
  let tasks = 0;
  const todo = [pid];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    try {
      pages += Number(readFileSync(`/proc/${next}/statm`, 'latin1').split(' ')[1]);
      for (const task of readdirSync(`/proc/${next}/task`)) {
        tasks++;
        for (const child of readFileSync(`/proc/${next}/task/${task}/children`, 'latin1').split(
          ' ',
        ))
          if (child !== '') todo.push(Number(child));
      }
    } catch {
      continue; // it ended during the check
    }
  }
  return { memoryMiB: (pages * PAGE) / MIB, tasks };
}
