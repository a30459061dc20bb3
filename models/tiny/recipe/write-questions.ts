/** Writes the training questions and the evaluation splits as JSONL for the Python side: node write-questions.js FOLDER [ROWS]. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAMILIES, tinySuite, type TinySet } from '../../../plugins/datasets/_tiny/sets.js';
import { trainingLookups, trainingQuestions } from '../../../plugins/datasets/_tiny/training.js';
import { VERBAL } from '../../../plugins/datasets/_tiny/verbal.js';

const [folder, rows] = [process.argv[2] ?? 'questions', Number(process.argv[3] ?? 200_000)];

/** Questions about which the decoders learn to speak, after they have learned to answer. */
const VERBAL_ROWS = 20_000;

const take = <T>(source: Iterable<T>, count: number): string => {
  const lines: string[] = [];
  for (const item of source) {
    if (lines.length === count) break;
    lines.push(JSON.stringify(item));
  }
  return `${lines.join('\n')}\n`;
};

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'verbal.json'), JSON.stringify(VERBAL));
writeFileSync(join(folder, 'lookups.jsonl'), take(trainingLookups('main'), rows));
for (const set of Object.keys(FAMILIES) as TinySet[]) {
  writeFileSync(join(folder, `${set}.jsonl`), take(trainingQuestions(set, 'main'), rows));
  writeFileSync(join(folder, `${set}.verbal.jsonl`), take(trainingQuestions(set, 'verbal'), Math.min(rows, VERBAL_ROWS)));
  for (const [split, questions] of Object.entries(tinySuite()[set])) writeFileSync(join(folder, `${set}.${split}.jsonl`), take(questions, Infinity));
}
