/** What stands around and behind an answer in the text that a model wrote. */

/** Tokens that end a text, which some servers leave in it. */
const END_TOKENS =
  /(?:\s|<\/s>|<\|(?:eot_id|im_end|endoftext|end_of_text|end|return|eom_id|end_of_turn)\|>|<end_of_turn>|<eos>|\[EOS\]|<｜end▁of▁sentence｜>){1,40}$/;

/** A further question, which a model that was not stopped asks itself. */
const NEXT_QUESTION =
  /\n\s{0,10}(?:#{1,4}\s{0,3}|\*\*)?(?:(?:Question|Problem|Exercise|Q|User|Human|Input|问题)\s{0,2}\d{0,4}\*{0,2}\s{0,2}[:：]|(?:<\|im_start\|>|<\|start_header_id\|>)user)/;

/** The text without tokens that end it. */
export const withoutEndTokens = (text: string): string => {
  const end = END_TOKENS.exec(text.slice(-400));
  if (end === null) return text;
  const tail = text.slice(-400);
  return text.slice(0, text.length - tail.length) + tail.slice(0, end.index);
};

/** The text up to a further question that follows the answer; undefined if there is none. */
export function beforeNextQuestion(text: string): string | undefined {
  const next = NEXT_QUESTION.exec(text);
  if (next === null) return undefined;
  const before = text.slice(0, next.index);
  return before.trim() === '' ? undefined : before;
}

const TAGGED =
  /<(answer|final_answer|final-answer|final)>\s{0,20}([\s\S]{1,4000}?)\s{0,20}<\/\1>/gi;
const FIELD =
  /["'](?:final[_ -]?)?(?:answer|choice|option|letter|result|solution)(?:[_ -]?(?:key|letter|choice))?["']\s{0,5}:\s{0,5}(?:"((?:[^"\\\n]|\\.){1,1000})"|'([^'\n]{1,1000})'|(-?[\w.]{1,60}))/gi;
const WINDOW = 20_000;

/** The answer in the last `<answer>` tag, else in the last field `answer` of JSON, near the end. */
export function taggedAnswer(text: string): string | undefined {
  const window = text.slice(-WINDOW);
  const tagged = [...window.matchAll(TAGGED)].at(-1)?.[2];
  if (tagged !== undefined) return tagged;
  const field = [...window.matchAll(FIELD)].at(-1);
  if (field === undefined) return undefined;
  return field[3] ?? field[2] ?? field[1]?.replace(/\\(["\\/])/g, '$1');
}
