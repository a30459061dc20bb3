import { closeSync, existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { openRegularSync, readRegularSync } from 'routerxbench/regular-file';
import { getErrorMessage, isObject } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import { readGraph, type Graph } from './graph.js';
import { DTYPES, type OnnxOptions } from './options.js';

/** The longest settings that are read: honest ones have kilobytes, tokenizers some megabytes. */
const MOST_SETTINGS_BYTES = 16 * 2 ** 20;
const MOST_BYTES: Readonly<Record<string, number>> = {
  'tokenizer.json': 256 * 2 ** 20,
  'chat_template.jinja': 2 ** 20,
};

/** A JSON object read from a model folder. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * The settings of a model folder in the Hugging Face layout, without the weights; file names are
 * relative to the folder.
 */
export interface SettingsFolder {
  readonly path: string;
  /** config.json; the settings of a `text_config` in it take precedence. */
  readonly config: Settings;
  /** generation_config.json, or {}. */
  readonly generation: Settings;
  readonly tokenizer: Settings;
  /** tokenizer_config.json, or {}. */
  readonly tokenizerConfig: Settings;
  /** Text of chat_template.jinja, if it exists. */
  readonly templateFile: string | undefined;
  /** Length of tokenizer.json. */
  readonly tokenizerBytes: number;
  /** All files that decide the model's output. */
  readonly files: readonly string[];
}

/** A model folder with an ONNX graph. */
export interface ModelFolder extends SettingsFolder {
  readonly modelFile: string;
  /** Total bytes of the model file and its weight files. */
  readonly weightBytes: number;
  readonly graph: Graph;
}

/**
 * Reads the settings of a model folder.
 * @throws HarnessError RXB4001 naming the folder and the file.
 */
export function readSettings(path: string): SettingsFolder {
  if (!existsSync(path)) throw brokenFolder(path, 'it does not exist.');
  if (!statSync(path).isDirectory()) throw brokenFolder(path, 'it is not a folder.');
  const files: string[] = [];
  const json = (name: string, needed: boolean): Settings => {
    const text = readText(path, name, needed);
    if (text === undefined) return {};
    files.push(name);
    return parseObject(path, name, text);
  };
  const outer = json('config.json', true);
  const inner = outer['text_config'];
  const config = isObject(inner) ? { ...outer, ...inner } : outer;
  checkSizes(path, config);
  const tokenizer = json('tokenizer.json', true);
  const tokenizerConfig = json('tokenizer_config.json', false);
  const generation = json('generation_config.json', false);
  const templateFile = readText(path, 'chat_template.jinja', false);
  if (templateFile !== undefined) files.push('chat_template.jinja');
  return {
    path,
    config,
    generation,
    tokenizer,
    tokenizerConfig,
    templateFile,
    tokenizerBytes: statSync(join(path, 'tokenizer.json')).size,
    files,
  };
}

/**
 * Reads a model folder without loading its weights.
 * @throws HarnessError RXB4001 naming the folder and the file.
 */
export function readFolder(
  path: string,
  options: Pick<OnnxOptions, 'dtype' | 'file'>,
): ModelFolder {
  const settings = readSettings(path);
  const files = [...settings.files];
  const modelFile = chooseFile(path, options);
  let graph: Graph;
  try {
    graph = readGraph(join(path, modelFile));
  } catch (error) {
    throw brokenFolder(path, `${modelFile}: ${getErrorMessage(error)}.`, error);
  }
  files.push(modelFile);
  for (const name of graph.externalFiles) {
    const file = relative(path, resolve(path, dirname(modelFile), name));
    if (file.startsWith('..'))
      throw brokenFolder(path, `${modelFile} refers to weights outside the folder: ${name}.`);
    if (!existsSync(join(path, file)))
      throw brokenFolder(path, `${file} is missing; ${modelFile} stores weights in it.`);
    checkFile(path, file);
    files.push(file);
  }
  const weights = [modelFile, ...files.slice(files.indexOf(modelFile) + 1)];
  return {
    ...settings,
    modelFile,
    files,
    weightBytes: weights.reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
    graph,
  };
}

/** The sizes of a model in config.json, and how large one may be. */
const SIZES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'].map((name) => [name, 10_000]),
  ),
  ...Object.fromEntries(
    [
      ...['hidden_size', 'n_embd', 'd_model', 'dim', 'head_dim', 'vocab_size', 'num_labels'],
      ...['num_attention_heads', 'n_head', 'num_key_value_heads'],
      ...['max_position_embeddings', 'n_positions'],
    ].map((name) => [name, 2 ** 31 - 1]),
  ),
};

/** @throws HarnessError RXB4001 for a size that is none */
function checkSizes(folder: string, config: Settings): void {
  for (const [name, most] of Object.entries(SIZES)) {
    const size = config[name];
    if (typeof size !== 'number' || (Number.isInteger(size) && size > 0 && size <= most)) continue;
    throw brokenFolder(folder, `config.json has ${name} ${size}, which is no size.`);
  }
}

/** @throws HarnessError RXB4001 for what is no regular file */
function checkFile(folder: string, name: string): void {
  try {
    closeSync(openRegularSync(join(folder, name)));
  } catch (error) {
    throw brokenFolder(folder, `${name} cannot be read: ${getErrorMessage(error)}.`, error);
  }
}

function readText(folder: string, name: string, needed: boolean): string | undefined {
  const file = join(folder, name);
  if (!existsSync(file)) {
    if (needed) throw brokenFolder(folder, `${name} is missing.`);
    return undefined;
  }
  try {
    return readRegularSync(file, MOST_BYTES[name] ?? MOST_SETTINGS_BYTES).toString('utf8');
  } catch (error) {
    throw brokenFolder(folder, `${name} cannot be read: ${getErrorMessage(error)}.`, error);
  }
}

function parseObject(folder: string, name: string, text: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw brokenFolder(folder, `${name} is not JSON: ${getErrorMessage(error)}.`, error);
  }
  if (!isObject(value)) throw brokenFolder(folder, `${name} does not contain a JSON object.`);
  return value;
}

function chooseFile(folder: string, { dtype, file }: Pick<OnnxOptions, 'dtype' | 'file'>): string {
  const suffixes = dtype === 'auto' ? Object.values(DTYPES) : [DTYPES[dtype]];
  const candidates =
    file === undefined
      ? suffixes.flatMap((suffix) => [`onnx/model${suffix}.onnx`, `model${suffix}.onnx`])
      : [file];
  const found = candidates.find((name) => existsSync(join(folder, name)));
  if (found !== undefined) return found;
  throw brokenFolder(
    folder,
    `${candidates[0] ?? ''}${dtype === 'auto' && file === undefined ? ' (or another precision of it)' : ''} is missing.`,
  );
}
