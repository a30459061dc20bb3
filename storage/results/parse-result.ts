import type { z } from 'zod';
import { getErrorMessage } from '../../core/errors.js';
import { withCurrentNames } from './old-names.js';

/** The content of a result file, or what is wrong with it. */
type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** The first thing that is wrong, with the place where it is. */
const describeFirst = ({ issues }: z.ZodError): string => {
  const [issue] = issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return `${place === '' ? '' : `${place}: `}${issue?.message ?? 'it has another form'}`;
};

/** Reads a result file of this version or an older one. */
export function parseResult<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): Parsed<z.output<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `it is not JSON (${getErrorMessage(error)})` };
  }
  const parsed = schema.safeParse(withCurrentNames(json));
  return parsed.success ? { value: parsed.data } : { problem: describeFirst(parsed.error) };
}
