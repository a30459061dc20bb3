import type { ModelMethod } from '../../core/contracts.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';

/** A paid call: everything that decides the reply. */
export interface CallParts {
  /** Fingerprint of the model. */
  readonly model: string;
  readonly method: ModelMethod;
  /** Hash of the prompt. */
  readonly prompt: string;
  readonly settings: JsonObject;
}

/** The members of a call. */
export const callParts = (
  model: string,
  method: ModelMethod,
  prompt: unknown,
  settings: JsonObject,
): CallParts => ({ model, method, prompt: jsonHash(prompt), settings });

/** The key of a call's reply. */
export const callKey = (parts: CallParts): string => jsonHash(parts);
