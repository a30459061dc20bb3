/**
 * Turns a package of plugins into the command that runs them, in the sandbox that this machine
 * supports.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join, normalize } from 'node:path';
import { execPath, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { PackageSource } from '../core/packages.js';
import type { Logger } from '../core/tokens.js';
import { SandboxError } from './errors.js';
import { buildSandboxCommand, getSandbox } from './linux-sandbox.js';
import { checkLocked } from './lockfile.js';
import { Program } from './plugin-program.js';
import { listPath, planProgram } from './program-files.js';
import { collectReadablePaths, type ReadablePaths } from './readable-paths.js';
import {
  holdsSystem,
  isWithin,
  listOutermost,
  listSystemPaths,
  type VisibleFiles,
} from './sandbox-mounts.js';
import { EVERY, type IsolationSettings } from './settings.js';

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

const asPath = (path: string): string => normalize(path).replace(/\/$/, '');

/**
 * Whether a list names a package: by the path under which the config has it, or else by the name
 * under which it is installed. The name that its own package.json gives decides nothing.
 */
export const isNamed = (
  list: readonly string[],
  { name, given }: Pick<PackageSource, 'name' | 'given'>,
): boolean =>
  list.some(
    (listed) =>
      listed === EVERY || (given === null ? listed === name : asPath(listed) === asPath(given)),
  );

const buildEnvironment = (): Record<string, string> => ({
  PATH: listPath().join(delimiter),
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
  // in Node 20, a folder that is listed together with a path in it is not readable itself
  const allowed = listOutermost([...reads.paths, ...reads.links.keys()]);
  const grants = trusted ? ['--allow-child-process', '--allow-worker', '--allow-addons'] : [];
  return [
    execPath,
    '--no-warnings',
    `--max-old-space-size=${settings.memoryMiB}`,
    PERMISSION,
    ...allowed.map((path) => `--allow-fs-read=${path}`),
    ...grants,
    CHILD,
    JSON.stringify({ package: source.name, path: source.plugins }),
  ];
}

/** What the programs of a package are and see. @throws RXB2206, RXB2231 */
async function planFiles(
  source: PackageSource,
  settings: IsolationSettings,
  trusted: boolean,
  logger?: Logger,
): Promise<{ readonly command: readonly string[]; readonly visible: VisibleFiles }> {
  const { project } = settings;
  if (source.program !== null)
    return planProgram(source.program, source.folder, { title: source.name, project, logger });
  const folder = realpathSync(source.folder);
  const reads = await collectReadablePaths({
    title: source.name,
    path: source.plugins as string,
    folder: source.folder,
    whole: source.whole && (project === null || !isWithin(realpathSync(project), folder)),
    project,
    trusted,
    logger,
  });
  const node = dirname(dirname(realpathSync(execPath)));
  const runtime = holdsSystem(node) ? [realpathSync(execPath)] : [node];
  return {
    command: nodeCommand(source, reads, settings, trusted),
    visible: { paths: [...reads.paths, ...runtime], links: reads.links },
  };
}

/** The real path of what is there, or of what will be there. */
const realPath = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), basename(path));

/**
 * Refuses a package whose programs would see the project, its results or the data of its datasets.
 * @throws RXB2230
 */
function refuseExposed(
  { name }: PackageSource,
  { paths }: VisibleFiles,
  { project, guarded }: IsolationSettings,
): void {
  const visible = [...listSystemPaths(), ...paths.map(realPath)];
  const whole = project === null ? [] : [{ path: project, what: 'the whole project' }];
  for (const { path, what } of [...whole, ...guarded]) {
    const folder = visible.find((one) => isWithin(realPath(path), one));
    if (folder !== undefined)
      throw new SandboxError('guardedPathExposed', { package: name, folder, what, path });
  }
}

/** Prepares how the programs of a package are started; starts nothing. */
export async function prepareLaunch(
  source: PackageSource,
  settings: IsolationSettings,
  logger?: Logger,
): Promise<Launch> {
  const trusted = isNamed(settings.trust, source);
  if (trusted) checkLocked(source);
  const { mechanism, problem } = await getSandbox();
  const { command, visible } = await planFiles(source, settings, trusted, logger);
  if (!trusted) refuseExposed(source, visible, settings);
  const cwd = realpathSync(source.folder);
  return {
    unverifiedReason: trusted
      ? `${source.name} ran with --trust${problem === null ? '' : ', with access to the network'}`
      : null,
    refusal: problem !== null && !trusted ? problem : null,
    start: (title) => {
      const sandboxed =
        mechanism === null
          ? { command, remove: () => undefined }
          : buildSandboxCommand(mechanism, command, source.program === null ? '/' : cwd, visible);
      return new Program({
        title,
        command: sandboxed.command,
        // a program that makes the sandbox must not be looked for in the package
        cwd: mechanism === null ? cwd : '/',
        env: buildEnvironment(),
        memoryMiB: settings.memoryMiB,
        descriptor: source.program === null,
        logger,
        cleanUp: sandboxed.remove,
      });
    },
  };
}
