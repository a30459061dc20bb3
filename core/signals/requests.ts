import type { JsonObject } from '../util/json.js';

/** `chat`: the templated prompt, generation prompt included; `raw`: the bare query text. */
export type PromptForm = 'chat' | 'raw';

declare const VALUE: unique symbol;

/**
 * A signal that a router asks for, of a kind in table.ts. `key` is its name in the router's
 * `signals`; requests with equal kind and params share one stored artifact.
 */
export interface SignalRequest<Key extends string = string, Value = unknown> {
  readonly kind: string;
  readonly key: Key;
  readonly params: JsonObject;
  /** Of logits: so many of the largest are enough where a model does not give all. */
  readonly top?: number;
  readonly [VALUE]?: Value;
}

/** The `signals` object that a list of requests yields. */
export type SignalsOf<Needs extends readonly SignalRequest[]> = {
  readonly [R in Needs[number] as R['key']]: R extends SignalRequest<string, infer V> ? V : never;
};

/** The same request under another name: needed where a router asks twice for one kind. */
export function as<Key extends string, Value>(
  key: Key,
  request: SignalRequest<string, Value>,
): SignalRequest<Key, Value> {
  return { ...request, key } as SignalRequest<Key, Value>;
}
