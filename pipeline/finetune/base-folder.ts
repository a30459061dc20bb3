/** The Hugging Face folder that fine-tuning starts from: what of it the harness itself reads. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isObject } from '../../core/util/json.js';
import { readRegular } from '../../storage/regular-file.js';
import { type HarnessError, getErrorMessage } from '../../core/errors.js';
import { MOST_TOKENS } from './settings.js';
import { PipelineError } from '../errors.js';

/** The files of a folder that decide what comes of fine-tuning it. */
const READ = [
  /^(config|tokenizer|tokenizer_config)\.json$/,
  /^model(-\d+-of-\d+)?\.safetensors$/,
  /^model\.safetensors\.index\.json$/,
  /^pytorch_model\.bin$/,
];

const WRITE_TOKENIZER = 'AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)';

/** A folder to start from. */
export interface BaseFolder {
  readonly path: string;
  /** Hash of the files that matter. */
  readonly fingerprint: string;
  /** Most tokens of a query. */
  readonly maxTokens: number;
  /**
   * Token ids of a query as the model sees it, special tokens included, cut at `maxTokens`; a
   * closing special token survives cutting.
   */
  readonly encode: (text: string) => readonly number[];
  /** tokenizer_config.json, or {}. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
}

/**
 * Opens a base folder. @throws HarnessError RXB6305 naming what is missing or wrong; RXB1005 where
 * it cannot read so many tokens.
 */
export async function openBase(
  path: string,
  wantedTokens: number | undefined,
): Promise<BaseFolder> {
  const refuse = (problem: string, cause?: unknown): HarnessError =>
    new PipelineError(
      'unusableBaseModel',
      { folder: path, problem },
      cause === undefined ? {} : { cause },
    );
  const names = await readdir(path).catch((cause: unknown) => {
    throw refuse(`it cannot be read: ${getErrorMessage(cause)}`, cause);
  });
  const json = async (name: string): Promise<Readonly<Record<string, unknown>>> => {
    if (!names.includes(name))
      throw refuse(
        name === 'tokenizer.json'
          ? `${name} is missing; transformers writes one: ${WRITE_TOKENIZER}`
          : `${name} is missing`,
      );
    let value: unknown;
    try {
      value = JSON.parse((await readRegular(join(path, name))).toString('utf8'));
    } catch (cause) {
      throw refuse(`${name} is not JSON: ${getErrorMessage(cause)}`, cause);
    }
    if (!isObject(value)) throw refuse(`${name} does not contain a JSON object`);
    return value;
  };
  const config = await json('config.json');
  const tokenizerJson = await json('tokenizer.json');
  const tokenizerConfig = names.includes('tokenizer_config.json')
    ? await json('tokenizer_config.json')
    : {};
  const reads = Number(config['max_position_embeddings'] ?? MOST_TOKENS);
  if (wantedTokens !== undefined && wantedTokens > reads) {
    throw new PipelineError('invalidOption', {
      option: '--max-tokens',
      value: wantedTokens,
      problem: `the model reads ${reads} tokens at most`,
      command: 'finetune',
    });
  }
  const maxTokens = wantedTokens ?? Math.min(MOST_TOKENS, reads);
  const encode = await loadTokenizer(tokenizerJson, tokenizerConfig).catch((cause: unknown) => {
    throw refuse(`tokenizer.json cannot be used: ${getErrorMessage(cause)}`, cause);
  });
  const empty = encode('');
  return {
    path,
    fingerprint: await computeHash(
      path,
      names.filter((name) => READ.some((pattern) => pattern.test(name))),
    ),
    maxTokens,
    encode: (text) => cutAt(maxTokens, encode(text), empty),
    tokenizerConfig,
  };
}

/** At most so many token ids; the closing special token of `empty`, if it has one, is kept. */
function cutAt(
  maxTokens: number,
  ids: readonly number[],
  empty: readonly number[],
): readonly number[] {
  if (ids.length <= maxTokens) return ids;
  const closing = empty.length > 1 && empty.at(-1) === ids.at(-1) ? empty.slice(-1) : [];
  return [...ids.slice(0, maxTokens - closing.length), ...closing];
}

async function loadTokenizer(
  settings: object,
  config: object,
): Promise<(text: string) => readonly number[]> {
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const tokenizer = new Tokenizer(settings, config);
  return (text) => tokenizer.encode(text, { add_special_tokens: true }).ids;
}

async function computeHash(path: string, names: readonly string[]): Promise<string> {
  const all = createHash('sha256');
  for (const name of [...names].sort()) {
    const fileHash = createHash('sha256');
    await pipeline(createReadStream(join(path, name)), fileHash);
    all.update(`${name} ${fileHash.digest('hex')}\n`);
  }
  return all.digest('hex');
}
