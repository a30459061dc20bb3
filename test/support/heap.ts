/** The heap of this process after garbage collection. */
import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** In MiB. Collects more than once, because closed handles are released with a delay. */
export async function heapMiB(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return memoryUsage().heapUsed / 2 ** 20;
}
