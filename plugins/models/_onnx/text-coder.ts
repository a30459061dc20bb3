import { ThreadEnded, WatchedThread } from 'routerxbench/watched-thread';
import { HarnessError, type ModelPrompt } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { EncodedPrompt } from './prompt.js';
import type {
  GraphOptions,
  OpenedFolder,
  TextOptions,
  TextReply,
  TextRequest,
} from './text-messages.js';

/**
 * Prompts to tokens and back, as a model folder defines it. The work is done in a thread: templates
 * and tokenizers come with the folder, and one that never ends is stopped.
 */
export class TextCoder {
  readonly #thread: WatchedThread<TextReply>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly path: string) {
    this.#thread = new WatchedThread<TextReply>(new URL('./text-thread.js', import.meta.url), null);
  }

  /**
   * Reads a folder: its settings, and its graph where `graph` has the options for it.
   * @throws HarnessError RXB4001 that describes the problem; RXB4022, RXB6301, RXB6302
   */
  static async open(
    path: string,
    options: TextOptions,
    graph: GraphOptions | null,
  ): Promise<{ readonly coder: TextCoder; readonly opened: OpenedFolder }> {
    const coder = new TextCoder(path);
    try {
      const request = { open: path, options: pickText(options), graph: pickGraph(graph) };
      const { opened } = await coder.#ask(request, 'opened');
      return { coder, opened };
    } catch (error) {
      await coder.close();
      throw error;
    }
  }

  /** Token ids of prompts, or why there are none. */
  async encodePrompts(prompts: readonly ModelPrompt[]): Promise<readonly EncodedPrompt[]> {
    return (await this.#ask({ prompts }, 'encoded')).encoded;
  }

  /** Token ids of bare texts, with the tokenizer's special tokens. */
  async encodeTexts(texts: readonly string[]): Promise<readonly EncodedPrompt[]> {
    return (await this.#ask({ texts }, 'encoded')).encoded;
  }

  /** Token ids of texts within a text, without special tokens. */
  async encodeWords(words: readonly string[]): Promise<readonly (readonly number[])[]> {
    return (await this.#ask({ words }, 'ids')).ids;
  }

  /** Texts of token ids. */
  async decode(ids: readonly (readonly number[])[]): Promise<readonly string[]> {
    return (await this.#ask({ ids }, 'texts')).texts;
  }

  async close(): Promise<void> {
    await this.#thread.end();
  }

  async #ask<Member extends 'opened' | 'encoded' | 'ids' | 'texts'>(
    request: TextRequest,
    member: Member,
  ): Promise<Extract<TextReply, Readonly<Record<Member, unknown>>>> {
    const asked = this.#last.then(async () => await this.#exchange(request));
    this.#last = asked.catch(() => undefined); // its caller has the error
    const reply = await asked;
    if ('error' in reply) throw new HarnessError(reply.error);
    if (!(member in reply)) throw new Error(`the thread of a model folder sent no ${member}`);
    return reply as Extract<TextReply, Readonly<Record<Member, unknown>>>;
  }

  async #exchange(request: TextRequest): Promise<TextReply> {
    this.#thread.begin(request);
    try {
      return await this.#thread.next();
    } catch (error) {
      if (!(error instanceof ThreadEnded)) throw error;
      const what = 'open' in request ? 'reading it' : 'its tokenizer or chat template';
      throw brokenFolder(this.path, `${what} was stopped: ${error.message}.`, error);
    } finally {
      this.#thread.rest();
    }
  }
}

const pickText = ({
  chatTemplate,
  templateArguments,
  system,
  maxPromptTokens,
}: TextOptions): TextOptions => ({ chatTemplate, templateArguments, system, maxPromptTokens });

const pickGraph = (options: GraphOptions | null): GraphOptions | null =>
  options === null
    ? null
    : { dtype: options.dtype, file: options.file, hiddenStates: options.hiddenStates };
