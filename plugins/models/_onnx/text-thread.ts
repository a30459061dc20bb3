/** The thread that reads a model folder, and turns prompts into tokens and back. */
import { parentPort } from 'node:worker_threads';
import { getStepWatch } from 'routerxbench/watched-thread';
import { HarnessError, getErrorMessage, type ModelPrompt } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import { numberIn } from './extent.js';
import { readFolder, readSettings, type ModelFolder, type SettingsFolder } from './folder.js';
import { refuseUntrainedHead } from './head.js';
import { buildLayout, type Layout } from './layout.js';
import { encodePrompt, encodeText, type PromptEncoder } from './prompt.js';
import { makePromptEncoder } from './prompt-encoder.js';
import type { OpenedFolder, TextReply, TextRequest } from './text-messages.js';

const port = parentPort;
if (port === null) throw new Error('text-thread.ts is the body of a thread');
const step = getStepWatch();

/** Limits of time: many times what honest folders and texts take. */
const OPEN_MS = 10_000;
const OPEN_MS_PER_BYTE = 1 / 500;
const TEXT_MS = 5000;
const TEXT_MS_PER_UNIT = 1 / 20;

let encoder: PromptEncoder | undefined;

const isModel = (folder: SettingsFolder | ModelFolder): folder is ModelFolder => 'graph' in folder;

/** How long a prompt may be. */
function getLimit(folder: SettingsFolder, layout: Layout | null, most: number): number {
  const context =
    layout?.context ?? numberIn(folder.config, 'max_position_embeddings', 'n_positions');
  return Math.min(most, (context ?? Infinity) - (layout?.kind === 'decoder' ? 1 : 0));
}

async function open(request: Extract<TextRequest, { open: string }>): Promise<OpenedFolder> {
  const { open: path, options, graph } = request;
  step.begin(OPEN_MS);
  const folder = graph === null ? readSettings(path) : readFolder(path, graph);
  step.begin(OPEN_MS + folder.tokenizerBytes * OPEN_MS_PER_BYTE);
  const layout = isModel(folder) ? buildLayout(folder, graph ?? {}) : null;
  if (isModel(folder) && layout?.kind === 'classifier') refuseUntrainedHead(folder, layout.output);
  const limit = getLimit(folder, layout, options.maxPromptTokens);
  const hasTemplate = layout === null || layout.kind === 'decoder';
  encoder = await makePromptEncoder(folder, options, limit, hasTemplate);
  const { tokenizer: _stays, ...settings } = folder;
  return {
    settings: isModel(folder) ? withoutGraph(folder) : settings,
    graph: isModel(folder)
      ? { modelFile: folder.modelFile, weightBytes: folder.weightBytes }
      : null,
    layout,
    limit,
  };
}

function withoutGraph(folder: ModelFolder): OpenedFolder['settings'] {
  const { path, config, generation, tokenizerConfig, templateFile, files, tokenizerBytes } = folder;
  return { path, config, generation, tokenizerConfig, templateFile, files, tokenizerBytes };
}

const promptLength = (prompt: ModelPrompt): number =>
  prompt.form === 'raw'
    ? prompt.text.length
    : prompt.messages.reduce((sum, { content }) => sum + content.length, 0);

/** Does a step on each item; `units` is its length. */
function each<Item, Result>(
  items: readonly Item[],
  units: (item: Item) => number,
  work: (item: Item) => Result,
): readonly Result[] {
  return items.map((item) => {
    step.begin(TEXT_MS + units(item) * TEXT_MS_PER_UNIT);
    return work(item);
  });
}

async function answer(request: TextRequest): Promise<TextReply> {
  if ('open' in request) return { opened: await open(request) };
  const made = encoder;
  if (made === undefined) throw new Error('the folder is not open');
  const { tokenizer } = made;
  if ('prompts' in request)
    return { encoded: each(request.prompts, promptLength, (prompt) => encodePrompt(made, prompt)) };
  if ('texts' in request)
    return {
      encoded: each(
        request.texts,
        ({ length }) => length,
        (text) => encodeText(made, text),
      ),
    };
  if ('words' in request)
    return {
      ids: each(
        request.words,
        ({ length }) => length,
        (word) => tokenizer.encode(word, false),
      ),
    };
  return {
    texts: each(
      request.ids,
      ({ length }) => length,
      (ids) => tokenizer.decode(ids),
    ),
  };
}

let folder = '';
port.on('message', (request: TextRequest) => {
  if ('open' in request) folder = request.open;
  void answer(request)
    .catch((error: unknown): TextReply => {
      const coded =
        error instanceof HarnessError
          ? error
          : brokenFolder(folder, `its files cannot be used: ${getErrorMessage(error)}.`, error);
      return { error: coded.toData() };
    })
    .then((reply) => {
      step.end();
      port.postMessage(reply);
    });
});
