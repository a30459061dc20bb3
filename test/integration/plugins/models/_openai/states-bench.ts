/** The embedded weak model on a server that writes its hidden states like vLLM. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type {
  Model,
  ModelContext,
  ModelPrompt,
  Outcome,
  PromptState,
} from '../../../../../core/index.js';
import { OpenAi } from '../../../../../plugins/models/openai.js';
import { embeddedEngine } from '../../../../support/openai-server/embedded-engine.js';
import type { StatesSettings } from '../../../../support/openai-server/hidden-states.js';
import { startServer } from '../../../../support/openai-server/server.js';
import { createInstance } from '../../../../support/instance.js';

/** Its folder. */
export const WEAK = resolve('models/tiny/weak');
/** Its size. */
export const [LAYERS, DIM] = [4, 48];
/** Its layers. */
export const ALL = [0, 1, 2, 3, 4];
/** What it is asked. */
export const QUERIES = ['What is 7 + 5?', 'Compute 48 minus 19.', 'Étrange, ça: 日本 😀?'];
/** A context that nothing stops. */
export const context: ModelContext = {
  signal: new AbortController().signal,
  advance: () => undefined,
};
/** A question. */
export const chat = (content: string): ModelPrompt => ({
  form: 'chat',
  messages: [{ role: 'user', content }],
});

const values = <T>(outcomes: readonly Outcome<T>[] | undefined): readonly T[] =>
  (outcomes ?? []).map((outcome) => {
    if (!outcome.ok) throw new Error(`${outcome.code} ${outcome.message}`);
    return outcome.value;
  });
/** The states of prompts; fails if one has none. */
export const readStates = async (
  model: Model,
  prompts: readonly ModelPrompt[] = QUERIES.map(chat),
): Promise<readonly Float32Array[]> =>
  values<PromptState>(
    await model.read?.(prompts, { logits: false, hiddenStates: true }, context),
  ).map(({ hiddenStates }) => hiddenStates as Float32Array);
/** Those of one layer. */
export const layer = (states: Float32Array, at: number): Float32Array =>
  states.slice(at * DIM, (at + 1) * DIM);
/** Largest difference. */
export const apart = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));

/** The model itself. */
export const engine = await embeddedEngine(WEAK);
/** Folder of all that is written here. */
export const root = mkdtempSync(join(tmpdir(), 'rxb-'));
after(async () => {
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});

/** A model on a server, and the contents of its folder. */
export interface Bench {
  readonly model: Model;
  readonly folder: string;
  readonly left: () => Promise<readonly string[]>;
}

let folders = 0;
/** A model on a server that writes states with these settings, into a separate folder. */
export const withStates = async (
  settings: Partial<StatesSettings>,
  options: object,
  work: (bench: Bench) => Promise<unknown>,
  delayMs = 0,
): Promise<void> => {
  const folder = join(root, `${++folders}/states`);
  await mkdir(folder, { recursive: true });
  const server = await startServer({
    engine,
    delayMs,
    hiddenStates: { folder, layers: ALL, ...settings },
  });
  const model = createInstance('model', OpenAi, {
    model: 'weak',
    baseUrl: server.url,
    retries: 0,
    hiddenStates: { folder, depth: LAYERS, dim: DIM, waitSeconds: 0.3 },
    ...options,
  }) as Model;
  try {
    await work({ model, folder, left: async () => await readdir(folder) });
  } finally {
    await model.close?.();
    await server.close();
  }
};
