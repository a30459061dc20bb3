/** A target whose cases show each fault: by the number that they draw. */
import { HarnessError } from '../../../core/index.js';
import { WrongValue, type FuzzTarget } from '../../../fuzz/target.js';

const BEHAVIOURS: readonly (() => unknown)[] = [
  () => undefined,
  () => {
    throw new HarnessError('invalidJson', { file: 'x', line: 1, problem: 'none' });
  },
  () => {
    throw new TypeError(`no 17 in ${String(performance.now())}`);
  },
  () => {
    throw new WrongValue('changed');
  },
  () => {
    for (;;);
  },
  () => process.exit(3),
  () => void Promise.reject(new Error('nobody waits for this')),
  () => {
    (Object.prototype as Record<string, unknown>)['polluted'] = 1;
  },
  () =>
    new Promise(() =>
      setTimeout(() => {
        throw new Error('later');
      }),
    ),
];

export const target: FuzzTarget = {
  summary: 'shows every fault',
  open: async () => ({
    next: (random) => {
      const behaviour = random.int(0, BEHAVIOURS.length - 1);
      return {
        files: { 'in/behaviour.txt': String(behaviour) },
        run: async () => void (await BEHAVIOURS[behaviour]?.()),
      };
    },
  }),
};
