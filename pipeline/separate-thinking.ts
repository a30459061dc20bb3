/**
 * Takes what a model thought apart from its answer, in all forms in which servers leave it in the
 * text. Every text that a model wrote passes here before anything reads it.
 */
import type { Completion } from '../core/contracts.js';

const WORD = '(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad)';
/** A tag in backticks is spoken of, not used. */
const quoted = (pattern: string): string => '(?<!`)(?:' + pattern + ')(?!`)';

/** What begins a thought: Qwen and DeepSeek, Magistral, Kimi, Cohere, OpenThoughts, Gemma. */
const OPEN = new RegExp(
  quoted(
    [
      `(?:<|&lt;)(?:[a-z]{1,10}:)?${WORD}(?:\\s[^<>\\n]{0,80})?(?:>|&gt;)`,
      '\\[think\\]',
      '◁think▷',
      `<\\|(?:begin_of_|start_)?${WORD}(?:_start|_begin)?\\|>`,
      `<\\|channel>\\s{0,3}${WORD}`,
    ].join('|'),
  ),
  'gi',
);
/** What ends it. */
const CLOSE = new RegExp(
  quoted(
    [
      `(?:<|&lt;)/\\s?(?:[a-z]{1,10}:)?${WORD}\\s?(?:>|&gt;)`,
      '\\[/think\\]',
      '◁/think▷',
      `<\\|(?:end_of_|end_|/)${WORD}\\|>`,
      `<\\|${WORD}_end\\|>`,
      '<channel\\|>',
    ].join('|'),
  ),
  'gi',
);
/** What some models put around the answer that follows a thought. */
const AROUND = [
  /^<(answer|response|output|solution)>([\s\S]*)<\/\1>$/i,
  /^<\|(begin_of_solution)\|>([\s\S]*?)(?:<\|end_of_solution\|>)?$/i,
  /^<\|(start_response)\|>([\s\S]*?)(?:<\|end_response\|>)?$/i,
] as const;

/** A text and the thoughts before it; undefined where there are none. */
export interface Separated {
  readonly text: string;
  readonly thinking?: string;
}

const HARMONY = /<\|channel\|>\s{0,3}(\w{1,30})[^<]{0,200}<\|message\|>/g;
/** What may stand before the first channel, where the template began the thought. */
const HARMONY_TOKENS = /<\|start\|>\w{0,30}|^\s{0,10}analysis<\|message\|>|<\|\w{1,20}\|>/g;
const HARMONY_END = /<\|(?:end|return|call|start|channel)\|>/;

/** OpenAI's harmony format: the answer is what stands in the channel `final`. */
function separateHarmony(text: string): Separated | undefined {
  const marks = [...text.matchAll(HARMONY)];
  const [first] = marks;
  if (first === undefined) return undefined;
  const answer: string[] = [];
  const before = text.slice(0, first.index).replaceAll(HARMONY_TOKENS, '').trim();
  const thinking = before === '' ? [] : [before];
  marks.forEach((mark, i) => {
    const body = text.slice(mark.index + mark[0].length, marks[i + 1]?.index);
    const end = body.search(HARMONY_END);
    const content = (end < 0 ? body : body.slice(0, end)).trim();
    (mark[1] === 'final' ? answer : thinking).push(content);
  });
  return {
    text: answer.join('\n'),
    ...(thinking.length === 0 ? {} : { thinking: thinking.join('\n\n') }),
  };
}

const STRIPPED_START = /^\s{0,10}analysis(?:<\|message\|>|(?=[A-Z\d"'(]))/;
const STRIPPED_FINAL = 'assistantfinal';

/** Harmony without its special tokens: `analysisWe need …assistantfinalThe answer …`. */
function separateStripped(text: string): Separated | undefined {
  const start = STRIPPED_START.exec(text);
  if (start === null) return undefined;
  const final = text.lastIndexOf(STRIPPED_FINAL);
  const thinking = text.slice(start[0].length, final < 0 ? undefined : final).trim();
  return { text: final < 0 ? '' : text.slice(final + STRIPPED_FINAL.length).trim(), thinking };
}

const GRANITE_THOUGHT = /^\s{0,10}Here(?:'s| is) my thought process:/i;
const GRANITE_ANSWER = /Here(?:'s| is) my response:/i;

/** Sentences of Granite 3 around its thought. */
function separateGranite(text: string): Separated | undefined {
  const start = GRANITE_THOUGHT.exec(text);
  if (start === null) return undefined;
  const rest = text.slice(start[0].length);
  const answer = GRANITE_ANSWER.exec(rest);
  if (answer === null) return { text: '', thinking: rest.trim() };
  return {
    text: rest.slice(answer.index + answer[0].length).trim(),
    thinking: rest.slice(0, answer.index).trim(),
  };
}

/** Thoughts in tags: all before the last that ends one, and what one begins that none ends. */
function separateTags(text: string): Separated | undefined {
  let close: RegExpExecArray | undefined;
  for (const found of text.matchAll(CLOSE)) close = found;
  const end = close === undefined ? 0 : close.index + close[0].length;
  const after = text.slice(end);
  const [open] = after.matchAll(OPEN);
  if (close === undefined && open === undefined) return undefined;
  const thoughts = [text.slice(0, close?.index ?? 0)];
  if (open !== undefined) thoughts.push(after.slice(open.index + open[0].length));
  const thinking = thoughts
    .map((thought) => thought.replaceAll(OPEN, '').replaceAll(CLOSE, '').trim())
    .filter((thought) => thought !== '');
  return {
    text: (open === undefined ? after : after.slice(0, open.index)).trim(),
    thinking: thinking.join('\n\n'),
  };
}

function unwrapped(text: string): string {
  for (const pattern of AROUND) {
    const found = pattern.exec(text);
    if (found !== null) return (found[2] as string).trim();
  }
  return text;
}

/**
 * A text apart from the thoughts in it; the text itself where it has none. Empty thoughts, which
 * models write that were told not to think, are none.
 */
export function separateText(text: string): Separated {
  const found =
    separateHarmony(text) ?? separateStripped(text) ?? separateGranite(text) ?? separateTags(text);
  if (found === undefined) return { text };
  const answer = unwrapped(found.text);
  return found.thinking === undefined || found.thinking === ''
    ? { text: answer }
    : { text: answer, thinking: found.thinking };
}

/** The same for what a model wrote; thoughts that the server took apart stay before those. */
export function separateThinking<T extends Pick<Completion, 'text' | 'thinking'>>(written: T): T {
  const { text, thinking } = separateText(written.text);
  if (text === written.text) return written;
  const all = [written.thinking, thinking].filter((thought) => thought !== undefined);
  return { ...written, text, ...(all.length === 0 ? {} : { thinking: all.join('\n\n') }) };
}
