import { HarnessError, HarnessErrors, type Secrets } from '../../../core/index.js';
import { BaseUrl, type OpenAiOptions } from './options.js';

/**
 * The base URLs of a model's servers.
 * @throws HarnessError RXB1004 if a variable is not set, RXB2105 if it contains no URL
 */
export function baseUrls(
  { baseUrl }: Pick<OpenAiOptions, 'baseUrl'>,
  secrets: Secrets,
  backend: string,
): readonly string[] {
  return [baseUrl].flat().map((given) => {
    if (typeof given === 'string') return given;
    const read = BaseUrl.safeParse(secrets.read(given, 'baseUrl'));
    if (!read.success)
      throw new HarnessError('invalidPluginOptions', {
        kind: 'model',
        name: backend,
        path: 'baseUrl',
        problem: `${given.env}: ${read.error.issues[0]?.message ?? 'not a valid URL'}`,
      });
    return read.data;
  });
}

/** Results of two functions; errors of both are reported together. */
export function validateBoth<A, B>(first: () => A, second: () => B): readonly [A, B] {
  const mistakes: HarnessError[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      mistakes.push(error);
      return undefined;
    }
  };
  const values = [attempt(first), attempt(second)] as const;
  if (mistakes.length > 1) throw new HarnessErrors(mistakes);
  if (mistakes[0] !== undefined) throw mistakes[0];
  return values as readonly [A, B];
}
