/** The text of a message, and what the model thought before it. */
import { RequestFailure } from './failure.js';

/** A message as servers send it. */
export interface ReplyMessage {
  /** A text, or a list of parts with texts and thoughts. */
  readonly content?: unknown;
  readonly refusal?: string | null;
  /** The thoughts, if the server takes them apart: the names that servers use. */
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly thinking?: unknown;
  readonly reasoning_details?: unknown;
}

/** A text and the thoughts before it; undefined where there were none. */
export interface MessageText {
  readonly text: string;
  readonly thinking?: string;
}

/** Members of a part that may hold its text, by what servers call them. */
const TEXT_MEMBERS = ['text', 'thinking', 'reasoning', 'content', 'summary'] as const;

/** The text in a string, a part, or a list of parts; '' where there is none. */
function textIn(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 4) return '';
  if (Array.isArray(value)) return value.map((part) => textIn(part, depth + 1)).join('');
  const part = value as Readonly<Record<string, unknown>>;
  return (
    TEXT_MEMBERS.map((name) => textIn(part[name], depth + 1)).find((text) => text !== '') ?? ''
  );
}

const THOUGHTS = /think|thought|reasoning/i;
const TEXTS = new Set(['text', 'output_text']);

/** @throws RequestFailure for a part that is neither text nor a thought */
function readParts(parts: readonly unknown[]): MessageText {
  const text: string[] = [];
  const thinking: string[] = [];
  for (const part of parts) {
    const { type } = (typeof part === 'object' && part !== null ? part : {}) as { type?: unknown };
    if (typeof part === 'string') text.push(part);
    else if (typeof type === 'string' && TEXTS.has(type)) text.push(textIn(part));
    else if (typeof type === 'string' && THOUGHTS.test(type)) thinking.push(textIn(part));
    else
      throw new RequestFailure(
        'rejected',
        `the answer has a part that is not text: ${JSON.stringify(type ?? part ?? null).slice(0, 80)}`,
        { error: 'unreadableReply' },
      );
  }
  return { text: text.join(''), ...(thinking.length === 0 ? {} : { thinking: thinking.join('') }) };
}

/**
 * Reads a message: its text apart from the thoughts in fields or parts of their own. Thoughts in
 * tags inside the text stay there; the harness takes them apart, whatever the backend.
 * @throws RequestFailure for content that is neither text nor a list of texts and thoughts
 */
export function readMessage(message: ReplyMessage | undefined): MessageText {
  const { content, refusal } = message ?? {};
  const fields = [
    message?.reasoning_content,
    message?.reasoning,
    message?.thinking,
    message?.reasoning_details,
  ];
  const field = fields.map((value) => textIn(value)).find((text) => text !== '');
  if (content !== null && content !== undefined && typeof content !== 'string') {
    if (!Array.isArray(content))
      throw new RequestFailure('rejected', 'the content of the answer is neither text nor a list', {
        error: 'unreadableReply',
      });
    const parts = readParts(content);
    const thinking = [field, parts.thinking].filter((text) => text !== undefined);
    return { ...parts, ...(thinking.length === 0 ? {} : { thinking: thinking.join('\n\n') }) };
  }
  return {
    text: content ?? refusal ?? '',
    ...(field === undefined ? {} : { thinking: field }),
  };
}
