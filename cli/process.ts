/** The process of a command: what other code in it may do, and how it ends. */
import type { ProcessWatch, ProcessWatcher } from '../pipeline/process-watch.js';

/** What {@link watchProcess} needs of the process. */
type Watched = Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;

/**
 * Watches a process for code that is not ours. While a watcher takes failures, an error that nobody
 * catches and a call of `process.exit` end that code, not the process.
 */
export function watchProcess(
  process: Watched,
  endWithCommand: ProcessWatch['endWithCommand'],
): ProcessWatch {
  const watchers: ProcessWatcher[] = [];
  const { exit } = process;
  const fail = (cause: unknown): void =>
    watchers.findLast(({ onFailure }) => onFailure !== undefined)?.onFailure?.(cause);
  const refuseExit = (): never => {
    const refused = new Error('it called process.exit');
    fail(refused);
    throw refused;
  };
  process.on('beforeExit', () => {
    const latest = watchers.at(-1);
    // only what is scheduled keeps the process alive
    if (latest !== undefined) setImmediate(() => latest.onIdle());
  });
  const guard = (): void => {
    process.off('uncaughtException', fail);
    process.exit = exit;
    if (!watchers.some(({ onFailure }) => onFailure !== undefined)) return;
    process.on('uncaughtException', fail);
    process.exit = refuseExit;
  };
  return {
    watch: (watcher) => {
      watchers.push(watcher);
      guard();
      return () => {
        watchers.splice(watchers.indexOf(watcher), 1);
        guard();
      };
    },
    endWithCommand,
  };
}
