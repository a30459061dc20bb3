import type { JsonObject } from '../util/json.js';

/**
 * `chat`: the chat-templated prompt of the answer, generation prompt included. `raw`: the bare
 * query text, as upstream pools it.
 */
export type PromptForm = 'chat' | 'raw';

declare const VALUE: unique symbol;

/**
 * A signal that a router asks for. `kind` is a kind of the table in table.ts. `key` is the name
 * under which the router finds the value in `signals`; `params` are part of the key of the stored
 * artifact, so two requests with equal kind and params share one artifact.
 */
export interface SignalRequest<Key extends string = string, Value = unknown> {
  readonly kind: string;
  readonly key: Key;
  readonly params: JsonObject;
  /**
   * Of logits: this many of the largest are enough for the router, where the model does not give
   * the whole vocabulary.
   */
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
