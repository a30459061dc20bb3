/** What the process of a command notices of code that is not ours. */
import type { ProcessWatch, ProcessWatcher } from '../pipeline/process-watch.js';

/**
 * Watches a process. While something is watched, an error that nobody catches is told to the latest
 * watcher and does not end the process. `onIdle`: what to do where nothing is left to wait for,
 * while nothing is watched.
 */
export function watchProcess(
  process: Pick<NodeJS.Process, 'on' | 'off'>,
  onIdle: () => void = () => {},
): ProcessWatch {
  const watchers: ProcessWatcher[] = [];
  const fail = (cause: unknown): void => watchers.at(-1)?.onFailure(cause);
  process.on('beforeExit', () => {
    const latest = watchers.at(-1);
    // only what is scheduled keeps the process alive
    if (latest === undefined) onIdle();
    else setImmediate(() => latest.onIdle());
  });
  return {
    watch: (watcher) => {
      if (watchers.push(watcher) === 1) process.on('uncaughtException', fail);
      return () => {
        watchers.splice(watchers.indexOf(watcher), 1);
        if (watchers.length === 0) process.off('uncaughtException', fail);
      };
    },
  };
}
