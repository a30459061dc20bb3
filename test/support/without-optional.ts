/**
 * A project on recorded outcomes, and what must work in it where no optional dependency is
 * installed: no onnxruntime and no TensorFlow.js.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '../../storage/safetensors.js';
import { writeFiles } from './temporary.js';

/** Packages that npm leaves out with `--omit=optional`. */
export const OPTIONAL = [
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-node-gpu',
  'onnxruntime-node',
] as const;

const ROWS = 80;
const TRAINING_ROWS = 60;
const DIM = 4;
const WORDS = ['river', 'copper', 'violin', 'harbour', 'lemon', 'glacier', 'saddle', 'comet'];

/** Different in its words from every other one, so that none counts as a repetition. */
const question = (row: number): string =>
  Array.from({ length: 6 }, (_, i) => `${WORDS[(row * (i + 3) + i) % 8] ?? ''}${row * 7 + i}`).join(
    ' ',
  );
/** The weak model is right on every row but each third. */
const isEasy = (row: number): boolean => row % 3 !== 0;

const dataset = `{
  use: 'jsonl',
  as: 'outcomes',
  scorer: 'recorded',
  options: {
    splits: { train: 'train.jsonl', test: 'test.jsonl' },
    fields: { id: 'id', prompt: 'question', reference: { value: 'none' } },
    recorded: { small: { grade: 'small' }, large: { grade: 'large' } },
    licence: 'CC0-1.0',
  },
}`;

const config = (routers: string, models = ''): string => `export default {
  name: 'recorded',
  models: {
    weak: { use: 'recorded', options: { model: 'small' } },
    strong: { use: 'recorded', options: { model: 'large' } },
    ${models}
  },
  datasets: { inDomain: [${dataset}] },
  routers: [${routers}],
  protocol: { trainingSeeds: [1], search: 1, fitRows: ${TRAINING_ROWS} },
};
`;

const mlp = (trainer: string): string =>
  `{ use: 'embedding-mlp', as: 'mlp-${trainer}', options: { trainer: '${trainer}', epochs: 2, hidden: [4] } }`;
const ENCODER = `encoder: { use: 'replay', options: { file: 'encoder.jsonl', tensors: 'encoder.safetensors' } },`;

async function writeProject(folder: string): Promise<void> {
  const all = Array.from({ length: ROWS }, (_, row) => ({
    id: `q${row}`,
    question: question(row),
    small: isEasy(row) ? 1 : 0,
    large: 1,
  }));
  const lines = (rows: readonly object[]): string =>
    rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFiles(folder, {
    'train.jsonl': lines(all.slice(0, TRAINING_ROWS)),
    'test.jsonl': lines(all.slice(TRAINING_ROWS)),
    'encoder.jsonl': lines(all.map(({ question: prompt }) => ({ prompt }))),
    'rows.jsonl': lines(
      all.map(({ id }, row) => ({ id, weak: isEasy(row) ? 1 : 0, strong: 1, confidence: row })),
    ),
    'harness.config.mjs': config(`'prompt-length', ${mlp('auto')}`, ENCODER),
    'tensorflow.config.mjs': config(mlp('tensorflow'), ENCODER),
    'onnx.config.mjs': config(`'prompt-length'`).replace(
      "{ use: 'recorded', options: { model: 'small' } }",
      "{ use: 'onnx', options: { folder: 'node_modules/routerxbench/models/tiny/weak' } }",
    ),
  });
  const data = Float32Array.from({ length: ROWS * DIM }, (_, i) =>
    i % DIM === 0 && isEasy(Math.floor(i / DIM)) ? 1 : Math.sin(i),
  );
  await writeSafetensors(join(folder, 'encoder.safetensors'), {
    embedding: { shape: [ROWS, DIM], data },
  });
}

/**
 * Checks the package that is installed in a folder: what needs no optional dependency works, and
 * what needs one says how to install it.
 */
export async function expectToWorkWithoutOptional(folder: string): Promise<void> {
  await writeProject(folder);
  const rxb = async (...args: readonly string[]): Promise<{ code?: number; text: string }> => {
    const { exitCode, all } = await execa(join(folder, 'node_modules/.bin/rxb'), [...args], {
      cwd: folder,
      reject: false,
      all: true,
      env: { CI: '1', NO_COLOR: '1' },
    });
    return { ...(exitCode === undefined ? {} : { code: exitCode }), text: all };
  };

  for (const command of ['list', 'show onnx', 'show embedding-mlp', 'measure rows.jsonl']) {
    const { code, text } = await rxb(...command.split(' '));
    expect(code, `${command}\n${text}`).to.equal(0);
  }
  const doctor = await rxb('doctor');
  expect(doctor.code, doctor.text).to.equal(0);
  expect(doctor.text)
    .to.contain('ONNX Runtime: not installed')
    .and.to.contain('npm install onnxruntime-node')
    .and.to.contain('npm install @tensorflow/tfjs-core');

  const run = await rxb('run');
  expect(run.code, run.text).to.equal(0);
  expect(run.text).to.contain('prompt-length').and.to.contain('mlp-auto');
  const record = JSON.parse(
    await readFile(join(folder, 'results/runs/recorded/run.json'), 'utf8'),
  ) as { readonly trainers: readonly string[] };
  expect(record.trainers).to.deep.equal(['kernel']);

  const tensorflow = await rxb('run', '--config', 'tensorflow.config.mjs');
  expect(tensorflow.code, tensorflow.text).to.equal(2);
  expect(tensorflow.text)
    .to.contain('RXB6310')
    .and.to.contain('npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm');
  const onnx = await rxb('run', '--config', 'onnx.config.mjs');
  expect(onnx.code, onnx.text).to.equal(2);
  expect(onnx.text).to.contain('RXB4024').and.to.contain('npm install onnxruntime-node');
}
