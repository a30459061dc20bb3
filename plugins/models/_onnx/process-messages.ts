/** What the process that computes a model and the harness send each other. */
import type { WorkerReply } from './worker-pool.js';
import type { WorkerJobs, WorkerSetup } from './worker-model.js';

/** To the process: first its setup, then work, and which of it nobody wants any more. */
export type ProcessRequest =
  | { readonly setup: WorkerSetup; readonly workers: number }
  | {
      readonly id: number;
      readonly kind: keyof WorkerJobs;
      readonly job: WorkerJobs[keyof WorkerJobs];
    }
  | { readonly cancel: number };

/** From the process. */
export interface ProcessReply {
  readonly id: number;
  readonly reply: WorkerReply;
}
