import { getErrorMessage, type Message, type ModelPrompt } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { ChatTemplate } from './chat-template.js';
import type { Tokenizer } from './tokenizer.js';

/** A prompt as the model sees it, or why there is none. */
export type EncodedPrompt =
  | { readonly ok: true; readonly ids: readonly number[]; readonly cut: boolean }
  | { readonly ok: false; readonly problem: string };

/** What turns prompts into token ids. */
export interface PromptEncoder {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | undefined;
  readonly system: string | undefined;
  /** Maximum tokens of a prompt. */
  readonly limit: number;
  /** Folder of the model, for error messages. */
  readonly folder: string;
}

/**
 * Token ids of a prompt. A raw text gets the tokenizer's special tokens, a conversation those of
 * the chat template. If it is too long, a raw text loses its end, as in the paper's code; a
 * conversation loses the end of its longest message, so that the template around it stays intact.
 * @throws HarnessError RXB4001 for a conversation if the folder has no chat template.
 */
export function encodePrompt(encoder: PromptEncoder, prompt: ModelPrompt): EncodedPrompt {
  if (prompt.form === 'raw') return encodeText(encoder, prompt.text);
  const { template, system } = encoder;
  if (template === undefined) {
    throw brokenFolder(
      encoder.folder,
      'it has no chat template (chat_template in tokenizer_config.json, or chat_template.jinja), which conversations need; set the option `chatTemplate`.',
    );
  }
  const withSystem: readonly Message[] =
    system === undefined || prompt.messages.some(({ role }) => role === 'system')
      ? prompt.messages
      : [{ role: 'system', content: system }, ...prompt.messages];
  try {
    return fit(encoder, template, withSystem);
  } catch (error) {
    return { ok: false, problem: `the chat template rejects it: ${getErrorMessage(error)}` };
  }
}

/** Token ids of a raw text, with the tokenizer's special tokens; a closing one survives cutting. */
export function encodeText(
  { tokenizer, limit }: Pick<PromptEncoder, 'tokenizer' | 'limit'>,
  text: string,
): EncodedPrompt {
  const ids = tokenizer.encode(text, true);
  if (ids.length === 0) return { ok: false, problem: 'it has no tokens' };
  if (ids.length <= limit) return { ok: true, ids, cut: false };
  const empty = tokenizer.encode('', true);
  const closing = empty.length > 1 && empty.at(-1) === ids.at(-1) ? empty.slice(-1) : [];
  return { ok: true, ids: [...ids.slice(0, limit - closing.length), ...closing], cut: true };
}

function fit(
  encoder: PromptEncoder,
  template: ChatTemplate,
  messages: readonly Message[],
): EncodedPrompt {
  const { tokenizer, limit } = encoder;
  let current = messages;
  let ids = tokenizer.encode(template(current), false);
  const cut = ids.length > limit;
  // Cutting can merge tokens differently, so the length is measured again until it fits.
  while (ids.length > limit) {
    const longest = current.reduce(
      (best, message, index) =>
        message.content.length > (current[best]?.content.length ?? 0) ? index : best,
      0,
    );
    const content = tokenizer.encode(current[longest]?.content ?? '', false);
    if (content.length === 0)
      return { ok: false, problem: `the chat template alone is longer than ${limit} tokens` };
    const kept = tokenizer.decode(
      content.slice(0, Math.max(0, content.length - (ids.length - limit))),
    );
    current = current.map((message, index) =>
      index === longest ? { ...message, content: kept } : message,
    );
    ids = tokenizer.encode(template(current), false);
  }
  return ids.length === 0 ? { ok: false, problem: 'it has no tokens' } : { ok: true, ids, cut };
}
