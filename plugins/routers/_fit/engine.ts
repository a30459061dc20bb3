/** The TensorFlow.js engine: the fastest one that loads on this machine. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { getErrorMessage, type Finding } from '../../../core/index.js';

/** The TensorFlow.js engine in use. */
export interface TensorEngine {
  readonly name: 'node-gpu' | 'node' | 'wasm' | 'cpu';
  readonly tf: typeof import('@tensorflow/tfjs-core');
}

type Tf = TensorEngine['tf'];

/** An engine and why it cannot be used, or null if it can. */
export interface EngineState {
  readonly name: TensorEngine['name'];
  readonly problem: string | null;
}

const require = createRequire(import.meta.url);

const nativeEngine =
  (packageName: string): (() => Promise<Tf>) =>
  async () => {
    // `require` and not `import`: the native packages are CommonJS, and they throw while loading if
    // their library is absent.
    const tf = require(packageName) as Tf;
    await tf.ready();
    return tf;
  };

const plainEngine =
  (backend: 'wasm' | 'cpu'): (() => Promise<Tf>) =>
  async () => {
    const tf = await import('@tensorflow/tfjs-core');
    if (backend === 'wasm') {
      const wasm = await import('@tensorflow/tfjs-backend-wasm');
      wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
    } else await import('@tensorflow/tfjs-backend-cpu');
    if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend did not start`);
    await tf.ready();
    return tf;
  };

const ENGINES: readonly {
  readonly name: TensorEngine['name'];
  readonly load: () => Promise<Tf>;
}[] = [
  { name: 'node-gpu', load: nativeEngine('@tensorflow/tfjs-node-gpu') },
  { name: 'node', load: nativeEngine('@tensorflow/tfjs-node') },
  { name: 'wasm', load: plainEngine('wasm') },
  { name: 'cpu', load: plainEngine('cpu') },
];

let loaded: Promise<TensorEngine> | undefined;
const states: EngineState[] = [];

const firstThatLoads = async (): Promise<TensorEngine> => {
  for (const { name, load } of ENGINES) {
    try {
      const tf = await load();
      states.push({ name, problem: null });
      return { name, tf };
    } catch (error) {
      states.push({ name, problem: getErrorMessage(error).split('\n')[0] ?? 'unknown' }); // shown by `rxb doctor`
    }
  }
  throw new Error(
    `no TensorFlow.js engine loads: ${states.map(({ name, problem }) => `${name}: ${problem ?? ''}`).join('; ')}`,
  );
};

/** Loads the best engine, once per process: node-gpu, node, wasm or cpu, in this order. */
export const loadEngine = (): Promise<TensorEngine> => (loaded ??= firstThatLoads());

/** The engines that were tried, and why those before the one in use do not load. */
export async function engineReport(): Promise<readonly EngineState[]> {
  await loadEngine();
  return states;
}

const NATIVE_FIX: Readonly<Record<string, string>> = {
  'node-gpu':
    'for faster fitting on an NVIDIA GPU run `npm rebuild @tensorflow/tfjs-node-gpu --ignore-scripts=false`.',
  node: 'for faster fitting run `npm install @tensorflow/tfjs-node --ignore-scripts=false`.',
};

/** The engines, for `rxb doctor`. */
export async function engineFindings(): Promise<readonly Finding[]> {
  const states = await engineReport();
  return states.map(({ name, problem }): Finding => {
    const what = `TensorFlow.js ${name}`;
    if (problem === null) return { what, state: 'ok', detail: 'in use for fitting' };
    return {
      what,
      state: 'warn',
      detail: `not loaded: ${problem}`,
      fix: `Optional: ${NATIVE_FIX[name] ?? 'reinstall the package with `npm ci`.'}`,
    };
  });
}
