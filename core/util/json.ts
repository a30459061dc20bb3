/** Anything JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

const BIG = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?[1-9]\d{15,}(?![\w.])/g;
const quoted = (part: string): string =>
  part.startsWith('"') || Number.isSafeInteger(Number(part)) ? part : `"${part}"`;

/** Parses JSON; integers beyond 2^53 become texts with all their digits. @throws SyntaxError */
export const parseJson = (text: string): unknown =>
  JSON.parse(/\d{16}/.test(text) ? text.replace(BIG, quoted) : text);

/** Whether a value is an object with named members, not a list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
