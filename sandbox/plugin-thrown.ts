/** Errors that a plugin's process reports, as errors of this process. */
import type { HarnessError } from '../core/errors.js';
import { SandboxError } from './errors.js';
import type { ProgramMessage } from './messages.js';
import { asPluginError, type Refusal } from './thrown.js';

type Failed = Omit<Extract<ProgramMessage, { type: 'failed' }>, 'type'>;

const WHAT: Readonly<Record<Refusal, string>> = {
  file: 'a file outside its package',
  program: 'starting a program',
  thread: 'starting a thread',
  native: 'native code',
  network: 'the network',
};

/** The error as the plugin threw it; its stack is the plugin's. */
export const toThrown = ({ message, stack }: Failed): Error => asPluginError(stack ?? '', message);

/** The error; one with a code where the sandbox is the reason. */
export function toFailure(failed: Failed, title: string, name: string): Error | HarnessError {
  const { message: problem, refused } = failed;
  const cause = toThrown(failed);
  if (refused === undefined) return cause;
  const trusted = refused === 'program' || refused === 'thread' || refused === 'native';
  const option = trusted
    ? `--trust ${name} (or \`isolation.trust\`)`
    : `\`isolation: { inProcess: ['${name}'] }\` in the config`;
  return new SandboxError(
    'sandboxRefused',
    { title, what: WHAT[refused], problem, option },
    { cause },
  );
}
