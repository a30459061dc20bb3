/**
 * The worker thread: onnxruntime computes synchronously, so a thread keeps the process responsive
 * and uses its own core.
 */
import { parentPort } from 'node:worker_threads';
import { getStepWatch, getThreadData } from 'routerxbench/watched-thread';
import { HarnessError, getErrorMessage } from '../../../core/index.js';
import type { WorkerReply, WorkerRequest } from './worker-pool.js';
import { Interrupted, WorkerModel, type WorkerSetup } from './worker-model.js';

const port = parentPort;
if (port === null) throw new Error('worker.ts is the body of a thread');
const work = new WorkerModel(getThreadData() as WorkerSetup, getStepWatch());

const answer = async ({ kind, job, cancelled }: WorkerRequest): Promise<WorkerReply> => {
  const flag = new Int32Array(cancelled);
  try {
    const results = await work.run(kind, job, () => {
      if (Atomics.load(flag, 0) !== 0) throw new Interrupted();
    });
    return { state: 'done', results };
  } catch (error) {
    if (error instanceof Interrupted) return { state: 'interrupted' };
    if (error instanceof HarnessError) return { state: 'refused', error: error.toData() };
    return {
      state: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : getErrorMessage(error),
    };
  }
};

port.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => port.postMessage(reply));
});
