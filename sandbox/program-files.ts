/** Where a program in another language is, and what it sees. */
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { env } from 'node:process';
import { z } from 'zod';
import type { Logger } from '../core/tokens.js';
import { SandboxError } from './errors.js';
import { holdsSystem, isWithin, type VisibleFiles } from './sandbox-mounts.js';

/** The folders of PATH; relative ones would be looked for in a package. */
export const listPath = (): readonly string[] =>
  (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));

/** Folders of PATH in which programs of the user are; those of npm packages are not. */
const listProgramFolders = (): readonly string[] =>
  listPath().filter((folder) => !folder.includes(`${sep}node_modules${sep}`));

/**
 * Where the shell would find a program, without following links: on PATH, or in its package.
 * @throws RXB2206
 */
function findProgram(command: string, folder: string, title: string): string {
  const folders = listProgramFolders();
  const path = resolve(folder, command);
  const named = isWithin(path, folder) || folders.includes(dirname(path)) ? [path] : [];
  const candidates = command.includes('/') ? named : folders.map((one) => join(one, command));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      continue; // the next folder
    }
  }
  throw new SandboxError('pluginNotStarted', {
    title,
    problem: `the program ${JSON.stringify(command)} was found neither on PATH nor in its package`,
  });
}

const PARTS = ['bin', 'lib', 'lib64', 'libexec'];

/** A program and the parts of its installation with programs and libraries. */
const listParts = (path: string): readonly string[] => [
  path,
  ...PARTS.map((part) => join(dirname(dirname(path)), part)),
];

/**
 * The folder that an interpreter is installed in, such as /opt/python; of one that holds more than
 * that (the user's home, the system, the project), only the parts with programs and libraries.
 */
function listInstallation(path: string, project: string | null): readonly string[] {
  const folder = dirname(dirname(path));
  const shared =
    holdsSystem(folder) ||
    [homedir(), project].some((other) => other !== null && isWithin(other, folder)) ||
    folder === join(homedir(), '.local');
  return shared ? listParts(path) : [folder];
}

/** A program in its package, or the virtual environment there that it belongs to. */
function getEnvironmentFolder(path: string, folder: string): string {
  const environment = dirname(dirname(path));
  return environment !== folder && isWithin(environment, folder) ? environment : path;
}

const Published = z.looseObject({ files: z.array(z.unknown()).catch([]) });

/** The files that npm would publish of a package, as far as its package.json lists them by name. */
function listPublished(folder: string): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { files } = Published.parse(manifest);
  return files.filter((file) => typeof file === 'string');
}

/**
 * The program's own files where its package holds the whole project: what the command names (of a
 * file in a subfolder, that folder) and the `files` of package.json.
 */
function listOwnFiles(folder: string, args: readonly string[]): readonly string[] {
  const inFolder = (name: string): string | undefined => {
    const path = resolve(folder, name);
    return path !== folder && isWithin(path, folder) && existsSync(path) ? path : undefined;
  };
  const named = args.flatMap((arg) => {
    const path = inFolder(arg);
    if (path === undefined) return [];
    return [statSync(path).isDirectory() || dirname(path) === folder ? path : dirname(path)];
  });
  return [...named, ...listPublished(folder).flatMap((file) => inFolder(file) ?? [])];
}

/**
 * A program sees its package and the folder that its interpreter is installed in. A package that
 * holds the whole project shows its own files only.
 * @throws RXB2206
 */
export function planProgram(
  [name = '', ...args]: readonly string[],
  packageFolder: string,
  {
    title,
    project,
    logger,
  }: {
    readonly title: string;
    readonly project: string | null;
    readonly logger?: Logger | undefined;
  },
): { readonly command: readonly string[]; readonly visible: VisibleFiles } {
  const folder = realpathSync(packageFolder);
  const path = findProgram(name, folder, title);
  const installed = isWithin(path, folder)
    ? [getEnvironmentFolder(path, folder), ...listParts(realpathSync(path))]
    : [path, realpathSync(path)].flatMap((one) => listInstallation(one, project));
  const holdsProject = project !== null && isWithin(project, folder);
  const own = holdsProject ? listOwnFiles(folder, args) : [folder];
  if (holdsProject)
    logger?.info(
      `${title} is in the folder of the project and sees only ${own.join(', ') || 'nothing of it'}; name further files under "files" in its package.json`,
    );
  return {
    command: [path, ...args],
    visible: { paths: [...own, ...installed], links: new Map() },
  };
}
