/** The TensorFlow.js engine: the fastest one that loads on this machine. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { getErrorMessage, type Finding } from '../../../core/index.js';
import { RouterError } from '../_errors.js';

/** The TensorFlow.js engine in use. */
export interface TensorEngine {
  readonly name: 'node-gpu' | 'node' | 'wasm' | 'cpu';
  readonly tf: typeof import('@tensorflow/tfjs-core');
}

type Tf = TensorEngine['tf'];

/**
 * An engine and why it cannot be used, or null if it can.
 * @internal Exported for its tests.
 */
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

let tried: Promise<TensorEngine | null> | undefined;
const states: EngineState[] = [];

const firstThatLoads = async (): Promise<TensorEngine | null> => {
  for (const { name, load } of ENGINES) {
    try {
      const tf = await load();
      states.push({ name, problem: null });
      return { name, tf };
    } catch (error) {
      states.push({ name, problem: getErrorMessage(error).split('\n')[0] ?? 'unknown' }); // shown by `rxb doctor`
    }
  }
  return null;
};

/**
 * The best engine that loads (node-gpu, node, wasm, cpu, in this order), or null where none does:
 * the packages are optional dependencies. Looked for once a process.
 */
export const findEngine = (): Promise<TensorEngine | null> => (tried ??= firstThatLoads());

/**
 * The best engine that loads.
 * @throws HarnessError RXB6310 where none does.
 */
export async function loadEngine(): Promise<TensorEngine> {
  const engine = await findEngine();
  if (engine !== null) return engine;
  const problem = isInstalled()
    ? states.map(({ name, problem: why }) => `${name}: ${why ?? ''}`).join('; ')
    : 'none is installed';
  throw new RouterError('tensorflowMissing', { problem });
}

function isInstalled(): boolean {
  try {
    require.resolve('@tensorflow/tfjs-core'); // every engine needs it
    return true;
  } catch {
    return false;
  }
}

/**
 * The engines that were tried, and why those before the one in use do not load.
 * @internal Exported for its tests.
 */
export async function engineReport(): Promise<readonly EngineState[]> {
  await findEngine();
  return states;
}

const INSTALL = '`npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm`';

const FIX: Readonly<Record<TensorEngine['name'], string>> = {
  'node-gpu':
    'for faster fitting on an NVIDIA GPU run `npm rebuild @tensorflow/tfjs-node-gpu --ignore-scripts=false`.',
  node: 'for faster fitting run `npm install @tensorflow/tfjs-node --ignore-scripts=false`.',
  wasm: `for fitting with TensorFlow.js run ${INSTALL}.`,
  cpu: `for fitting with TensorFlow.js run ${INSTALL}.`,
};

/** The engines, for `rxb doctor`. */
export async function engineFindings(): Promise<readonly Finding[]> {
  const report = await engineReport();
  if (report.every(({ problem }) => problem !== null)) {
    const detail = 'no engine loads; the built-in kernel fits';
    return [{ what: 'TensorFlow.js', state: 'warn', detail, fix: `Optional: ${FIX.wasm}` }];
  }
  return report.map(({ name, problem }): Finding => {
    const what = `TensorFlow.js ${name}`;
    if (problem === null) return { what, state: 'ok', detail: 'in use for fitting' };
    return {
      what,
      state: 'warn',
      detail: `not loaded: ${problem}`,
      fix: `Optional: ${FIX[name]}`,
    };
  });
}
