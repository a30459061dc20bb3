/** Keeps plugins in this process from writing to stdout and from ending the process. */

/** What a guarded process still lets the command do. */
interface Guarded {
  readonly writeOut: NodeJS.WriteStream['write'];
  readonly exit: (code: number) => never;
}

/**
 * Leaves stdout to the command's result: whatever plugins print goes to stderr. A plugin that calls
 * `process.exit` gets an error instead, and fails like any other.
 */
export function guard(process: NodeJS.Process): Guarded {
  const { stdout, stderr } = process;
  const guarded: Guarded = {
    writeOut: stdout.write.bind(stdout),
    exit: process.exit.bind(process),
  };
  stdout.write = stderr.write.bind(stderr);
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ''}) was called, which no plugin may do`);
  };
  return guarded;
}
