/**
 * The two ways to train a head: with the WebAssembly kernel of this package, or with TensorFlow.js.
 */
import { z } from '../../../core/index.js';
import type { Activation } from './activation.js';
import { Dense } from './dense.js';
import { findEngine, loadEngine, type TensorEngine } from './engine.js';
import type { HeadModel } from './head-model.js';
import type { Kernel } from './kernel/kernel.js';
import type { Layer } from './layers.js';
import { TensorFlowDense } from './tensorflow-dense.js';

/**
 * `kernel`: the WebAssembly kernel of this package. `tensorflow`: TensorFlow.js on the best engine
 * that loads. `auto`: TensorFlow.js if a native engine (node-gpu, node) loads, else the kernel,
 * which is faster than the wasm and cpu engines (bench/README.md).
 */
export const Trainer = z.enum(['auto', 'kernel', 'tensorflow']);

/** Makes a head in kernel memory from its initial layers. */
export type MakeHead = (
  kernel: Kernel,
  start: readonly Layer[],
  settings: {
    readonly dropout: number;
    readonly batchSize: number;
    readonly layer?: number;
    readonly activation?: Activation;
  },
) => HeadModel;

/** The engine to train with; null for the kernel. */
async function chooseEngine(trainer: z.infer<typeof Trainer>): Promise<TensorEngine | null> {
  if (trainer === 'kernel') return null;
  if (trainer === 'tensorflow') return await loadEngine();
  const engine = await findEngine();
  return engine?.name === 'node-gpu' || engine?.name === 'node' ? engine : null;
}

/**
 * Makes heads as the option says; `trainer` names what trains them, for the record next to the
 * weights.
 * @throws HarnessError RXB6310 where the option asks for TensorFlow.js and none loads.
 */
export async function headMaker(
  trainer: z.infer<typeof Trainer>,
): Promise<{ readonly trainer: string; readonly make: MakeHead }> {
  const engine = await chooseEngine(trainer);
  if (engine !== null) {
    return {
      trainer: `tensorflow ${engine.name}`,
      make: (kernel, start, settings) => new TensorFlowDense(engine.tf, kernel, start, settings),
    };
  }
  return {
    trainer: 'kernel',
    make: (kernel, start, settings) => new Dense(kernel, start, settings),
  };
}
