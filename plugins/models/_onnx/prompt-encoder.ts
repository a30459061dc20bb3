import { makeChatTemplate } from './chat-template.js';
import type { SettingsFolder } from './folder.js';
import type { PromptEncoder } from './prompt.js';
import type { TextOptions } from './text-messages.js';
import { makeTokenizer } from './tokenizer.js';

/**
 * Makes the encoder of a model folder. Both its tokenizer and its template are code of whoever made
 * the folder: they run in a thread that can be ended.
 * @throws HarnessError RXB4001 where one of them cannot be used
 */
export async function makePromptEncoder(
  folder: SettingsFolder,
  options: TextOptions,
  limit: number,
  hasTemplate = true,
): Promise<PromptEncoder> {
  return {
    tokenizer: await makeTokenizer(folder),
    template: hasTemplate ? await makeChatTemplate(folder, options) : undefined,
    system: options.system,
    limit,
    folder: folder.path,
  };
}
