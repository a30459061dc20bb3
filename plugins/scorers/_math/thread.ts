/**
 * A thread that compares: symbolic work may take longer than acceptable, and only a thread can be
 * terminated.
 */
import { Worker } from 'node:worker_threads';
import type { Decision, Question } from './compare-answers.js';

/** A message from the thread. */
export type Reply = { readonly decision: Decision } | { readonly failed: string };

interface Job {
  readonly question: Question;
  readonly timeoutMs: number;
  readonly resolve: (decision: Decision) => void;
  readonly reject: (error: Error) => void;
}

const jobs: Job[] = [];
let worker: Worker | undefined;
let ready: Promise<void> | undefined;
let busy = false;

function started(): Promise<Worker> {
  if (worker === undefined) {
    const thread = new Worker(new URL('./thread-body.js', import.meta.url));
    worker = thread;
    ready = new Promise((resolve, reject) => {
      thread.once('message', () => resolve());
      thread.once('error', reject);
    });
    thread.once('exit', () => {
      if (worker === thread) worker = undefined;
    });
  }
  const thread = worker;
  return (ready as Promise<void>).then(() => thread);
}

async function run({ question, timeoutMs, resolve, reject }: Job): Promise<void> {
  const thread = await started();
  thread.ref();
  await new Promise<void>((end) => {
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      thread.unref(); // an idle thread does not keep the process alive
      then();
      end();
    };
    const onMessage = (reply: Reply): void =>
      settle(() => ('failed' in reply ? reject(new Error(reply.failed)) : resolve(reply.decision)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new Error('the thread ended')));
    const timer = setTimeout(() => {
      worker = undefined;
      settle(() => resolve({ problem: `comparing took longer than ${timeoutMs} ms` }));
      void thread.terminate();
    }, timeoutMs);
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.postMessage(question);
  });
}

async function drain(): Promise<void> {
  busy = true;
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    const { reject } = job;
    await run(job).catch(reject);
  }
  busy = false;
}

/**
 * Compares in the thread, one question after another; a question that takes too long terminates the
 * thread and has a problem.
 */
export const decideInThread = (question: Question, timeoutMs: number): Promise<Decision> =>
  new Promise((resolve, reject) => {
    jobs.push({ question, timeoutMs, resolve, reject });
    if (!busy) void drain();
  });
