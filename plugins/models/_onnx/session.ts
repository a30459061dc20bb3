import { createRequire } from 'node:module';
import type * as Ort from 'onnxruntime-node';
import { getErrorMessage, type Finding } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { OnnxOptions } from './options.js';
import { ModelError } from '../_errors.js';

// `require` and not `import`: one call serves the main thread and workers alike, and keeps types
// without default-export trouble.
const require = createRequire(import.meta.url);

/**
 * onnxruntime, loaded on first use: it is large, native and an optional dependency.
 * @throws HarnessError RXB4024 where it is not installed or does not load on this platform.
 */
export function onnxruntime(): typeof Ort {
  checkOnnxruntime();
  try {
    return require('onnxruntime-node') as typeof Ort;
  } catch (error) {
    const problem = getErrorMessage(error).split('\n')[0] ?? 'unknown';
    throw new ModelError('onnxruntimeMissing', { problem }, { cause: error });
  }
}

/**
 * Looks whether onnxruntime is installed, without loading it.
 * @throws HarnessError RXB4024 where it is not.
 */
export function checkOnnxruntime(): void {
  if (!isInstalled())
    throw new ModelError('onnxruntimeMissing', { problem: 'it is not installed' });
}

function isInstalled(): boolean {
  try {
    require.resolve('onnxruntime-node');
    return true;
  } catch {
    return false; // an optional dependency: only this backend needs it
  }
}

const INSTALL = 'npm install onnxruntime-node --ignore-scripts';

/** Settings of a session. */
export interface SessionSettings {
  readonly folder: string;
  readonly modelPath: string;
  readonly modelFile: string;
  readonly device: OnnxOptions['device'];
  readonly threads: number;
}

/**
 * Loads a model into onnxruntime.
 * @throws HarnessError RXB4006 if the device cannot be used, RXB4001 if the file cannot be loaded.
 */
export async function openSession(settings: SessionSettings): Promise<Ort.InferenceSession> {
  const { folder, modelPath, modelFile, device, threads } = settings;
  const ort = onnxruntime();
  // messages it would print are thrown anyway, and stderr belongs to the progress display
  ort.env.logLevel = 'fatal';
  if (!ort.listSupportedBackends().some(({ name }) => name === device)) {
    throw new ModelError('deviceUnavailable', {
      device,
      problem: 'this build of onnxruntime does not include it.',
    });
  }
  try {
    return await ort.InferenceSession.create(modelPath, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    });
  } catch (error) {
    if (device === 'cpu')
      throw brokenFolder(
        folder,
        `${modelFile} cannot be loaded: ${getErrorMessage(error)}.`,
        error,
      );
    throw new ModelError(
      'deviceUnavailable',
      { device, problem: `${getErrorMessage(error)}.` },
      { cause: error },
    );
  }
}

/**
 * The execution providers of this build of onnxruntime, for `rxb doctor`. Only opening a model
 * shows whether one works.
 */
export async function onnxFindings(): Promise<readonly Finding[]> {
  const what = 'ONNX Runtime';
  if (!isInstalled()) {
    const fix = `Optional, for the backend onnx: \`${INSTALL}\`.`;
    return [{ what, state: 'warn', detail: 'not installed', fix }];
  }
  try {
    const providers = onnxruntime().listSupportedBackends();
    const names = providers.map(({ name, bundled }) => `${name}${bundled ? '' : ' (not bundled)'}`);
    return await Promise.resolve([{ what, state: 'ok', detail: names.join(', ') }]);
  } catch (error) {
    const fix = `Run \`${INSTALL}\`; the platform must be one that the package supports.`;
    return [{ what, state: 'fail', detail: getErrorMessage(error), fix }];
  }
}
