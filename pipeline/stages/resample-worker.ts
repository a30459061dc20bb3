/** The body of a thread that resamples. */
import { parentPort } from 'node:worker_threads';
import { Bootstrap } from '../../analysis/statistics/bootstrap.js';
import type { ResampleRequest } from './resample.js';

const port = parentPort;
if (port === null) throw new Error('resample-worker is the body of a thread');
let set: Bootstrap | undefined;
port.on('message', ({ job, which }: ResampleRequest) => {
  if (job !== undefined) set = new Bootstrap(job.shared, job.routers, job.settings);
  if (set === undefined) throw new Error('the first request has no set');
  const values = set.resample(which);
  port.postMessage(
    values,
    values.map(({ buffer }) => buffer as ArrayBuffer),
  );
});
