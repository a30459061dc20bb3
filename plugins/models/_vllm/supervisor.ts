/**
 * The process that supervises one server: it starts it in a process group, records it, and ends the
 * whole group when told to, when the server exits by itself, or (if tethered) when the harness has
 * exited for any reason. Without it, a server's engine processes would outlive the server and keep
 * their GPUs.
 */
import process from 'node:process';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { addSecret, LineRedactor } from 'routerxbench/redact';
import { z } from 'zod';
import { SharedFolder } from '../_openai/shared-folder.js';
import { getGroupMembers, getProcessMark, signalTo, type ProcessMark } from './process-table.js';
import { dropRecord, writeRecord } from './server-record.js';

const SupervisorTask = z
  .object({
    model: z.string(),
    url: z.string(),
    log: z.string(),
    started: z.string(),
    tethered: z.boolean(),
    record: z.string(),
    command: z.tuple([z.string()], z.string()).readonly(),
    /** The command for messages. */
    shown: z.string(),
    stopSeconds: z.number(),
    /** Environment variables that contain secrets: their values are removed from the log. */
    secrets: z.array(z.string()).readonly(),
    /**
     * Folder of hidden states that the server writes; leftover files of the harness's requests are
     * removed with it.
     */
    states: z.string().nullable(),
  })
  .readonly();

/**
 * The order for a supervisor, as JSON in its first argument. Its environment and its output, the
 * log, are those of the server.
 */
export type SupervisorTask = z.output<typeof SupervisorTask>;

/** Files of hidden states of requests by a harness. */
const STATES = /rxb-\d+-[0-9a-f]{8}-\d+\D.*\.safetensors(\.lock)?$/;
const LOOK_MS = 100;
const WRITE_MS = 2000;
/** How long the remaining processes of a server that exited by itself may take. */
const REMAINS_SECONDS = 5;
/** How long to wait for the last output of a server that has exited. */
const LAST_WORDS_MS = 1000;
/** How long the kernel may take to end a killed process. */
const KILLED_SECONDS = 10;

/** Adds a line of the supervisor to the log. */
function note(text: string): void {
  process.stdout.write(`\n[rxb] ${text}\n`);
}

async function supervise(task: SupervisorTask): Promise<number> {
  const { stopSeconds, tethered } = task;
  const supervisor = await getProcessMark(process.pid);
  if (supervisor === null) throw new Error('this process is not in the table of processes');
  const states = task.states === null ? undefined : new SharedFolder(task.states);
  await states?.pin();
  const { server, written } = startServer(task);
  const group = server.pid;
  if (group === undefined) {
    note(
      `"${task.command[0]}" could not be started: ${(await server).shortMessage ?? 'no reason was given'}`,
    );
    return 127;
  }
  // not the end of its output, which its engine processes may keep open
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) =>
    server.once('exit', (...how) => resolve(how)),
  );

  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= endGroup(group, stopSeconds);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  if (tethered) for (const event of ['end', 'close', 'error']) process.stdin.on(event, stop);
  if (tethered) process.stdin.resume();

  const stopRecording = await keepRecord(task, supervisor, group);
  const [exitCode, signal] = await ended;
  await stopRecording();
  await Promise.race([written, pause(LAST_WORDS_MS)]);
  note(`the server has ended: ${signal === null ? `exit code ${String(exitCode)}` : signal}`);
  await stopping;
  await endGroup(group, REMAINS_SECONDS);
  await states?.remove((name) => STATES.test(name));
  await states?.close();
  await dropRecord(task.record);
  return stopping === undefined ? 1 : 0;
}

/** Starts the server; `written` is done when its output is in the log. */
function startServer({ command, secrets }: SupervisorTask) {
  const [program, ...args] = command;
  for (const name of secrets) addSecret(process.env[name] ?? '');
  const output = secrets.length === 0 ? 'inherit' : 'pipe';
  const server = execa(program, args, {
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    stdout: output,
    stderr: output,
  });
  const written = Promise.all(
    [server.stdout, server.stderr].map((stream) =>
      stream === null ? undefined : copyRedacted(stream),
    ),
  );
  return { server, written };
}

/** Ends a process group: SIGTERM, and SIGKILL after `seconds`. */
async function endGroup(group: number, seconds: number): Promise<void> {
  if ((await getGroupMembers(group)).length === 0) return;
  signalTo(-group, 'SIGTERM');
  if (await groupHasEnded(group, seconds)) return;
  note(`some of it was still there after ${seconds} s and was killed`);
  signalTo(-group, 'SIGKILL');
  await groupHasEnded(group, KILLED_SECONDS);
}

/** Waits up to `seconds` for a process group to end. */
async function groupHasEnded(group: number, seconds: number): Promise<boolean> {
  const deadline = performance.now() + 1000 * seconds;
  while (performance.now() < deadline) {
    if ((await getGroupMembers(group)).length === 0) return true;
    await pause(LOOK_MS);
  }
  return (await getGroupMembers(group)).length === 0;
}

/** Writes the record of the server whenever its group changes, until the result is called. */
async function keepRecord(
  { record, model, url, log, started, shown, tethered }: SupervisorTask,
  supervisor: ProcessMark,
  group: number,
): Promise<() => Promise<void>> {
  let known = '';
  const write = async (): Promise<void> => {
    const members = await getGroupMembers(group);
    const now = JSON.stringify(members);
    if (now === known || members.length === 0) return;
    known = now;
    await writeRecord(record, {
      schema: 1,
      model,
      url,
      command: shown,
      log,
      started,
      tethered,
      keeper: supervisor,
      group,
      members: [...members],
    });
  };
  await write();
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = write().catch((error: unknown) => note(`cannot write the record: ${String(error)}`));
  }, WRITE_MS);
  return async () => {
    clearInterval(timer);
    await last;
  };
}

/** Writes the output of a server to the log as it arrives, without secrets. */
async function copyRedacted(stream: Readable): Promise<void> {
  const filter = new LineRedactor();
  stream.setEncoding('utf8');
  for await (const part of stream) process.stdout.write(filter.pass(part as string));
  process.stdout.write(filter.end());
}

process.exit(await supervise(SupervisorTask.parse(JSON.parse(process.argv[2] ?? '{}')))); // processes that still hold the server's output
