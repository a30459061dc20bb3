import { z } from '../../../core/index.js';

/** A wording put to a model; each of `places` must stand in it as `{place}`. */
export const template = (
  text: string,
  placeholders: readonly string[],
): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .refine(
      (value) => placeholders.every((placeholder) => value.includes(`{${placeholder}}`)),
      `it must hold ${placeholders.map((placeholder) => `{${placeholder}}`).join(' and ')}`,
    )
    .default(text);
