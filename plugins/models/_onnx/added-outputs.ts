import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pid } from 'node:process';
import { getErrorMessage } from '../../../core/index.js';
import { ModelError } from '../_errors.js';

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 };
const GRAPH = { output: 12 };
const VALUE = { name: 1 };
const LENGTH_DELIMITED = 2;

const MARK = '.hidden-states-';

/**
 * Path of the copy of a model file with more outputs: next to the file, so that its external
 * weights are found. `digest` identifies the bytes of the file.
 */
export function copyWithOutputs(
  modelPath: string,
  digest: string,
  tensors: readonly string[],
): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([digest, tensors]))
    .digest('hex');
  return `${getStem(modelPath)}${MARK}${hash.slice(0, 12)}.onnx`;
}

const getStem = (modelPath: string): string => modelPath.replace(/\.onnx$/, '');

/**
 * Writes the copy unless it exists. Protobuf merges repeated messages, so a second graph that
 * contains only outputs is appended to the file: no weights are moved, and onnxruntime infers the
 * types. Copies of an earlier version of the file are removed.
 * @throws HarnessError RXB4021 if it cannot be written.
 */
export async function writeCopyWithOutputs(
  modelPath: string,
  copy: string,
  tensors: readonly string[],
): Promise<void> {
  if (
    await access(copy).then(
      () => true,
      () => false,
    )
  )
    return;
  const partial = `${copy}.${pid}.partial`;
  const outputs = tensors.map((name) =>
    message(GRAPH.output, message(VALUE.name, Buffer.from(name))),
  );
  try {
    await copyFile(modelPath, partial, constants.COPYFILE_FICLONE);
    const file = await open(partial, 'a');
    try {
      await file.appendFile(message(MODEL.graph, Buffer.concat(outputs)));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(partial, copy);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw new ModelError(
      'modelCopyFailed',
      { file: modelPath, copy: basename(copy), problem: getErrorMessage(cause) },
      { cause },
    );
  }
  const copyName = basename(getStem(modelPath)) + MARK;
  const folder = dirname(copy);
  for (const name of await readdir(folder))
    if (name.startsWith(copyName) && name.endsWith('.onnx') && name !== basename(copy))
      await rm(join(folder, name), { force: true });
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
