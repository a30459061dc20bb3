/** Configs name secrets, the environment holds them; they reach no config, artifact or message. */
import { z } from 'zod';
import { HarnessError } from './errors.js';
import type { Secrets } from './tokens.js';

/** Schema of an option that is a secret: `env('NAME')` or `{ "env": "NAME" }`; never plain text. */
export const EnvReference = z.strictObject(
  {
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'it must be the name of an environment variable'),
  },
  "a secret is never written here: use env('NAME') and set NAME in the environment or in .env",
);

/** The name of an environment variable that holds a secret. */
export type EnvReference = z.output<typeof EnvReference>;

/** Refers to a secret in the environment variable `name`, or in `.env` beside the config. */
export const env = (name: string): EnvReference => ({ env: name });

/** Reads {@link Secrets} from an environment. */
export const secretsFrom = (
  environment: Readonly<Record<string, string | undefined>>,
): Secrets => ({
  read: ({ env: name }, path) => {
    const value = environment[name] ?? '';
    if (value === '') throw new HarnessError('unsetVariable', { name, path });
    return value;
  },
});
