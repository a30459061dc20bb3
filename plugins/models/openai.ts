import {
  FILES,
  inject,
  LOGGER,
  model,
  OPTIONS,
  SECRETS,
  type Files,
  type Logger,
  type Secrets,
} from '../../core/index.js';
import { OpenAiOptions } from './_openai/options.js';
import { ServedModel } from './_openai/served-model.js';

/**
 * A model on any server of the OpenAI protocol: vLLM, SGLang, llama.cpp, Ollama, LM Studio, OpenAI,
 * Azure, OpenRouter (docs/models.md).
 */
@model({
  name: 'openai',
  summary: 'Any OpenAI-compatible server, or several of them as one pool',
  options: OpenAiOptions,
})
export class OpenAi extends ServedModel {
  constructor(
    @inject(OPTIONS) options: OpenAiOptions,
    @inject(SECRETS) secrets: Secrets,
    @inject(LOGGER) logger: Logger,
    @inject(FILES) files: Files,
  ) {
    const { hiddenStates } = options;
    super(
      {
        ...options,
        ...(hiddenStates === undefined
          ? {}
          : { hiddenStates: { ...hiddenStates, folder: files.resolve(hiddenStates.folder) } }),
      },
      secrets,
      logger,
    );
  }
}
