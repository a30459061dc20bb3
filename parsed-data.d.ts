/**
 * What is parsed from a text is `unknown` until a schema has checked it: TypeScript's own
 * declarations say `any`, which passes for every type.
 */
interface JSON {
  parse(text: string, reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown;
}
