/** The body of a thread for tests: it answers, loops for ever, or takes all memory. */
import { parentPort } from 'node:worker_threads';
import { getStepWatch, getThreadData } from '../../storage/watched-thread.js';

const step = getStepWatch();
parentPort?.on('message', (request: 'data' | 'long' | 'endless' | 'throws') => {
  if (request === 'throws') throw new Error('it is broken');
  step.begin(300);
  // each step is within its limit
  for (let steps = request === 'long' ? 6 : 0; steps > 0; steps--) {
    const end = performance.now() + 150;
    while (performance.now() < end);
    step.begin(300);
  }
  while (request === 'endless');
  step.end();
  parentPort?.postMessage(getThreadData());
});
