/**
 * The process that supervises one server: it starts it in a process group, records it, and ends the
 * whole group when told to, when the server exits by itself, or (if tethered) when the harness has
 * exited for any reason. Without it, a server's engine processes would outlive the server and keep
 * their GPUs.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { buildSecretForms, SecretFilter } from '../_openai/secret-filter.js';
import { getProcessMark, getGroupMembers, signalTo } from './process-table.js';
import { dropRecord, writeRecord, type ServerRecord } from './server-record.js';

/**
 * The order for a supervisor, as JSON in its first argument. Its environment and its output, the
 * log, are those of the server.
 */
export interface SupervisorTask extends Pick<
  ServerRecord,
  'model' | 'url' | 'log' | 'started' | 'tethered'
> {
  readonly record: string;
  readonly command: readonly [string, ...string[]];
  /** The command for messages. */
  readonly shown: string;
  readonly stopSeconds: number;
  /** Environment variables that contain secrets: their values are removed from the log. */
  readonly secrets: readonly string[];
  /**
   * Folder of hidden states that the server writes; leftover files of the harness's requests are
   * removed with it.
   */
  readonly states: string | null;
}

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

async function supervise(task: SupervisorTask): Promise<number> {
  const { command, record, stopSeconds, tethered } = task;
  const note = (text: string): void => void process.stdout.write(`\n[rxb] ${text}\n`);
  const supervisor = await getProcessMark(process.pid);
  if (supervisor === null) throw new Error('this process is not in the table of processes');
  const [program, ...args] = command;
  const forms = buildSecretForms(task.secrets.flatMap((name) => process.env[name] ?? []));
  const output = forms.length === 0 ? 'inherit' : 'pipe';
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
      stream === null ? undefined : copyWithout(forms, stream),
    ),
  );
  const group = server.pid;
  if (group === undefined) {
    note(
      `"${program}" could not be started: ${(await server).shortMessage ?? 'no reason was given'}`,
    );
    return 127;
  }
  // not the end of its output, which its engine processes may keep open
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) =>
    server.once('exit', (...how) => resolve(how)),
  );

  const gone = async (seconds: number): Promise<boolean> => {
    for (
      const end = performance.now() + 1000 * seconds;
      performance.now() < end;
      await pause(LOOK_MS)
    )
      if ((await getGroupMembers(group)).length === 0) return true;
    return (await getGroupMembers(group)).length === 0;
  };
  const endGroup = async (seconds: number): Promise<void> => {
    if ((await getGroupMembers(group)).length === 0) return;
    signalTo(-group, 'SIGTERM');
    if (await gone(seconds)) return;
    note(`some of it was still there after ${seconds} s and was killed`);
    signalTo(-group, 'SIGKILL');
    await gone(KILLED_SECONDS);
  };

  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= endGroup(stopSeconds);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  if (tethered) for (const event of ['end', 'close', 'error']) process.stdin.on(event, stop);
  if (tethered) process.stdin.resume();

  let known = '';
  const write = async (): Promise<void> => {
    const members = await getGroupMembers(group);
    const now = JSON.stringify(members);
    if (now === known || members.length === 0) return;
    known = now;
    const { model, url, log, started, shown } = task;
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
  const writing = setInterval(() => {
    last = write().catch((error: unknown) =>
      note(`it could not be written down: ${String(error)}`),
    );
  }, WRITE_MS);

  const [exitCode, signal] = await ended;
  clearInterval(writing);
  await last;
  await Promise.race([written, pause(LAST_WORDS_MS)]);
  note(`the server has ended: ${signal === null ? `exit code ${String(exitCode)}` : signal}`);
  await stopping;
  await endGroup(REMAINS_SECONDS);
  if (task.states !== null) await removeStates(task.states);
  await dropRecord(record);
  return stopping === undefined ? 1 : 0;
}

/** Writes the output of a server to the log as it arrives, without secrets. */
async function copyWithout(forms: readonly string[], stream: Readable): Promise<void> {
  const filter = new SecretFilter(forms);
  stream.setEncoding('utf8');
  for await (const part of stream) process.stdout.write(filter.pass(part as string));
  process.stdout.write(filter.end());
}

async function removeStates(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (STATES.test(name)) await rm(join(folder, name), { force: true });
}

process.exit(await supervise(JSON.parse(process.argv[2] ?? '{}') as SupervisorTask)); // processes that still hold the server's output
