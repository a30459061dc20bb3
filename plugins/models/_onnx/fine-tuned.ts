import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularSync } from 'routerxbench/regular-file';
import { getErrorMessage, z, type ModelInfo } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { ModelFolder } from './folder.js';

/** The record that `rxb finetune` writes into a folder; only the members that are read here. */
const Record = z.object({
  trainedOn: z.array(z.object({ dataset: z.string(), split: z.string(), prompts: z.string() })),
});

/** File name of that record. */
const FILE = 'finetune.json';
const MOST_BYTES = 16 * 2 ** 20;

/**
 * What a folder records about the rows it was fine-tuned on; undefined if it records nothing.
 * @throws HarnessError RXB4001 for a damaged record.
 */
export function readTraining({ path }: Pick<ModelFolder, 'path'>): Pick<ModelInfo, 'trainedOn'> {
  const file = join(path, FILE);
  if (!existsSync(file)) return {};
  try {
    return {
      trainedOn: Record.parse(JSON.parse(readRegularSync(file, MOST_BYTES).toString('utf8')))
        .trainedOn,
    };
  } catch (error) {
    throw brokenFolder(path, `${FILE} is damaged: ${getErrorMessage(error)}.`, error);
  }
}
