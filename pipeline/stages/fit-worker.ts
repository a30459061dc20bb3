/**
 * The body of a thread that fits. It makes the same plan from the same config, so it finds and
 * leaves the same artifacts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { getErrorMessage, getHarnessErrors } from '../../core/errors.js';
import { describeThrown } from '../../sandbox/thrown.js';
import type { Observer } from '../../storage/observer.js';
import { closeModels, openContext } from '../open-context.js';
import { makePlan } from '../plan.js';
import { openProject } from '../project.js';
import type { Reopening, RunContext } from '../run-context.js';
import { Fitter } from './fit.js';
import type { FitOrder, FitReply, FitRequest } from './fit-thread.js';
import { namePrepared, type Prepared } from './prepared.js';
import { nameFit } from './weights.js';

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

interface Opened {
  readonly context: RunContext;
  readonly prepared: Prepared;
  readonly fitter: Fitter;
}

const open = async (): Promise<Opened> => {
  const project = await openProject({ ...reopening.opening, observer });
  const { selection } = reopening;
  const plan = await makePlan(project, selection);
  const { signal } = stop;
  const context = openContext(project, plan, { selection, observer, signal, offline: true });
  const prepared = namePrepared(context);
  return { context, prepared, fitter: new Fitter(context, prepared) };
};

let opened: ReturnType<typeof open> | undefined;

const fit = async ({ router: name, chosen, seed, cores }: FitOrder): Promise<FitReply> => {
  try {
    const { context, prepared, fitter } = await (opened ??= open());
    const listed = context.plan.routers.find((planned) => planned.name === name);
    if (listed === undefined) throw new Error(`the plan of the thread lacks router "${name}"`);
    const router = Object.keys(chosen).length === 0 ? listed : await listed.withOptions(chosen);
    const file = nameFit(context, prepared, router, seed);
    return { type: 'done', trainer: await fitter.fit(router, file, cores) };
  } catch (error) {
    const errors = getHarnessErrors(error);
    if (errors !== undefined)
      return {
        type: 'refused',
        errors: errors.map((refused) => ({ ...refused.toData(), thrown: describeThrown(refused) })),
      };
    return { type: 'failed', text: getErrorMessage(error), thrown: describeThrown(error) };
  } finally {
    const { context } = (await opened?.catch(() => undefined)) ?? {};
    const text = context?.printed.get(name);
    context?.printed.delete(name);
    if (text !== undefined) send({ type: 'printed', router: name, text });
  }
};

// one after the other: closing waits for the current fit
let last: Promise<void> = Promise.resolve();
port.on('message', (request: FitRequest) => {
  if (request === 'stop') return stop.abort(new Error('stopped'));
  last = last.then(async () => {
    if (request !== 'close') return send(await fit(request));
    const { context } = (await opened?.catch(() => undefined)) ?? {};
    if (context !== undefined) await closeModels(context.plan);
    port.close();
  });
});
