/**
 * A running program of the plugin protocol: started in its sandbox, given one request after
 * another, monitored, and killed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill, platform } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import type { Logger } from '../core/tokens.js';
import { FrameReader, frameParts } from './frames.js';
import { withOnly, type Descriptors } from './inherited-descriptors.js';
import { hasNumbers, plainText, parseProgramMessage, type ProgramMessage } from './messages.js';
import { measureProcessTree } from './process-tree.js';
import { asPluginError, CRASH, describeCrash } from './thrown.js';
import type { PackedBlock } from './signal-block.js';
import { SandboxError } from './errors.js';

/** What is run, and its limits. */
export interface ProgramPlan {
  /** Its owner, for messages: a router, or a package. */
  readonly title: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  /**
   * Blocks of rows are sent through a file that the program has open as descriptor 3, read-only,
   * instead of its standard input.
   */
  readonly descriptor: boolean;
  /** Where its output for people goes; absent = nowhere. */
  readonly logger?: Logger | undefined;
  /** Called when the program has exited. */
  readonly cleanUp: () => void;
}

/** A message: a header and bytes. */
export interface OutgoingMessage {
  readonly header: object;
  readonly payload?: Uint8Array;
}

/** A block in flight; its space in the file may be reused after `release`. */
export interface OutgoingBlock extends OutgoingMessage {
  readonly release: () => void;
}

/** A message and its payload. */
export interface IncomingMessage {
  readonly message: ProgramMessage;
  readonly payload: Uint8Array;
}

/** What the program does, how long it may take, and the option that says so. */
export interface TimeLimit {
  readonly what: string;
  /** Without a message. */
  readonly seconds: number;
  /** Whatever it sends meanwhile; absent = any time. */
  readonly total?: number;
  readonly option: 'scoreSeconds' | 'fitSeconds';
  /** Whether a message shows that the program gets on; absent = every message does. */
  readonly isNew?: (message: ProgramMessage) => boolean;
}

interface PendingRequest {
  readonly settle: (incoming: IncomingMessage) => boolean;
  readonly fail: (error: Error) => void;
  readonly silence: () => void;
}

const WATCH_MS = 100;
const LAST_WORDS_MS = 500;
/** Processes and threads of one program. */
const MOST_TASKS = 4096;
/** A timer for longer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const MIB = 2 ** 20;
/** Blocks in flight: one is in use, one is ready. */
export const BLOCKS_AT_ONCE = 2;
/**
 * Offset of the second of two blocks in the file that carries them, so that one can be written
 * while the other is read.
 */
const SECOND = 2 ** 30;
const MOST_TEXT = 2000;
/** Bytes of the header of a message; numbers of weights are not in it. */
const MOST_HEADER = 8 * MIB;
/** Notes of one process that are shown, and that it may send. */
const SHOWN_NOTES = 50;
const MOST_NOTES = 10_000;
/** Characters of a program's output for people that are kept: the last ones. */
const MOST_PRINTED = 2 ** 16;
/** Bytes that it may print. */
const MOST_OUTPUT = 64 * MIB;
/** Bytes of numbers of one message, wherever the memory of the program is larger. */
const MOST_NUMBERS = 512 * MIB;

/**
 * A private temporary folder. On a disk the blocks would be written out repeatedly, and wait for
 * other writers.
 */
function blocksFolder(): string {
  try {
    return mkdtempSync('/dev/shm/rxb-blocks-');
  } catch {
    // no such folder, or not writable
    return mkdtempSync(join(tmpdir(), 'rxb-blocks-'));
  }
}

/** One such program. Any failure ends it. */
export class Program {
  readonly #child: ChildProcess;
  readonly #pending: PendingRequest[] = [];
  readonly #reader: FrameReader;
  readonly #watch: NodeJS.Timeout | undefined;
  readonly #ended: Promise<void>;
  #blocks: number | undefined;
  readonly #taken = Array.from({ length: BLOCKS_AT_ONCE }, () => false);
  #printed = '';
  #printedBytes = 0;
  #notes = 0;
  #broken: HarnessError | undefined;
  /** Whether numbers may follow a message: not while those of the last one are being stored. */
  takesNumbers = true;
  #closing = false;

  constructor(private readonly plan: ProgramPlan) {
    const [command = '', ...args] = plan.command;
    const descriptors: Descriptors = ['pipe', 'pipe', 'pipe'];
    if (plan.descriptor) descriptors.push(this.#openBlocks());
    this.#reader = new FrameReader(
      (header) =>
        hasNumbers(header) && this.takesNumbers ? Math.min(plan.memoryMiB * MIB, MOST_NUMBERS) : 0,
      MOST_HEADER,
    );
    this.#child = withOnly(descriptors, (stdio) =>
      spawn(command, args, {
        cwd: plan.cwd,
        env: plan.env,
        stdio,
        windowsHide: true,
        detached: platform !== 'win32',
      }),
    );
    if (plan.descriptor) closeSync(descriptors[3] as number);
    (this.#child.stdout as Readable).on('data', (piece: Buffer) => this.#receive(piece));
    (this.#child.stderr as Readable).on('data', (piece: Buffer) => this.#print(piece));
    (this.#child.stdin as Writable).on('error', () => undefined); // the event `exit` reports this
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (cause) => {
        this.#break(
          new SandboxError(
            'pluginNotStarted',
            { title: plan.title, problem: getErrorMessage(cause) },
            { cause },
          ),
        );
        resolve();
      });
      // processes it started may keep its streams open after it has exited
      this.#child.once('exit', () => void setTimeout(() => this.#unplug(), LAST_WORDS_MS));
      this.#child.once('close', (code, signal) => {
        this.#break(
          this.#exited(signal === null ? `exit code ${String(code)}` : `killed by ${signal}`),
        );
        resolve();
      });
    });
    void this.#ended.then(() => {
      clearInterval(this.#watch);
      this.#dropBlocks();
      plan.cleanUp();
    });
    if (platform === 'linux') {
      this.#watch = setInterval(() => this.#watchLimits(), WATCH_MS);
      this.#watch.unref();
    }
  }

  #watchLimits(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const { title, memoryMiB: limit } = this.plan;
    const { memoryMiB, tasks } = measureProcessTree(pid);
    if (memoryMiB > limit) this.#break(new SandboxError('pluginOutOfMemory', { title, limit }));
    if (tasks > MOST_TASKS)
      this.#break(new SandboxError('tooManyProcesses', { title, limit: MOST_TASKS }));
  }

  #print(piece: Buffer): void {
    this.#printed = (this.#printed + piece.toString('utf8')).slice(-MOST_PRINTED);
    this.#printedBytes += piece.byteLength;
    if (this.#printedBytes > MOST_OUTPUT)
      this.refuse(`it printed more than ${MOST_OUTPUT / MIB} MiB to its standard error`);
  }

  #exited(how: string): HarnessError {
    return new SandboxError(
      'pluginExited',
      { title: this.plan.title, problem: `${how}${this.lastWords}` },
      { cause: asPluginError(describeCrash(this.#printed)) },
    );
  }

  /** The end of what it printed for people. */
  get printed(): string {
    return plainText(this.#printed);
  }

  /** The last words on its standard error, for messages. */
  get lastWords(): string {
    const lines = this.#printed
      .slice(-MOST_TEXT)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !/^(at |node:|file:|Node\.js v|\^)/.test(line));
    const message =
      lines.find((line) => CRASH.test(line)) ??
      lines.find((line) => /error/i.test(line)) ??
      lines.at(-1);
    return message === undefined ? '' : `: ${plainText(message).slice(0, 300)}`;
  }

  /**
   * Puts the bytes of a block where the program can read them; returns the header fields that
   * describe this.
   */
  block({ header, parts, bytes }: PackedBlock): OutgoingBlock {
    const free =
      this.#blocks === undefined || bytes === 0 || bytes > SECOND ? -1 : this.#taken.indexOf(false);
    if (free >= 0 && this.#wrote(parts, free * SECOND)) {
      this.#taken[free] = true;
      return {
        header: { ...header, bytes, at: free * SECOND },
        release: () => void (this.#taken[free] = false),
      };
    }
    return { header, payload: Buffer.concat(parts), release: () => undefined };
  }

  /** Whether the bytes fit into the file of blocks: its file system may be too small. */
  #wrote(parts: readonly Uint8Array[], position: number): boolean {
    let end = position;
    try {
      for (const part of parts) {
        for (let done = 0; done < part.byteLength;)
          done += writeSync(this.#blocks as number, part, done, part.byteLength - done, end + done);
        end += part.byteLength;
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return false;
    }
  }

  /**
   * Sends a message and waits for the reply; `on` gets every message of the program and returns the
   * reply when it has come. Several calls may wait: replies come in the order of the requests.
   * @throws HarnessError of RXB22xx, and whatever `on` throws
   */
  async request<T>(
    outgoing: OutgoingMessage,
    { what, seconds, total, option, isNew }: TimeLimit,
    on: (incoming: IncomingMessage, fail: (error: Error) => void) => T | undefined,
  ): Promise<T> {
    if (this.#broken !== undefined) throw this.#broken;
    return await new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const end = total === undefined ? undefined : this.#endAfter(total, what, option);
      const done = (then: () => void): void => {
        clearTimeout(timer);
        clearTimeout(end);
        const index = this.#pending.indexOf(pending);
        if (index < 0) return; // it has failed already
        this.#pending.splice(index, 1);
        then();
        this.#pending[0]?.silence();
      };
      const pending: PendingRequest = {
        silence: () => {
          clearTimeout(timer);
          timer = setTimeout(
            () =>
              this.#break(
                new SandboxError('pluginTimeout', {
                  title: this.plan.title,
                  seconds,
                  what,
                  option: `isolation.${option}`,
                }),
              ),
            1000 * seconds,
          );
        },
        fail: (error) => done(() => reject(error)),
        settle: (incoming) => {
          let answer: T | undefined;
          try {
            answer = on(incoming, pending.fail);
          } catch (error) {
            done(() => reject(error as Error));
            return true;
          }
          if (answer === undefined) {
            if (isNew?.(incoming.message) !== false) pending.silence();
            return false;
          }
          done(() => resolve(answer));
          return true;
        },
      };
      this.#pending.push(pending);
      if (this.#pending.length === 1) pending.silence();
      this.send(outgoing);
    });
  }

  #endAfter(seconds: number, what: string, option: TimeLimit['option']): NodeJS.Timeout {
    const details = { title: this.plan.title, seconds, what, option: `isolation.${option}` };
    return setTimeout(
      () => this.#break(new SandboxError('pluginTooSlow', details)),
      Math.min(1000 * seconds, LONGEST_TIMER_MS),
    );
  }

  /** Sends a message that has no reply. */
  send({ header, payload }: OutgoingMessage): void {
    const stdin = this.#child.stdin as Writable;
    if (this.#broken !== undefined || stdin.destroyed) return;
    if (stdin.writableLength > this.plan.memoryMiB * MIB)
      return void this.refuse('it does not read what it asks for');
    for (const part of frameParts(header, payload)) stdin.write(part);
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#kill();
    await this.#ended;
  }

  #receive(piece: Buffer): void {
    if (this.#broken !== undefined || this.#closing) return;
    try {
      for (const { header, payload } of this.#reader.push(piece)) {
        const message = parseProgramMessage(header);
        if (message.type === 'note') {
          this.#note(message.level, message.text);
          continue;
        }
        const [first] = this.#pending;
        if (first === undefined) throw new Error(`it sent "${message.type}" without a request`);
        first.settle({ message, payload });
      }
    } catch (cause) {
      this.#break(this.#violation(cause));
    }
  }

  /** Ends it because it broke the protocol; returns the error. */
  refuse(problem: string): HarnessError {
    const error = this.#violation(new Error(problem));
    this.#break(error);
    return error;
  }

  #violation(cause: unknown): HarnessError {
    const details = { title: this.plan.title, problem: getErrorMessage(cause) };
    return new SandboxError('pluginProtocolViolation', details, { cause });
  }

  #note(level: 'info' | 'warn', text: string): void {
    const { logger, title } = this.plan;
    this.#notes++;
    if (this.#notes > MOST_NOTES) throw new Error(`it sent more than ${MOST_NOTES} notes`);
    if (this.#notes < SHOWN_NOTES) logger?.[level](`${title}: ${text.slice(0, MOST_TEXT)}`);
    if (this.#notes === SHOWN_NOTES) logger?.[level](`${title}: its further notes are not shown`);
  }

  #break(error: HarnessError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    this.#kill();
    for (const waiting of [...this.#pending]) waiting.fail(error);
  }

  /** Ends it and, if it leads a process group, the group. */
  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return;
    try {
      if (platform === 'win32') this.#child.kill('SIGKILL');
      else kill(-pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL'); // the group has ended already
    }
    this.#unplug();
  }

  #unplug(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /**
   * A file without a name, in memory if the system has a folder for that; returns the descriptor
   * for reading.
   */
  #openBlocks(): number {
    const folder = blocksFolder();
    const path = join(folder, 'blocks');
    this.#blocks = openSync(path, 'w', 0o600);
    const reading = openSync(path, 'r');
    // unlinked: it exists as long as the two descriptors
    rmSync(folder, { recursive: true, force: true });
    return reading;
  }

  #dropBlocks(): void {
    if (this.#blocks !== undefined) closeSync(this.#blocks);
    this.#blocks = undefined;
  }
}
