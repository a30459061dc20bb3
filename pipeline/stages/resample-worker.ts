/** The body of a thread that resamples. It is given where the metrics are, and loads them first. */
import { parentPort, workerData } from 'node:worker_threads';
import { HarnessError } from '../../core/errors.js';
import type { LoadedMetric } from '../../analysis/metrics/measure.js';
import { Bootstrap } from '../../analysis/statistics/bootstrap.js';
import { reopenMetrics, type MetricSource } from '../planning/metrics.js';
import type { ResampleReply, ResampleRequest } from './resample.js';

const port = parentPort;
if (port === null) throw new Error('resample-worker is the body of a thread');
let loading: Promise<readonly LoadedMetric[]> | undefined;
let set: Bootstrap | undefined;

async function answer({ job, which }: ResampleRequest): Promise<ResampleReply> {
  try {
    const metrics = await (loading ??= reopenMetrics(workerData as readonly MetricSource[]));
    if (job !== undefined) set = new Bootstrap(metrics, job.shared, job.routers, job.settings);
    if (set === undefined) throw new Error('the first request has no set');
    return set.resample(which);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error; // ends the thread; the pool reports it
    return { refused: error.toData() };
  }
}

port.on('message', (request: ResampleRequest) => {
  void answer(request).then((reply) =>
    port.postMessage(
      reply,
      'refused' in reply ? [] : reply.map(({ buffer }) => buffer as ArrayBuffer),
    ),
  );
});
