/**
 * `vllm serve MODEL …` with the conformance server, for tests of starting and stopping vLLM: it
 * parses vLLM's flags, has an engine process that outlives it unless it is shut down properly, and
 * fails on demand (VLLM_FIXTURE: dies, hangs, deaf, or tells, which writes its keys to the log).
 */
import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Engine } from './engine.js';
import type { StatesSettings } from './hidden-states.js';
import { recordedEngine } from './recorded-engine.js';
import { startServer } from './server.js';

const FILE = fileURLToPath(import.meta.url);

const Speculative = z.strictObject({
  method: z.literal('extract_hidden_states'),
  num_speculative_tokens: z.literal(1),
  draft_model_config: z.strictObject({
    hf_config: z.strictObject({ eagle_aux_hidden_state_layer_ids: z.array(z.int().min(0)).min(1) }),
  }),
});
const Transfer = z.strictObject({
  kv_connector: z.literal('ExampleHiddenStatesConnector'),
  kv_role: z.literal('kv_producer'),
  kv_connector_extra_config: z.strictObject({ shared_storage_path: z.string() }),
});

/**
 * Writes an executable `vllm` into a folder, which a test puts on the PATH or uses as the command.
 */
export async function writeVllm(folder: string): Promise<string> {
  const file = join(folder, 'vllm');
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${FILE}' "$@"\n`);
  await chmod(file, 0o755);
  return file;
}

/** The arguments for hidden states; it rejects one without the other. */
function buildStates(
  speculative: string | undefined,
  transfer: string | undefined,
  whole: boolean,
): StatesSettings | undefined {
  if (speculative === undefined && transfer === undefined) return undefined;
  if (!whole) throw new Error('chunked prefill must be off');
  const {
    method,
    num_speculative_tokens: tokens,
    draft_model_config: draft,
  } = Speculative.parse(JSON.parse(speculative ?? '{}'));
  const { kv_connector: connector, kv_connector_extra_config: extra } = Transfer.parse(
    JSON.parse(transfer ?? '{}'),
  );
  console.log(`INFO ${method}/${tokens} through ${connector}`);
  return {
    folder: extra.shared_storage_path,
    layers: draft.hf_config.eagle_aux_hidden_state_layer_ids,
    delayMs: 20,
  };
}

const FLAGS = {
  host: { type: 'string', default: '0.0.0.0' },
  port: { type: 'string', default: '8000' },
  'served-model-name': { type: 'string' },
  'tensor-parallel-size': { type: 'string' },
  'max-model-len': { type: 'string' },
  'speculative-config': { type: 'string' },
  'kv-transfer-config': { type: 'string' },
  'no-enable-chunked-prefill': { type: 'boolean' },
} as const;

async function serve(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: FLAGS });
  const [verb, weights] = positionals;
  if (verb !== 'serve' || weights === undefined) throw new Error('usage: vllm serve MODEL');
  const mode = process.env['VLLM_FIXTURE'];
  console.log(`INFO loading ${weights} on GPU ${process.env['CUDA_VISIBLE_DEVICES'] ?? 'all'}`);
  if (mode === 'dies') {
    console.error(
      'ValueError: Free memory on device cuda:0 is less than desired GPU memory utilization.',
    );
    process.exit(1);
  }
  if (mode === 'tells') {
    const { VLLM_API_KEY: told = '', HF_TOKEN: token = '' } = process.env;
    console.log(`INFO keys: ${told} ${JSON.stringify({ token })}`);
    process.stdout.write(`INFO in parts: ${told.slice(0, 7)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log(`${told.slice(7)}.`);
    console.error(`https://here/?token=${encodeURIComponent(token)}`);
  }
  const engineProcess = spawn('sleep', ['3600'], { stdio: 'ignore' });
  console.log(`INFO EngineCore pid=${engineProcess.pid}`);
  if (mode === 'deaf') process.on('SIGTERM', () => console.log('INFO not now'));
  else
    process.on('SIGTERM', () => {
      console.log('INFO shutting down');
      engineProcess.kill();
      process.exit(0);
    });
  if (mode === 'hangs') return void setInterval(() => console.log('INFO still loading'), 200);
  const name = values['served-model-name'] ?? weights;
  const engine: Engine =
    process.env['VLLM_ENGINE'] === 'embedded'
      ? {
          ...(await (await import('./embedded-engine.js')).embeddedEngine(weights)),
          models: [name],
        }
      : recordedEngine(name);
  const key = process.env['VLLM_API_KEY'];
  const hiddenStates = buildStates(
    values['speculative-config'],
    values['kv-transfer-config'],
    values['no-enable-chunked-prefill'] === true,
  );
  const { url } = await startServer({
    engine,
    port: Number(values.port),
    ...(key === undefined ? {} : { key }),
    ...(hiddenStates === undefined ? {} : { hiddenStates }),
  });
  console.log(`INFO ${name} at ${url}`);
}

if (process.argv[1] === FILE) await serve();
