import { getErrorMessage, isObject, type Message } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { SettingsFolder } from './folder.js';
import type { OnnxOptions } from './options.js';
import { specialTokens } from './tokenizer.js';

/**
 * Renders a conversation as the text that the model was trained on, ending where the model's answer
 * begins.
 */
export type ChatTemplate = (messages: readonly Message[]) => string;

/**
 * Some templates print today's date, but a prompt must not change from day to day, so they get this
 * date (the fallback in those templates).
 */
const FIXED_DATE = '26 Jul 2024';

/**
 * Loads the chat template of a folder: the option, else chat_template.jinja, else `chat_template`
 * of tokenizer_config.json. Undefined if there is none.
 * @throws HarnessError RXB4001 if it cannot be parsed.
 */
export async function makeChatTemplate(
  folder: Pick<SettingsFolder, 'path' | 'tokenizerConfig' | 'templateFile'>,
  options: Pick<OnnxOptions, 'chatTemplate' | 'templateArguments'>,
): Promise<ChatTemplate | undefined> {
  const source =
    options.chatTemplate ??
    folder.templateFile ??
    configured(folder.tokenizerConfig['chat_template']);
  if (source === undefined) return undefined;
  const { Template } = await import('@huggingface/jinja');
  const dated = source.includes('strftime_now')
    ? `{%- macro strftime_now(format) -%}${FIXED_DATE}{%- endmacro -%}${source}`
    : source;
  const variables = {
    ...specialTokens(folder.tokenizerConfig),
    date_string: FIXED_DATE,
    ...options.templateArguments,
  };
  try {
    const template = new Template(dated);
    return (messages) => template.render({ ...variables, messages, add_generation_prompt: true });
  } catch (error) {
    throw brokenFolder(
      folder.path,
      `its chat template cannot be parsed: ${getErrorMessage(error)}.`,
      error,
    );
  }
}

/**
 * The template of tokenizer_config.json: a text, or a list of named templates, of which "default"
 * is used.
 */
function configured(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value.filter(isObject);
  const chosen = named.find(({ name }) => name === 'default') ?? named[0];
  return typeof chosen?.['template'] === 'string' ? chosen['template'] : undefined;
}
