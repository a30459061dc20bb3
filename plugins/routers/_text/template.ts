import { z } from '../../../core/index.js';

/** A wording put to a model; each of `places` must stand in it as `{place}`. */
export const template = (text: string, places: readonly string[]): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .refine(
      (value) => places.every((place) => value.includes(`{${place}}`)),
      `it must hold ${places.map((place) => `{${place}}`).join(' and ')}`,
    )
    .default(text);
