/** Runs the Python script that fine-tunes, and reads its messages. */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
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

/** What the script says, a line of JSON each. */
export type ScriptEvent =
  | { readonly event: 'ready'; readonly torch: string; readonly python: string }
  | {
      readonly event: 'start';
      readonly torch: string;
      readonly device: string;
      /** Steps that were found done. */
      readonly step: number;
      /** How far the logits of transformers are from its own, where transformers is installed. */
      readonly reference: { readonly version: string; readonly gap: number } | null;
      /** Whether the folder had a head already. */
      readonly hadHead: boolean;
    }
  | {
      readonly event: 'batch';
      readonly epoch: number;
      readonly epochs: number;
      readonly step: number;
      readonly steps: number;
    }
  | {
      readonly event: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly trainLoss: number;
      readonly validationLoss: number;
    }
  | { readonly event: 'stopped' }
  | {
      readonly event: 'done';
      readonly trainLosses: readonly number[];
      readonly validationLosses: readonly number[];
      readonly bestEpoch: number;
      /** PyTorch's logits [class 0, class 1] of the first validation rows. */
      readonly checked: readonly (readonly [number, number])[];
    }
  | {
      readonly event: 'error';
      readonly kind: 'torch' | 'base' | 'script';
      readonly problem: string;
    };

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
      event = JSON.parse(line) as ScriptEvent;
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
