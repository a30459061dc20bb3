/** What of the disk a sandboxed program sees, and how it is put together. */
import { existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';

/** What a program may see of the disk besides the system. All paths are absolute. */
export interface VisibleFiles {
  /** Real folders and files. */
  readonly paths: readonly string[];
  /** Symbolic links that lead to them: link → target. */
  readonly links: ReadonlyMap<string, string>;
}

/** What the root of a sandbox consists of. */
export interface Mounts {
  /** Folders and files that are mounted, none of them within another. */
  readonly binds: readonly string[];
  /** Symbolic links to create: link, target. */
  readonly links: readonly (readonly [string, string])[];
  /** Whether a path is in a mount. */
  readonly covered: (path: string) => boolean;
}

/** Programs and libraries: not /usr/src, where images of containers often hold a project. */
const SYSTEM = [
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].flatMap((name) => [
    `/${name}`,
    `/usr/${name}`,
    `/usr/local/${name}`,
  ]),
  ...['/usr/libexec', '/usr/share', '/usr/include', '/usr/local/share'],
  ...['/etc/alternatives', '/etc/ld.so.cache', '/etc/ssl/openssl.cnf', '/etc/localtime'],
];
/** None that hands out memory, as /dev/zero does. */
export const DEVICES = ['/dev/null', '/dev/urandom', '/dev/random'];

export const isFolder = (path: string): boolean => statSync(path).isDirectory();

/** Whether a path is a folder or is in it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** The paths that are in no other one of them: a folder includes everything in it. */
export const listOutermost = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => !paths.some((other) => other !== path && isWithin(path, other)));

const isLink = (path: string): boolean => lstatSync(path).isSymbolicLink();
const existing = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => existsSync(path));

/** The real folders and files of the system that every program sees. */
export const listSystemPaths = (): readonly string[] =>
  existing(SYSTEM).filter((path) => !isLink(path));

/** Whether a folder has programs of the system in it, which are visible anyway. */
export const holdsSystem = (folder: string): boolean =>
  SYSTEM.some((path) => isWithin(path, folder));

/** Puts the system and what a program may see together. */
export function planMounts(visible: VisibleFiles): Mounts {
  const links = new Map(visible.links);
  for (const path of existing(SYSTEM).filter(isLink)) links.set(path, readlinkSync(path));
  const wanted = new Set([
    ...existing(visible.paths).map((path) => realpathSync(path)),
    ...listSystemPaths(),
  ]);
  const binds = [...listOutermost([...wanted])].sort();
  const covered = (path: string): boolean => binds.some((bind) => isWithin(path, bind));
  return { binds, links: [...links].filter(([link]) => !covered(link)), covered };
}
