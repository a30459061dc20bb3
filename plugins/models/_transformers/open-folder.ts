import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ModelInfo } from '../../../core/index.js';
import { brokenFolder } from '../_onnx/broken-folder.js';
import { numberIn } from '../_onnx/extent.js';
import { digest } from '../_onnx/fingerprint.js';
import type { SettingsFolder } from '../_onnx/folder.js';
import { TextCoder } from '../_onnx/text-coder.js';
import type { TransformersOptions } from './options.js';

/** Increase it when this backend would give other results for the same folder and options. */
const REVISION = 1;
const WEIGHTS =
  /^(model.*\.safetensors|model\.safetensors\.index\.json|pytorch_model.*\.bin|.*\.py)$/;

/** The sizes in config.json. */
interface Sizes {
  /** Layers of hidden states: the embedding output and each block. */
  readonly layers: number;
  readonly dim: number;
  readonly vocabulary: number;
}

/** A prepared model folder; Python loads its weights when there is work. */
export interface OpenedFolder {
  readonly path: string;
  readonly sizes: Sizes;
  readonly coder: TextCoder;
  /** Token that pads short rows; it is masked. */
  readonly pad: number;
  readonly info: Pick<ModelInfo, 'name' | 'fingerprint' | 'vocabulary' | 'hiddenStates' | 'notes'>;
}

function readSizes(path: string, config: SettingsFolder['config']): Sizes {
  const size = (...names: readonly string[]): number => {
    const found = numberIn(config, ...names);
    if (found === undefined) throw brokenFolder(path, `config.json has no ${names.join(' or ')}.`);
    return found;
  };
  return {
    layers: size('num_hidden_layers', 'n_layer', 'num_layers', 'n_layers') + 1,
    dim: size('hidden_size', 'n_embd', 'd_model', 'dim'),
    vocabulary: size('vocab_size'),
  };
}

/**
 * Reads a folder's settings and hashes its files.
 * @throws HarnessError RXB4001 that describes the problem.
 */
export async function openFolder(
  path: string,
  options: TransformersOptions,
): Promise<OpenedFolder> {
  const { coder, opened } = await TextCoder.open(path, options, null);
  try {
    return await prepareFolder(path, options, coder, opened.settings);
  } catch (error) {
    await coder.close();
    throw error;
  }
}

async function prepareFolder(
  path: string,
  options: TransformersOptions,
  coder: TextCoder,
  folder: Pick<SettingsFolder, 'config' | 'files'>,
): Promise<OpenedFolder> {
  const { config } = folder;
  const weights = readdirSync(path).filter(
    (name) => WEIGHTS.test(name) && statSync(join(path, name)).isFile(),
  );
  if (!weights.some((name) => /\.(safetensors|bin)$/.test(name)))
    throw brokenFolder(
      path,
      `it contains no weights that transformers can read (model.safetensors)${existsSync(join(path, 'onnx')) ? '; for the ONNX model in it, use the backend onnx' : ''}.`,
    );
  const sizes = readSizes(path, config);
  const {
    maxPromptTokens,
    system,
    chatTemplate,
    templateArguments,
    dtype,
    device,
    trustRemoteCode,
  } = options;
  const hash = createHash('sha256').update(
    JSON.stringify([
      'transformers',
      REVISION,
      { maxPromptTokens, system, chatTemplate, templateArguments, dtype, device, trustRemoteCode },
    ]),
  );
  for (const name of [...folder.files, ...weights].sort())
    hash.update(`\n${name} ${await digest(join(path, name))}`);
  return {
    path,
    sizes,
    coder,
    pad: numberIn(config, 'pad_token_id', 'eos_token_id') ?? 0,
    info: {
      name: basename(path),
      fingerprint: hash.digest('hex'),
      vocabulary: sizes.vocabulary,
      hiddenStates: {
        indices: Array.from({ length: sizes.layers }, (_, index) => index),
        dim: sizes.dim,
      },
      notes: { backend: 'transformers', device, dtype },
    },
  };
}
