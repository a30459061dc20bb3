import { z } from '../../../core/index.js';

/** The template of a request to a model; it must contain each of `places` as `{place}`. */
export const template = (
  text: string,
  placeholders: readonly string[],
): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .refine(
      (value) => placeholders.every((placeholder) => value.includes(`{${placeholder}}`)),
      `it must contain ${placeholders.map((placeholder) => `{${placeholder}}`).join(' and ')}`,
    )
    .default(text);
