import { brokenFolder } from './broken-folder.js';
import { extent, numberIn } from './extent.js';
import type { ModelFolder } from './folder.js';
import type { GraphValue } from './graph.js';
import { hiddenLayout, type FoundStates } from './hidden-layout.js';
import type { OnnxOptions } from './options.js';

/**
 * One tensor of the key-value cache: `present` of one step is `past` of the next; shape [rows,
 * heads, tokens, width].
 */
export interface CacheSlot {
  readonly past: string;
  readonly present: string;
  readonly type: 'float32' | 'float16';
  readonly heads: number;
  readonly width: number;
}

/** Inputs and outputs of the graph of a decoder. */
export interface DecoderLayout extends FoundStates {
  readonly kind: 'decoder';
  readonly cache: readonly CacheSlot[];
  readonly takesPositions: boolean;
  /**
   * Input that gives the number of last positions for which logits are wanted, if the graph has it.
   */
  readonly logitsToKeep: string | undefined;
  readonly takesCacheBranch: boolean;
  readonly vocabulary: number;
  /**
   * Rows of one batch must have the same number of tokens, because the graph cannot mask padding.
   */
  readonly equalLengths: boolean;
  /** Maximum tokens of prompt and answer together. */
  readonly context: number;
  readonly endTokens: readonly number[];
  readonly padToken: number;
}

/** Inputs and outputs of the graph of an encoder, or of a classifier on top of one. */
export interface EncoderLayout {
  readonly kind: 'encoder' | 'classifier';
  readonly output: string;
  /** The output is already one vector per text, not per token. */
  readonly pooled: boolean;
  readonly takesMask: boolean;
  readonly takesTokenTypes: boolean;
  /** Width of a vector; the number of classes of a classifier. */
  readonly dim: number;
  readonly context: number;
  readonly padToken: number;
}

/** Inputs and outputs of the graph of a model folder. */
export type Layout = DecoderLayout | EncoderLayout;

const PAST = /^past_key_values\./;
const KNOWN_INPUTS = [
  'input_ids',
  'attention_mask',
  'position_ids',
  'num_logits_to_keep',
  'use_cache_branch',
  'token_type_ids',
];

const findByName = (values: readonly GraphValue[], name: string): GraphValue | undefined =>
  values.find((value) => value.name === name);

/**
 * Derives from the graph and config.json how to feed a model.
 * @throws HarnessError RXB4001 if it is neither a decoder with a cache nor an encoder nor a
 * classifier, or has unknown inputs; RXB4022 if it lacks a tensor that the options name.
 */
export function buildLayout(
  folder: ModelFolder,
  options: Pick<OnnxOptions, 'hiddenStates'> = {},
): Layout {
  const { inputs } = folder.graph;
  if (findByName(inputs, 'input_ids') === undefined)
    throw brokenFolder(folder.path, `${folder.modelFile} has no input "input_ids".`);
  const past = inputs.filter(({ name }) => PAST.test(name));
  const unknown = inputs
    .filter((value) => !KNOWN_INPUTS.includes(value.name) && !past.includes(value))
    .map(({ name }) => name);
  if (unknown.length > 0)
    throw brokenFolder(
      folder.path,
      `${folder.modelFile} has inputs that this backend does not support: ${unknown.join(', ')}.`,
    );
  return past.length === 0
    ? buildEncoderLayout(folder)
    : buildDecoderLayout(folder, past, options.hiddenStates);
}

const contextLength = ({ config }: ModelFolder): number =>
  numberIn(config, 'max_position_embeddings', 'n_positions') ?? Infinity;
const padToken = ({ config }: ModelFolder): number => numberIn(config, 'pad_token_id') ?? 0;

function buildEncoderLayout(folder: ModelFolder): EncoderLayout {
  const { inputs, outputs } = folder.graph;
  const logits = findByName(outputs, 'logits');
  const classifies = logits?.shape.length === 2;
  const found = classifies
    ? logits
    : ['last_hidden_state', 'token_embeddings', 'sentence_embedding']
        .map((name) => findByName(outputs, name))
        .find((value) => value !== undefined);
  if (found === undefined) {
    throw brokenFolder(
      folder.path,
      `${folder.modelFile} is neither a decoder (inputs past_key_values.*, output logits) nor an encoder (output last_hidden_state) nor a text classifier (output logits [rows, classes]); its outputs are ${outputs.map(({ name }) => name).join(', ')}.`,
    );
  }
  // the length it was fine-tuned on
  const fineTunedLength = classifies
    ? (numberIn(folder.tokenizerConfig, 'model_max_length') ?? Infinity)
    : Infinity;
  return {
    kind: classifies ? 'classifier' : 'encoder',
    output: found.name,
    pooled: found.shape.length === 2,
    takesMask: findByName(inputs, 'attention_mask') !== undefined,
    takesTokenTypes: findByName(inputs, 'token_type_ids') !== undefined,
    dim: extent(
      folder,
      found,
      found.shape.length - 1,
      classifies ? ['num_labels'] : ['hidden_size', 'dim', 'd_model'],
    ),
    context: Math.min(contextLength(folder), fineTunedLength),
    padToken: padToken(folder),
  };
}

function buildDecoderLayout(
  folder: ModelFolder,
  past: readonly GraphValue[],
  hiddenStates: OnnxOptions['hiddenStates'],
): DecoderLayout {
  const { inputs, outputs, operators } = folder.graph;
  const has = (name: string): boolean => findByName(inputs, name) !== undefined;
  const logits = findByName(outputs, 'logits');
  if (logits === undefined)
    throw brokenFolder(folder.path, `${folder.modelFile} has no output "logits".`);
  return {
    kind: 'decoder',
    cache: past.map((value) => cacheSlot(folder, value)),
    takesPositions: has('position_ids'),
    logitsToKeep: findByName(inputs, 'num_logits_to_keep')?.name,
    takesCacheBranch: has('use_cache_branch'),
    vocabulary: extent(folder, logits, 2, ['vocab_size']),
    ...hiddenLayout(folder, past.length, hiddenStates),
    // GroupQueryAttention counts the ones of the mask and ignores their positions.
    equalLengths:
      operators.has('GroupQueryAttention') || !has('position_ids') || !has('attention_mask'),
    context: contextLength(folder),
    endTokens: endTokens(folder),
    padToken: padToken(folder),
  };
}

function cacheSlot(folder: ModelFolder, past: GraphValue): CacheSlot {
  const present = past.name.replace(PAST, 'present.');
  if (!folder.graph.outputs.some(({ name }) => name === present))
    throw brokenFolder(folder.path, `${folder.modelFile} has no output "${present}".`);
  if ((past.type !== 'float32' && past.type !== 'float16') || past.shape.length !== 4) {
    throw brokenFolder(
      folder.path,
      `${folder.modelFile}: "${past.name}" is ${past.type}[${past.shape.join(', ')}]; a cache of float32 or float16 [rows, heads, tokens, width] is expected.`,
    );
  }
  const fixedWidth = past.shape[3];
  return {
    past: past.name,
    present,
    type: past.type,
    heads: extent(folder, past, 1, ['num_key_value_heads', 'num_attention_heads', 'n_head']),
    width:
      typeof fixedWidth === 'number'
        ? fixedWidth
        : (numberIn(folder.config, 'head_dim') ??
          extent(folder, past, 3, ['hidden_size', 'n_embd']) /
            (numberIn(folder.config, 'num_attention_heads', 'n_head') ?? 1)),
  };
}

/** End tokens of generation_config.json (a number or a list), else of config.json. */
function endTokens({ generation, config }: ModelFolder): readonly number[] {
  for (const settings of [generation, config]) {
    const value = settings['eos_token_id'];
    if (typeof value === 'number') return [value];
    if (Array.isArray(value)) return value.filter((id): id is number => typeof id === 'number');
  }
  return [];
}
