import { getErrorMessage, isObject } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { Settings, SettingsFolder } from './folder.js';

/** Text to token ids and back, as defined by tokenizer.json. */
export interface Tokenizer {
  /**
   * Token ids; `special` adds the tokens that the tokenizer puts around a text (`<s>`, `[CLS]` …
   * `[SEP]`).
   */
  readonly encode: (text: string, special: boolean) => number[];
  /** The text of token ids, without special tokens. */
  readonly decode: (ids: readonly number[]) => string;
}

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether all ids of a tokenizer are whole numbers: the library does not look. */
function hasWholeIds({ model, added_tokens: added }: Settings): boolean {
  const vocabulary = isObject(model) ? model['vocab'] : undefined;
  return (
    // a list holds pairs of a text and its score, and its positions are the ids
    (!isObject(vocabulary) || Object.values(vocabulary).every(isId)) &&
    (!Array.isArray(added) || added.every((token) => isObject(token) && isId(token['id'])))
  );
}

/**
 * Loads the tokenizer of a folder.
 * @throws HarnessError RXB4001 if tokenizer.json cannot be used.
 */
export async function makeTokenizer(
  folder: Pick<SettingsFolder, 'path' | 'tokenizer' | 'tokenizerConfig'>,
): Promise<Tokenizer> {
  const library = await import('@huggingface/tokenizers');
  const cleanUp = folder.tokenizerConfig['clean_up_tokenization_spaces'] === true;
  try {
    if (!hasWholeIds(folder.tokenizer)) throw new TypeError('a token id is no whole number');
    const tokenizer = new library.Tokenizer(folder.tokenizer, folder.tokenizerConfig);
    return {
      encode: (text, special) => tokenizer.encode(text, { add_special_tokens: special }).ids,
      // the library rejects an empty list, which is the answer of a model that ends at once
      decode: (ids) =>
        ids.length === 0
          ? ''
          : tokenizer.decode([...ids], {
              skip_special_tokens: true,
              clean_up_tokenization_spaces: cleanUp,
            }),
    };
  } catch (error) {
    throw brokenFolder(
      folder.path,
      `tokenizer.json cannot be used: ${getErrorMessage(error)}.`,
      error,
    );
  }
}

/**
 * The special tokens that chat templates may use, by their usual names (`bos_token`, `eos_token`,
 * …).
 */
export function specialTokens(tokenizerConfig: Settings): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(tokenizerConfig)) {
    if (!name.endsWith('_token')) continue;
    if (typeof value === 'string') tokens[name] = value;
    else if (isObject(value) && typeof value['content'] === 'string')
      tokens[name] = value['content'];
  }
  return tokens;
}
