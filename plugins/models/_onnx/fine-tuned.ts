import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getErrorMessage, z, type ModelInfo } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { ModelFolder } from './folder.js';

/** The record that `rxb finetune` leaves in a folder; only what is read here. */
const Record = z.object({
  trainedOn: z.array(z.object({ dataset: z.string(), split: z.string(), prompts: z.string() })),
});

/** Name of that record. */
const FILE = 'finetune.json';

/**
 * What a folder says of the rows it was fine-tuned on; nothing where it says nothing. @throws
 * HarnessError RXB4001 for a damaged record.
 */
export function readTraining({ path }: Pick<ModelFolder, 'path'>): Pick<ModelInfo, 'trainedOn'> {
  const file = join(path, FILE);
  if (!existsSync(file)) return {};
  try {
    return { trainedOn: Record.parse(JSON.parse(readFileSync(file, 'utf8'))).trainedOn };
  } catch (error) {
    throw brokenFolder(path, `${FILE} is damaged: ${getErrorMessage(error)}.`, error);
  }
}
