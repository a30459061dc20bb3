/**
 * Turns a package of plugins into the command that runs them, in the sandbox that this machine
 * supports.
 */
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { env, execPath, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { PackageSource } from '../core/packages.js';
import type { Logger } from '../core/tokens.js';
import { Program } from './plugin-program.js';
import { collectReadablePaths, type ReadablePaths } from './readable-paths.js';
import { EVERY, type IsolationSettings } from './settings.js';
import {
  buildSandboxCommand,
  getSandboxProblem,
  isWithin,
  type VisibleFiles,
} from './linux-sandbox.js';
import { SandboxError } from './errors.js';

/** Why a row is unverified, or null if the sandbox was complete. */
type UnverifiedReason = string | null;

/** How programs of one package are started. */
export interface Launch {
  readonly start: (title: string) => Program;
  /** Why its results are unverified; null in a complete sandbox. */
  readonly unverifiedReason: UnverifiedReason;
  /**
   * Why its plugins may only describe themselves: there is no sandbox, and the package is not
   * trusted.
   */
  readonly refusal: string | null;
}

const CHILD = fileURLToPath(new URL('./plugin-process.js', import.meta.url));
const PERMISSION =
  Number(versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission';

/** Whether a package, or the path under which the config names it, is on a list. */
export const isNamed = (
  list: readonly string[],
  { name, given }: Pick<PackageSource, 'name' | 'given'>,
): boolean => list.some((listed) => listed === EVERY || listed === name || listed === given);

const buildEnvironment = (): Record<string, string> => ({
  PATH: env['PATH'] ?? '',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  HOME: '/tmp',
  NO_COLOR: '1',
});

/**
 * Node.js with its permission model: reads only where allowed, and no processes, threads or native
 * code unless trusted.
 */
function nodeCommand(
  source: PackageSource,
  reads: ReadablePaths,
  settings: IsolationSettings,
  trusted: boolean,
): readonly string[] {
  const allowed = [...reads.paths, ...reads.links.keys()];
  // in Node 20, a folder that is listed together with a path in it is not readable itself
  const outermost = allowed.filter(
    (path) => !allowed.some((other) => other !== path && isWithin(path, other)),
  );
  const grants = trusted ? ['--allow-child-process', '--allow-worker', '--allow-addons'] : [];
  return [
    execPath,
    '--no-warnings',
    `--max-old-space-size=${settings.memoryMiB}`,
    PERMISSION,
    ...outermost.map((path) => `--allow-fs-read=${path}`),
    ...grants,
    CHILD,
    JSON.stringify({ package: source.name, path: source.plugins }),
  ];
}

/**
 * Where the shell would find a program, without following links.
 * @throws RXB2206
 */
function findProgram(command: string, folder: string, title: string): string {
  const candidates = command.includes('/')
    ? [isAbsolute(command) ? command : join(folder, command)]
    : (env['PATH'] ?? '').split(delimiter).map((candidate) => join(candidate, command));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue; // the next folder
    }
  }
  throw new SandboxError('pluginNotStarted', {
    title,
    problem: `the program "${command}" was not found`,
  });
}

/**
 * A program in another language sees its package and the folder that its interpreter is installed
 * in, such as /opt/python.
 */
function programReads(
  program: readonly string[],
  folder: string,
  title: string,
): { readonly command: readonly string[]; readonly visible: VisibleFiles } {
  const [name = '', ...args] = program;
  const programPath = findProgram(name, folder, title);
  const installed = [programPath, realpathSync(programPath)]
    .map((path) => dirname(dirname(path)))
    .filter((path) => path !== '/' && path !== dirname(folder));
  return {
    command: [programPath, ...args],
    visible: { paths: [realpathSync(folder), ...installed], links: new Map(), hidden: [] },
  };
}

/** Prepares how the programs of a package are started; starts nothing. */
export async function prepareLaunch(
  source: PackageSource,
  settings: IsolationSettings,
  logger?: Logger,
): Promise<Launch> {
  const trusted = isNamed(settings.trust, source);
  const problem = await getSandboxProblem();
  const { command, visible } =
    source.program === null
      ? await (async () => {
          const reads = await collectReadablePaths({
            path: source.plugins as string,
            folder: source.folder,
            whole: source.whole,
          });
          return {
            command: nodeCommand(source, reads, settings, trusted),
            visible: {
              paths: [...reads.paths, dirname(dirname(realpathSync(execPath)))],
              links: reads.links,
              hidden: [],
            },
          };
        })()
      : programReads(source.program, source.folder, source.name);
  const cwd = realpathSync(source.folder);
  const hidden = settings.hidden.filter((path) => !isWithin(cwd, path));
  return {
    unverifiedReason: trusted
      ? `${source.name} ran with --trust${problem === null ? '' : ', with access to the network'}`
      : null,
    refusal: problem !== null && !trusted ? problem : null,
    start: (title) => {
      const sandboxed =
        problem === null
          ? buildSandboxCommand(command, source.program === null ? '/' : cwd, {
              ...visible,
              hidden,
            })
          : { command, remove: () => undefined };
      return new Program({
        title,
        command: sandboxed.command,
        cwd,
        env: buildEnvironment(),
        memoryMiB: settings.memoryMiB,
        descriptor: source.program === null,
        logger,
        cleanUp: sandboxed.remove,
      });
    },
  };
}
