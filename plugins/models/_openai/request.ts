import { Template } from '@huggingface/jinja';
import {
  HarnessError,
  getErrorMessage,
  type GenerateSettings,
  type Message,
  type ModelPrompt,
} from '../../../core/index.js';
import { RequestFailure } from './failure.js';
import type { OpenAiOptions } from './options.js';

/** Path and body of a request. */
export interface Request {
  readonly path: '/chat/completions' | '/completions' | '/embeddings';
  readonly body: Readonly<Record<string, unknown>>;
}

/** Builds requests for one server. */
export class RequestWriter {
  readonly #template: Template | undefined;

  /** @throws HarnessError RXB2105 if the chat template cannot be parsed. */
  constructor(private readonly options: OpenAiOptions) {
    const { api, chatTemplate } = options;
    if (api === 'chat') return;
    const wrong = (problem: string): HarnessError =>
      new HarnessError('invalidPluginOptions', {
        kind: 'model',
        name: 'openai',
        path: 'chatTemplate',
        problem,
      });
    if (chatTemplate === undefined)
      throw wrong("api 'completions' needs the chat template of the model");
    try {
      this.#template = new Template(chatTemplate);
    } catch (cause) {
      throw wrong(getErrorMessage(cause));
    }
  }

  /** A request for `n` texts. `fields` override the configured ones. */
  generate(
    prompt: ModelPrompt,
    settings: GenerateSettings,
    fields: Readonly<Record<string, unknown>> = {},
  ): Request {
    const { model, extraBody, maxTokensField } = this.options;
    const { maxTokens, temperature, topP, n = 1, seed, stop } = settings;
    const target = this.#target(prompt);
    const body: Record<string, unknown> = {
      model,
      ...target.content,
      [target.path === '/completions' ? 'max_tokens' : maxTokensField]: maxTokens,
      temperature,
      ...(temperature > 0 && topP !== undefined && topP < 1 ? { top_p: topP } : {}),
      ...(n > 1 ? { n } : {}),
      ...(temperature > 0 && seed !== undefined ? { seed } : {}),
      ...(stop === undefined || stop.length === 0 ? {} : { stop }),
      ...this.#logprobs(target.path),
      ...extraBody,
      ...fields,
    };
    return {
      path: target.path,
      body: Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)),
    };
  }

  /** A request for the first token only, with the `k` likeliest. */
  firstToken(prompt: ModelPrompt, k: number): Request {
    const settings = { maxTokens: 1, temperature: 0 };
    if (this.#target(prompt).path === '/completions')
      return this.generate(prompt, settings, { logprobs: k });
    return this.generate(prompt, settings, k > 0 ? { logprobs: true, top_logprobs: k } : {});
  }

  /**
   * A request whose prompt is continued by `choice`, with the log-probability of every prompt token
   * (vLLM).
   */
  promptLogprobs(prompt: ModelPrompt, choice: string): Request {
    const settings = { maxTokens: 1, temperature: 0 };
    const fields = { prompt_logprobs: 0, return_tokens_as_token_ids: null, logprobs: null };
    if (this.#target(prompt).path === '/completions')
      return this.generate({ form: 'raw', text: this.text(prompt) + choice }, settings, fields);
    if (choice === '' || prompt.form === 'raw') return this.generate(prompt, settings, fields);
    const continued: ModelPrompt = {
      form: 'chat',
      messages: [...prompt.messages, { role: 'assistant', content: choice }],
    };
    return this.generate(continued, settings, {
      ...fields,
      add_generation_prompt: false,
      continue_final_message: true,
    });
  }

  /** A prompt as text: rendered by the chat template, or raw. */
  text(prompt: ModelPrompt): string {
    if (prompt.form === 'raw') return prompt.text;
    const messages = this.#withSystem(prompt.messages);
    try {
      return (this.#template as Template).render({
        messages,
        add_generation_prompt: true,
        bos_token: '',
        eos_token: '',
      });
    } catch (cause) {
      throw new RequestFailure(
        'rejected',
        `the chat template rejects it: ${getErrorMessage(cause)}`,
        {
          cause,
        },
      );
    }
  }

  #target(prompt: ModelPrompt): { readonly path: Request['path']; readonly content: object } {
    if (prompt.form === 'raw' || this.options.api === 'completions')
      return { path: '/completions', content: { prompt: this.text(prompt) } };
    return { path: '/chat/completions', content: { messages: this.#withSystem(prompt.messages) } };
  }

  #withSystem(messages: readonly Message[]): readonly Message[] {
    const { system } = this.options;
    return system === undefined || messages.some(({ role }) => role === 'system')
      ? messages
      : [{ role: 'system', content: system }, ...messages];
  }

  #logprobs(path: Request['path']): object {
    if (!this.options.logprobs) return {};
    return path === '/completions' ? { logprobs: 0 } : { logprobs: true };
  }
}
