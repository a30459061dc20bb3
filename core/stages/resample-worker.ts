/** The body of a thread that resamples. */
import { parentPort } from 'node:worker_threads';
import { bootstrap } from '../statistics/bootstrap.js';
import type { ResampleRequest } from './resample.js';

const port = parentPort;
if (port === null) throw new Error('resample-worker is the body of a thread');
port.on('message', ({ job: { shared, routers, settings, seed }, from, to }: ResampleRequest) => {
  const values = bootstrap(shared, routers, settings, { seed, from, to });
  port.postMessage(values, values.map(({ buffer }) => buffer as ArrayBuffer));
});
