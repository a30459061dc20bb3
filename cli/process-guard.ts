/** Keeps plugins in this process from writing to stdout and from ending the process. */
import { addSecretsOfEnvironment } from '../storage/secrets/collect.js';
import { redact } from '../storage/secrets/redact.js';

type Write = NodeJS.WriteStream['write'];

/** What a guarded process still lets the command do. */
interface Guarded {
  readonly writeOut: Write;
  readonly exit: (code: number) => never;
}

/** A `write` that removes secrets from texts, and from bytes that are a text with one. */
const withoutSecrets =
  (write: Write): Write =>
  (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const clean = redact(text);
    return write(clean === text ? chunk : clean, ...(rest as []));
  };

/**
 * Leaves stdout to the command's result: whatever plugins print goes to stderr. Secrets reach
 * neither. A plugin that calls `process.exit` gets an error instead, and fails like any other.
 */
export function guard(process: NodeJS.Process): Guarded {
  const { stdout, stderr, env } = process;
  addSecretsOfEnvironment(env);
  const guarded: Guarded = {
    writeOut: withoutSecrets(stdout.write.bind(stdout)),
    exit: process.exit.bind(process),
  };
  stderr.write = withoutSecrets(stderr.write.bind(stderr));
  stdout.write = stderr.write;
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ''}) was called, which no plugin may do`);
  };
  return guarded;
}
