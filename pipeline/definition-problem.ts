/** Checks what a plugin says of itself before anything is built on it. */
import { z } from 'zod';
import { AUROC_DROP } from '../analysis/leaderboard/column-support.js';
import { CONTROLS } from '../analysis/metrics/controls.js';
import type { PluginKind, PluginMark } from '../core/plugin.js';

/** Names that results use for something else, in a leaderboard or as a folder of a run. */
const RESERVED: Partial<Readonly<Record<PluginKind, readonly string[]>>> = {
  router: [...CONTROLS, 'curves', 'scores'],
  metric: [AUROC_DROP],
};

const Name = z
  .string()
  .max(80, 'at most 80 characters are allowed')
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'use kebab-case: lower-case letters, digits, single dashes');
const Alias = z
  .string()
  .max(80, 'at most 80 characters are allowed')
  .regex(/^[A-Za-z0-9][\w.:-]*$/, 'use letters, digits and _ . : -');
const Line = z
  .string()
  .min(1, 'it is empty')
  .max(500, 'at most 500 characters are allowed')
  .regex(/^\P{Cc}*$/u, 'use one line without control characters');
const Version = z.int().min(1);
const Bound = z.union([z.number(), z.literal(Infinity), z.literal(-Infinity)]);
const isOrdered = ([low = 0, high = 0]: readonly number[]): boolean => low < high;
const Scale = z.tuple([z.number(), z.number()]).refine(isOrdered, 'the first must be below');
const Texts = z.array(z.string().min(1)).min(1, 'it lists nothing');

const COMMON = {
  name: Name,
  summary: Line,
  aliases: z.array(Alias).optional(),
  version: Version.optional(),
};
const Search = z
  .record(z.string(), z.array(z.json()).min(1, 'it lists nothing').max(100))
  .optional();
const SCHEMAS: Readonly<Record<PluginKind, z.ZodType>> = {
  router: z.looseObject({ ...COMMON, search: Search }),
  model: z.looseObject(COMMON),
  scorer: z.looseObject({ ...COMMON, scale: Scale }),
  dataset: z.looseObject({
    ...COMMON,
    splits: Texts,
    scale: Scale,
    label: z.enum(['correct', 'at-least-strong']),
  }),
  metric: z.looseObject({
    ...COMMON,
    better: z.enum(['higher', 'lower']),
    range: z.tuple([Bound, Bound]).refine(isOrdered, 'the first must be below the second'),
    needs: z.enum(['confidence', 'probabilities', 'costs']),
    order: z.number().optional(),
    random: z.number().optional(),
  }),
  reporter: z.looseObject({
    ...COMMON,
    reports: z.array(z.enum(['run', 'comparison', 'check', 'pairs'])).min(1, 'it lists nothing'),
  }),
};

/**
 * What is wrong with the definition of a plugin; undefined where nothing is. `described`: it is how
 * a plugin in another process describes itself, which lacks what only its kind has.
 */
export function findDefinitionProblem(
  { kind, definition }: PluginMark,
  { described = false } = {},
): string | undefined {
  const schema = described ? z.looseObject({ ...COMMON, search: Search }) : SCHEMAS[kind];
  const parsed = schema.safeParse(definition);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `its definition is wrong at ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`;
  }
  const names = [definition.name, ...(definition.aliases ?? [])];
  const reserved = names.find((name) => RESERVED[kind]?.includes(name));
  return reserved === undefined
    ? undefined
    : `the name "${reserved}" has another meaning in results`;
}
