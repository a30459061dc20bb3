/** One file of the answer cache: complete lines of JSON, appended by one process. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { getErrorMessage } from '../../core/errors.js';
import { StorageError } from '../errors.js';

const NEWLINE = 10;

/** A complete line and its position. A line that a crash truncated does not count. */
export interface SegmentLine {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Every complete line of a segment. */
export async function* segmentLines(file: string): AsyncGenerator<SegmentLine> {
  let [rest, start]: [Buffer, number] = [Buffer.alloc(0), 0];
  for await (const chunk of createReadStream(file)) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let newline = rest.indexOf(NEWLINE); newline >= 0; newline = rest.indexOf(NEWLINE, from)) {
      yield { start, bytes: rest.subarray(from, newline) };
      start += newline + 1 - from;
      from = newline + 1;
    }
    rest = rest.subarray(from);
  }
}

/** Number of lines after which the file is synced to disk. */
const SYNC_LINES = 256;

/**
 * Appends complete lines. Appended lines survive the end of the process; after every {@link
 * SYNC_LINES} lines they also survive a crash of the machine.
 */
export class SegmentWriter {
  #end = 0;
  #unsynced = 0;
  #waiting: Buffer[] = [];
  /** The write that will include the waiting lines; undefined if there are none. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Why a write failed: it may have left an incomplete line, and nothing may follow that. */
  #failure: Error | undefined;

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(file: string): Promise<SegmentWriter> {
    const handle = await open(file, 'ax').catch((cause: unknown) =>
      Promise.reject(
        new StorageError('writeFailed', { file, problem: getErrorMessage(cause) }, { cause }),
      ),
    );
    return new SegmentWriter(file, handle);
  }

  /**
   * Appends a line and returns its position; lines that arrive during a write are written together.
   * @throws HarnessError RXB5002
   */
  async append(line: string): Promise<number> {
    const bytes = Buffer.from(`${line}\n`);
    const start = this.#end;
    this.#end += bytes.length;
    this.#waiting.push(bytes);
    const write = (this.#next ??= this.#last.then(async () => await this.#write()));
    this.#last = write.catch(() => undefined); // each append reports its own failure
    await write.catch((cause: unknown) =>
      Promise.reject(
        new StorageError(
          'writeFailed',
          { file: this.file, problem: getErrorMessage(cause) },
          { cause },
        ),
      ),
    );
    return start;
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.handle.appendFile(Buffer.concat(lines)); // continues after short writes
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
    this.#unsynced += lines.length;
    if (this.#unsynced < SYNC_LINES) return;
    this.#unsynced = 0;
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.handle.datasync();
    await this.handle.close();
  }
}
