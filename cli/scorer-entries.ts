/** Scorers as one types them: `math`, `choice,xverify` (a chain), or JSON for options. */
import { z } from 'zod';
import type { HarnessError } from '../core/errors.js';
import { PipelineError } from '../pipeline/errors.js';
import type { ScorerEntry } from '../pipeline/planning/scorer.js';
import { words } from './flags.js';

const Entry = z.union([
  z.string().min(1),
  z.strictObject({ use: z.string().min(1), options: z.record(z.string(), z.unknown()).optional() }),
]);
const Chain = z.union([Entry.transform((entry) => [entry]), z.array(Entry).min(1)]);

/** Reads a chain; every refusal is RXB1005 and names the option. */
export function scorerEntries(
  option: string,
  text: string,
  command: string,
): readonly ScorerEntry[] {
  if (!/^\s*[[{]/.test(text)) return words(option, text, command) ?? [];
  const refuse = (): HarnessError =>
    new PipelineError('invalidOption', {
      option,
      value: text,
      problem: 'JSON must be { "use": …, "options": … }, or a list of such objects and of names',
      command,
    });
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new PipelineError(
      'invalidOption',
      { option, value: text, problem: 'it is not valid JSON', command },
      { cause },
    );
  }
  const parsed = Chain.safeParse(given);
  if (!parsed.success) throw refuse();
  return parsed.data;
}
