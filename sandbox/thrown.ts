/** What plugins throw, in words: the chain of causes with the lines of the plugin's own code. */
import { inspect } from 'node:util';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getErrorMessage, HarnessError } from '../core/errors.js';

const HARNESS = dirname(dirname(fileURLToPath(import.meta.url))) + sep;
/** Packages through which the harness calls. */
const OWN_PACKAGES = /node_modules[/\\](commander|jiti|tsyringe|zod)[/\\]/;
const MOST_CAUSES = 5;
const MOST_FRAMES = 8;
/** The line of an uncaught error that Node.js prints. */
export const CRASH = /^(Uncaught )?\w*Error\b/;

/** Marks the stack of an error that has been described where it happened. */
const PLUGIN_STACK = 'in the plugin\n';

/** An error from another process or thread, whose stack is what was described there. */
export function asPluginError(described: string, message = ''): Error {
  const error = new Error(message);
  error.stack = described === '' ? '' : `${PLUGIN_STACK}${described}`;
  return error;
}

/** What a sandbox can refuse. */
export const REFUSALS = ['file', 'program', 'thread', 'native', 'network'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Lines of the stack that are neither of Node.js nor of the harness itself. */
function listFrames(stack: string): readonly string[] {
  return stack
    .split('\n')
    .map((line) => line.trim().replace(/file:\/\//g, ''))
    .filter((line) => line.startsWith('at ') && /[/\\]/.test(line) && !/\bnode:/.test(line))
    .filter((line) => !OWN_PACKAGES.test(line))
    .filter((line) => !line.includes(HARNESS) || line.includes(`${HARNESS}plugins${sep}`))
    .slice(0, MOST_FRAMES);
}

/** An error and its causes. */
function listChain(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  // its message is told apart from its cause
  let next = thrown instanceof HarnessError ? thrown.cause : thrown;
  while (next !== undefined && next !== null && chain.length < MOST_CAUSES) {
    if (chain.includes(next)) break;
    chain.push(next);
    next = next instanceof Error ? next.cause : undefined;
  }
  return chain;
}

/** What is thrown and is no error; it may have no text of its own. */
const inWords = (thrown: unknown): string =>
  typeof thrown === 'string' ? thrown : inspect(thrown);

/** The chain of causes with the lines of the plugin's code; empty where that says nothing new. */
export function describeThrown(thrown: unknown): string {
  const chain = listChain(thrown);
  const lines = chain.flatMap((error, i) => {
    if (!(error instanceof Error)) return `${i === 0 ? '' : 'caused by '}${inWords(error)}`;
    const { name, stack = '' } = error;
    if (stack.startsWith(PLUGIN_STACK)) return stack.slice(PLUGIN_STACK.length);
    const head = `${i === 0 ? '' : 'caused by '}${name}: ${getErrorMessage(error)}`;
    return [head, ...listFrames(stack).map((frame) => `    ${frame}`)];
  });
  const text = lines.join('\n');
  return text.includes('\n') ? text : '';
}

/** What a process that crashed printed last: the error and the lines of the plugin's code. */
export function describeCrash(printed: string): string {
  const lines = printed.split('\n');
  const start = lines.findLastIndex((line) => CRASH.test(line));
  if (start < 0) return '';
  const frames = listFrames(lines.slice(start).join('\n'));
  return [lines[start], ...frames.map((frame) => `    ${frame}`)].join('\n');
}

const NETWORK =
  /^(ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT)$/;
const PERMISSIONS: Readonly<Record<string, Refusal>> = {
  FileSystemRead: 'file',
  FileSystemWrite: 'file',
  ChildProcess: 'program',
  WorkerThreads: 'thread',
  Addon: 'native',
};

/** What exactly Node's permission model refused, in brackets; empty where it says nothing. */
export function getResource(thrown: unknown): string {
  const { code, resource } = (thrown ?? {}) as {
    readonly code?: unknown;
    readonly resource?: unknown;
  };
  return code === 'ERR_ACCESS_DENIED' && typeof resource === 'string' && resource !== ''
    ? ` (${resource})`
    : '';
}

/** What the sandbox refused, if that is the reason. */
export function findRefusal(thrown: unknown): Refusal | undefined {
  for (const error of listChain(thrown)) {
    const { code, permission } = Object(error) as {
      readonly code?: unknown;
      readonly permission?: unknown;
    };
    if (code === 'ERR_ACCESS_DENIED') return PERMISSIONS[String(permission)] ?? 'file';
    if (code === 'ERR_DLOPEN_DISABLED') return 'native';
    if (typeof code === 'string' && NETWORK.test(code)) return 'network';
  }
  return undefined;
}
