/** Runs the Python script that fine-tunes, and reads its messages. */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { PipelineError } from '../errors.js';
import { writeAtomic } from '../../storage/atomic.js';

/** Where the script is; compiled code is two folders deeper than the source. */
const SCRIPT = fileURLToPath(
  new URL('../../../pipeline/finetune/python/finetune.py', import.meta.url),
);

/**
 * A stopped script finishes the batch in hand and keeps its state; after this long it is killed.
 */
const PATIENCE_MS = 120_000;
const TAIL_LINES = 5;

const Numbers = z.array(z.number()).readonly();
const ScriptEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), torch: z.string(), python: z.string() }),
  z.object({
    event: z.literal('start'),
    torch: z.string(),
    device: z.string(),
    /** Steps that were found done. */
    step: z.number(),
    /** How far the logits of transformers are from its own, where transformers is installed. */
    reference: z.object({ version: z.string(), gap: z.number() }).nullable(),
    /** Whether the folder had a head already. */
    hadHead: z.boolean(),
  }),
  z.object({
    event: z.literal('batch'),
    epoch: z.number(),
    epochs: z.number(),
    step: z.number(),
    steps: z.number(),
  }),
  z.object({
    event: z.literal('epoch'),
    epoch: z.number(),
    epochs: z.number(),
    trainLoss: z.number(),
    validationLoss: z.number(),
  }),
  z.object({ event: z.literal('stopped') }),
  z.object({
    event: z.literal('done'),
    trainLosses: Numbers,
    validationLosses: Numbers,
    bestEpoch: z.number(),
    /** PyTorch's logits [class 0, class 1] of the first validation rows. */
    checked: z.array(z.tuple([z.number(), z.number()]).readonly()).readonly(),
  }),
  z.object({
    event: z.literal('error'),
    kind: z.enum(['torch', 'base', 'script']),
    problem: z.string(),
  }),
]);

/** What the script says, a line of JSON each. */
export type ScriptEvent = Readonly<z.output<typeof ScriptEvent>>;

/**
 * A Python to run it with, the folder it starts from, and where to keep what it prints on stderr.
 */
export interface ScriptPaths {
  readonly python: string;
  readonly base: string;
  readonly log: string;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-TAIL_LINES).join(' · ');

/**
 * Runs the script to its end and passes on each event.
 * @throws HarnessError RXB6303 (no Python), RXB6304 (no torch), RXB6305 (the folder will not do),
 * RXB6306 (anything else); the signal's reason when stopped.
 */
export async function runScript(
  { python, base, log }: ScriptPaths,
  args: readonly string[],
  signal: AbortSignal,
  onEvent: (event: ScriptEvent) => void,
): Promise<void> {
  signal.throwIfAborted();
  const running = execa(python, [SCRIPT, ...args], {
    reject: false,
    stdin: 'ignore',
    buffer: { stdout: false },
    cancelSignal: signal,
    forceKillAfterDelay: PATIENCE_MS,
    // its handler would end this process at the first Ctrl-C; a script whose reader is gone ends by
    // itself
    cleanup: false,
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  let reportedError: Extract<ScriptEvent, { event: 'error' }> | undefined;
  let garbled = '';
  for await (const line of createInterface({ input: running.stdout })) {
    let event: ScriptEvent;
    try {
      event = ScriptEvent.parse(JSON.parse(line));
    } catch {
      garbled = line; // a library that prints; reported if the script then fails
      continue;
    }
    if (event.event === 'error') reportedError = event;
    onEvent(event);
  }
  const ended = await running;
  signal.throwIfAborted();
  if (ended.exitCode === 0) return;
  if (ended.exitCode === undefined && ended.code !== undefined) {
    throw new PipelineError(
      'finetunePythonNotStarted',
      {
        python,
        problem: ended.code === 'ENOENT' ? 'the command was not found.' : `${ended.code}.`,
      },
      { cause: ended },
    );
  }
  if (reportedError?.kind === 'torch')
    throw new PipelineError('torchMissing', { python, problem: reportedError.problem });
  if (reportedError?.kind === 'base')
    throw new PipelineError('unusableBaseModel', { folder: base, problem: reportedError.problem });
  const tail = reportedError?.problem ?? lastLines(ended.stderr === '' ? garbled : ended.stderr);
  const how =
    ended.signal === undefined
      ? `exit code ${String(ended.exitCode)}`
      : `killed by ${ended.signal}${ended.signal === 'SIGKILL' ? ', as when memory runs out' : ''}`;
  await writeAtomic(log, ended.stderr);
  throw new PipelineError('finetuneFailed', {
    problem: `${tail === '' ? 'the script exited early' : tail} (${how})`,
    log,
  });
}

/** Looks whether Python, torch and the folder will do, before anything costs time. */
export async function checkScript(
  paths: ScriptPaths,
  signal: AbortSignal,
): Promise<{ readonly torch: string; readonly python: string }> {
  let ready: { readonly torch: string; readonly python: string } | undefined;
  await runScript(paths, ['--check', paths.base], signal, (event) => {
    if (event.event === 'ready') ready = event;
  });
  if (ready === undefined)
    throw new PipelineError('finetunePythonNotStarted', {
      python: paths.python,
      problem: 'it printed nothing; it does not seem to be Python.',
    });
  return ready;
}
