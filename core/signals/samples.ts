import type { Generated, GenerateSettings } from '../contracts.js';
import type { SignalDefinition } from './definition.js';
import type { JsonObject } from '../util/json.js';
import type { SignalRequest } from './requests.js';

/** What `samples` needs to know. */
export interface SampleSettings {
  readonly n: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
}

/** `n` sampled answers of the weak model. */
export function samples(settings: SampleSettings): SignalRequest<'samples', readonly Generated[]> {
  return { kind: 'samples', key: 'samples', params: { ...settings } };
}

/** The request that `of` of another request's parameters describes. */
export const getSamples = ({ of: settings }: JsonObject): ReturnType<typeof samples> =>
  samples(settings as unknown as SampleSettings);

export const samplesSignal = {
  kind: 'samples',
  method: 'generate',
  ability: 'generate',
  answers: 'sampled',
  generation: (params) => params as unknown as GenerateSettings,
  readRow: ({ texts }: { readonly texts: readonly Generated[] }) => texts,
} as const satisfies SignalDefinition;
