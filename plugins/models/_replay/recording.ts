import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openRegular } from 'routerxbench/regular-file';
import { HarnessError, getErrorMessage, z, type ModelPrompt } from '../../../core/index.js';
import { ModelError } from '../_errors.js';

const Text = z.strictObject({
  text: z.string(),
  tokenLogprobs: z.array(z.number().max(0)).default([]),
});
const Tokens = z.int().min(0);

/** One line of a recording: a prompt and what was recorded for it. */
export const RecordedLine = z.strictObject({
  /** The question, or a filled template, as the model got it; without a system message. */
  prompt: z.string().min(1),
  /** The greedy answer. */
  text: z.string().optional(),
  tokenLogprobs: z.array(z.number().max(0)).optional(),
  /** A grade of the answer between 0 and 1, for the scorer `recorded`; null = not graded. */
  grade: z.number().min(0).max(1).nullable().optional(),
  finish: z.enum(['stop', 'length']).optional(),
  /** Sampled answers, in the order in which they are returned. */
  samples: z.array(Text).optional(),
  /** Log-probability of each choice as the continuation. */
  choices: z.record(z.string(), z.number().max(0)).optional(),
  promptTokens: Tokens.optional(),
  completionTokens: Tokens.optional(),
  reasoningTokens: Tokens.optional(),
  cachedPromptTokens: Tokens.optional(),
  latencyMs: z.number().min(0).optional(),
  servedModel: z.string().optional(),
});

/** A parsed line. */
export type RecordedLine = z.output<typeof RecordedLine>;

interface RowPosition {
  readonly row: number;
  readonly line: number;
  readonly start: number;
  readonly length: number;
  readonly digest: string;
}

/** What a recording contains. */
export interface Contents {
  readonly texts: boolean;
  readonly choices: boolean;
  readonly rows: number;
  /** SHA-256 of its bytes. */
  readonly hash: string;
}

const NEWLINE = 10;

/**
 * The key by which a prompt is found: its last message and those before it, without system
 * messages.
 */
function promptKey(prompt: ModelPrompt | string): string {
  return createHash('sha256')
    .update(JSON.stringify(getTexts(prompt)))
    .digest('base64')
    .slice(0, 20);
}

function getTexts(prompt: ModelPrompt | string): readonly string[] {
  if (typeof prompt === 'string') return [prompt];
  if (prompt.form === 'raw') return [prompt.text];
  return prompt.messages.filter(({ role }) => role !== 'system').map(({ content }) => content);
}

/**
 * A JSONL file of recorded outcomes, found by prompt; only the positions of its lines are kept in
 * memory.
 */
export class Recording {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly positions: ReadonlyMap<string, RowPosition>,
    readonly contents: Contents,
  ) {}

  /**
   * Reads the file once: checks every line and stores its position.
   * @throws HarnessError RXB4108 naming the line that is wrong, or two lines that disagree about
   * one prompt.
   */
  static async open(file: string, duplicates: 'refuse' | 'first'): Promise<Recording> {
    const broken = (problem: string, cause?: unknown): HarnessError =>
      new ModelError('invalidRecording', { file, problem }, { cause });
    const handle = await openRegular(file).catch((cause: unknown) =>
      Promise.reject(broken(getErrorMessage(cause), cause)),
    );
    try {
      const positions = new Map<string, RowPosition>();
      const hash = createHash('sha256');
      let [row, texts, choices] = [0, false, false];
      for await (const { line, start, bytes } of readLines(file)) {
        hash.update(bytes).update('\n');
        const content = bytes.toString('utf8').trim();
        if (content === '') continue;
        const parsedRow = parsed(content, (problem, cause) =>
          broken(`line ${line}: ${problem}`, cause),
        );
        texts ||=
          parsedRow.text !== undefined ||
          parsedRow.samples !== undefined ||
          parsedRow.grade !== undefined;
        choices ||= parsedRow.choices !== undefined;
        const key = promptKey(parsedRow.prompt);
        const digest = createHash('sha256').update(content).digest('base64').slice(0, 12);
        const first = positions.get(key);
        if (first !== undefined && first.digest !== digest && duplicates === 'refuse') {
          throw broken(
            `lines ${first.line} and ${line} record different outcomes of one prompt (\`duplicates: 'first'\` takes the first)`,
          );
        }
        if (first === undefined)
          positions.set(key, { row, line, start, length: bytes.length, digest });
        row++;
      }
      if (row === 0) throw broken('it contains no rows');
      return new Recording(file, handle, positions, {
        texts,
        choices,
        rows: row,
        hash: hash.digest('hex'),
      });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The index of a prompt's row, or undefined if it was not recorded. */
  findRow(prompt: ModelPrompt | string): number | undefined {
    return this.positions.get(promptKey(prompt))?.row;
  }

  /** What was recorded for a prompt, or undefined if nothing was. */
  async find(prompt: ModelPrompt): Promise<RecordedLine | undefined> {
    const position = this.positions.get(promptKey(prompt));
    if (position === undefined) return undefined;
    const bytes = Buffer.alloc(position.length);
    await this.handle.read(bytes, 0, position.length, position.start);
    return parsed(
      bytes.toString('utf8'),
      (problem, cause) =>
        new ModelError(
          'invalidRecording',
          { file: this.file, problem: `line ${position.line} has changed: ${problem}` },
          { cause },
        ),
    );
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

function parsed(
  text: string,
  broken: (problem: string, cause?: unknown) => HarnessError,
): RecordedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(`it is not JSON (${getErrorMessage(cause)})`, cause);
  }
  const checked = RecordedLine.safeParse(value);
  if (checked.success) return checked.data;
  throw broken(
    checked.error.issues
      .map(({ path, message }) => `${path.join('.') || 'the row'}: ${message}`)
      .join('; '),
  );
}

/** Lines of a file with the position of their first byte. */
async function* readLines(
  file: string,
): AsyncGenerator<{ readonly line: number; readonly start: number; readonly bytes: Buffer }> {
  let [rest, start, line]: [Buffer, number, number] = [Buffer.alloc(0), 0, 1];
  for await (const chunk of createReadStream(file)) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let newline = rest.indexOf(NEWLINE); newline >= 0; newline = rest.indexOf(NEWLINE, from)) {
      yield { line: line++, start, bytes: rest.subarray(from, newline) };
      start += newline + 1 - from;
      from = newline + 1;
    }
    rest = rest.subarray(from);
  }
  if (rest.length > 0) yield { line, start, bytes: rest };
}
