/** Values of flags, checked; every refusal is RXB1005 and names the flag. */
import type { HarnessError } from '../core/errors.js';
import { PipelineError } from '../pipeline/errors.js';
import { AUROC_DROP } from '../analysis/leaderboard/column-support.js';
import type { MetricDefinition } from '../core/definitions.js';
import type { Registry } from '../core/registry.js';
import { suggestMetric } from '../pipeline/planning/metrics.js';
import { suggestion } from '../core/util/closest.js';

const refuse = (option: string, value: string, problem: string, command: string): HarnessError =>
  new PipelineError('invalidOption', { option, value: `"${value}"`, problem, command });

/** A whole number of at least `smallest`. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  smallest: number,
  command: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= smallest) return value;
  throw refuse(option, text, `it must be a whole number of at least ${smallest}`, command);
}

/** A number above 0. */
export function positive(option: string, text: string, command: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw refuse(option, text, 'it must be a number above 0', command);
}

/** A share between 0 and 1. */
export function share(option: string, text: string, command: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw refuse(option, text, 'it must be a number from 0 to 1', command);
}

/** Two shares `a,b` with 0 <= a < b <= 1. */
export function band(option: string, text: string, command: string): readonly [number, number] {
  const parts = text.split(',');
  const [low = NaN, high = NaN] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (parts.length === 2 && low >= 0 && high <= 1 && low < high) return [low, high];
  throw refuse(
    option,
    text,
    'it must be two numbers from 0 to 1, the smaller first, such as 0.25,0.3',
    command,
  );
}

/** One of a few words. */
export function parseChoice<T extends string>(
  option: string,
  text: string,
  known: readonly T[],
  command: string,
): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  throw refuse(
    option,
    text,
    `it must be one of ${known.join(', ')}.${suggestion(text, known)}`,
    command,
  );
}

/** Words separated by commas; an empty list is refused. */
export function words(
  option: string,
  text: string | undefined,
  command: string,
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const found = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (found.length > 0) return found;
  throw refuse(option, text, 'it is empty', command);
}

/** A metric of the project. One that is installed but not in the config is refused with the fix. */
export function parseMetric(
  option: string,
  text: string,
  known: readonly string[],
  command: string,
  registry: Registry,
): string {
  if (known.includes(text)) return text;
  const hint = suggestMetric(registry, text, known);
  throw refuse(option, text, `it must be one of ${known.join(', ')}.${hint}`, command);
}

/** The metric of a table, or undefined where none is named. */
export const metricName = (
  text: string | undefined,
  metrics: readonly MetricDefinition[],
  command: string,
  registry: Registry,
): string | undefined => {
  const known = [...metrics.map(({ name }) => name), AUROC_DROP];
  return text === undefined ? undefined : parseMetric('--metric', text, known, command, registry);
};
