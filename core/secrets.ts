/**
 * Secrets are named in the config and read from the environment; their values never enter a config,
 * an artifact or a message.
 */
import { z } from 'zod';
import { HarnessError } from './errors.js';
import type { Secrets } from './tokens.js';

/**
 * Schema of an option that holds a secret: `env('NAME')`, which JSON and YAML write as `{ "env":
 * "NAME" }`. Plain text is refused.
 */
export const EnvReference = z.strictObject(
  {
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'it must be the name of an environment variable'),
  },
  {
    error:
      "a secret is never written here: use env('NAME') and set NAME in the environment or in .env",
  },
);

/** The name of an environment variable that holds a secret. */
export type EnvReference = z.output<typeof EnvReference>;

/** Says where a secret is: in the environment variable `name`, or in `.env` beside the config. */
export const env = (name: string): EnvReference => ({ env: name });

/** {@link Secrets} out of an environment; a variable that is not set or empty is RXB1004. */
export function secretsFrom(environment: Readonly<Record<string, string | undefined>>): Secrets {
  return {
    read: ({ env: name }, path) => {
      const value = environment[name];
      if (value === undefined || value === '')
        throw new HarnessError('unsetVariable', { name, path });
      return value;
    },
  };
}
