/**
 * The body of the process that computes a model. It ends when the harness does, whatever its
 * threads are doing.
 */
import process from 'node:process';
import type { ProcessReply, ProcessRequest } from './process-messages.js';
import { WorkerPool } from './worker-pool.js';

/** Ctrl-C reaches this process too; the harness decides when it ends. */
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

let pool: WorkerPool | undefined;
/** The flags of the work in progress: not 0 = stop as soon as possible. */
const flags = new Map<number, SharedArrayBuffer>();

async function compute(request: Extract<ProcessRequest, { id: number }>): Promise<void> {
  const { id, kind, job } = request;
  const cancelled = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  flags.set(id, cancelled);
  try {
    const reply = await (pool as WorkerPool).exchange({ kind, job, cancelled });
    const isBroken = pool?.isBroken === true;
    process.send?.({ id, reply } satisfies ProcessReply, () => {
      if (isBroken) process.kill(process.pid, 'SIGKILL');
    });
  } finally {
    flags.delete(id);
  }
}

process.on('message', (request: ProcessRequest) => {
  if ('setup' in request) pool = new WorkerPool(request.setup, request.workers);
  else if ('cancel' in request) {
    const flag = flags.get(request.cancel);
    if (flag !== undefined) Atomics.store(new Int32Array(flag), 0, 1);
  } else void compute(request);
});
