/**
 * The body of a thread that fits. It makes the same plan from the same config, so it finds and
 * leaves the same artifacts.
 */
import { resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { getErrorMessage, getHarnessErrors } from '../../core/errors.js';
import type { Observer } from '../../storage/observer.js';
import { makePlan } from '../plan.js';
import { openProject } from '../project.js';
import type { Reopening, RunContext } from '../run-context.js';
import { openSpending } from '../spending/spending.js';
import { Fitter } from './fit.js';
import type { FitOrder, FitReply, FitRequest } from './fit-thread.js';

const port = parentPort;
if (port === null) throw new Error('fit-worker is the body of a thread');
const reopening = workerData as Reopening;
const stop = new AbortController();
const send = (reply: FitReply): void => port.postMessage(reply);

const observer: Observer = {
  task: (label) => {
    send({ type: 'start', label });
    return {
      advance: (by) => send({ type: 'advance', by }),
      note: (text) => send({ type: 'note', text }),
      end: () => send({ type: 'end' }),
    };
  },
  info: (text) => send({ type: 'info', text }),
  warn: (text) => send({ type: 'warn', text }),
};

const open = async (): Promise<{ readonly context: RunContext; readonly fitter: Fitter }> => {
  const project = await openProject({ ...reopening.opening, observer });
  const plan = await makePlan(project, reopening.selection);
  const context: RunContext = {
    plan,
    results: resolve(project.folder, project.config.results),
    observer,
    signal: stop.signal,
    calls: new Map(),
    latency: new Map(),
    spend: openSpending(project, { offline: true }),
    reopening,
  };
  return { context, fitter: new Fitter(context) };
};

let opened: ReturnType<typeof open> | undefined;

const fit = async ({ router: name, seed, cores }: FitOrder): Promise<FitReply> => {
  try {
    const { context, fitter } = await (opened ??= open());
    const router = context.plan.routers.find((planned) => planned.name === name);
    if (router === undefined) throw new Error(`the plan of the thread lacks router "${name}"`);
    return { type: 'done', trainer: await fitter.fit(router, seed, cores) };
  } catch (error) {
    const errors = getHarnessErrors(error);
    if (errors !== undefined)
      return { type: 'refused', errors: errors.map((refused) => refused.toData()) };
    return { type: 'failed', text: getErrorMessage(error) };
  }
};

// one after the other: closing waits for the fit in hand
let last: Promise<void> = Promise.resolve();
port.on('message', (request: FitRequest) => {
  if (request === 'stop') return stop.abort(new Error('stopped'));
  last = last.then(async () => {
    if (request !== 'close') return send(await fit(request));
    const models = (await opened?.catch(() => undefined))?.context.plan.models.values() ?? [];
    await Promise.all([...models].map(({ model }) => model.close?.()));
    port.close();
  });
});
