import { join } from 'node:path';
import { getLayers } from '../_openai/hidden-states.js';
import type { HiddenStatesOptions } from '../_openai/options.js';
import type { VllmOptions } from './options.js';

/** How to run one server. */
export interface ServerPlan {
  readonly port: number;
  /** Its URL, such as `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  readonly command: readonly [string, ...string[]];
  /** Additional environment variables; secrets only by the name of our variable. */
  readonly env: Readonly<Record<string, string | { readonly env: string }>>;
}

const PLAIN = /^[\w@%+=:,./-]+$/;
const quoted = (word: string): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command as shell text; secrets appear as the variables that contain them. */
export const inShell = ({ command, env }: ServerPlan): string =>
  [
    ...Object.entries(env).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? quoted(value) : `"$${value.env}"`}`,
    ),
    ...command.map(quoted),
  ].join(' ');

const has = (args: readonly string[], ...names: readonly string[]): boolean =>
  args.some((arg) => names.includes(arg.replace(/=.*$/s, '').replaceAll('_', '-')));

/** The host for requests: a server that listens on all addresses is reached here. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host;
}

/** Where one server writes its hidden states: leftover files are removed when it ends. */
export const statesFolder = (folder: string, port: number): string => join(folder, String(port));

/**
 * The arguments that make vLLM write hidden states: a speculative method that only observes, and a
 * connector that writes what it observed.
 */
function statesArguments(states: HiddenStatesOptions, port: number): readonly string[] {
  const speculative = {
    method: 'extract_hidden_states',
    num_speculative_tokens: 1,
    draft_model_config: { hf_config: { eagle_aux_hidden_state_layer_ids: getLayers(states) } },
  };
  const connector = {
    kv_connector: 'ExampleHiddenStatesConnector',
    kv_role: 'kv_producer',
    kv_connector_extra_config: { shared_storage_path: statesFolder(states.folder, port) },
  };
  return [
    '--speculative-config',
    JSON.stringify(speculative),
    '--kv-transfer-config',
    JSON.stringify(connector),
    '--no-enable-chunked-prefill',
  ];
}

/** The servers of a model. `resolve` makes paths absolute that are relative to the config. */
export function serverPlans(
  options: Omit<VllmOptions, 'hiddenStates'> & {
    readonly hiddenStates?: HiddenStatesOptions | undefined;
  },
  resolve: (path: string) => string,
): readonly ServerPlan[] {
  const { model, weights, command, host, port, gpus, servers, args, env, apiKey, hiddenStates } =
    options;
  const [program = 'vllm', ...first] = typeof command === 'string' ? [command] : command;
  const loaded = weights ?? model;
  const parallel = (count: number): readonly string[] =>
    count < 2 ||
    has(
      args,
      '--tensor-parallel-size',
      '-tp',
      '--pipeline-parallel-size',
      '-pp',
      '--data-parallel-size',
      '-dp',
    )
      ? []
      : ['--tensor-parallel-size', String(count)];
  return (servers ?? [{ port, gpus }]).map((serverOptions) => ({
    port: serverOptions.port,
    url: `http://${reachable(host)}:${serverOptions.port}/v1`,
    command: [
      program.includes('/') ? resolve(program) : program,
      ...first,
      'serve',
      loaded.startsWith('.') ? resolve(loaded) : loaded,
      ...(loaded === model ? [] : ['--served-model-name', model]),
      '--host',
      host,
      '--port',
      String(serverOptions.port),
      ...parallel(serverOptions.gpus?.length ?? 1),
      ...(hiddenStates === undefined ? [] : statesArguments(hiddenStates, serverOptions.port)),
      ...args,
    ],
    env: {
      ...(serverOptions.gpus === undefined
        ? {}
        : { CUDA_VISIBLE_DEVICES: serverOptions.gpus.join(',') }),
      ...(apiKey === undefined ? {} : { VLLM_API_KEY: apiKey }),
      ...env,
    },
  }));
}
