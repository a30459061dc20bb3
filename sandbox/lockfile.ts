/** What npm says that it installed. */
import { readFileSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { PackageSource } from '../core/packages.js';
import { SandboxError } from './errors.js';

const Locked = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
});
type Locked = z.output<typeof Locked>;
const Lockfile = z.looseObject({ packages: z.record(z.string(), Locked) });

/** The packages of a lockfile of npm, by their folder; undefined where there is none. */
export function readLockfile(file: string): Readonly<Record<string, Locked>> | undefined {
  try {
    return Lockfile.parse(JSON.parse(readFileSync(file, 'utf8'))).packages;
  } catch {
    return undefined; // another package manager, or an old npm
  }
}

const Manifest = z.looseObject({ version: z.unknown().optional() });

/** The version in a package.json. */
const readVersion = (folder: string): unknown =>
  Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;

/** Why an installed package is not the one that a lockfile names. */
function findDifference(root: string, folder: string): string | undefined {
  const key = relative(root, folder).split(sep).join('/');
  const wanted = readLockfile(join(root, 'package-lock.json'));
  if (wanted === undefined) return undefined;
  const locked = wanted[key];
  if (locked === undefined) return `package-lock.json has no ${key}`;
  if (locked.link === true)
    return realpathSync(join(root, locked.resolved ?? '')) === realpathSync(folder)
      ? undefined
      : `${key} is a link to ${realpathSync(folder)}, and package-lock.json names ${locked.resolved}`;
  if (locked.version !== undefined && locked.version !== readVersion(folder))
    return `package-lock.json names version ${locked.version}, and ${String(readVersion(folder))} is installed`;
  // npm notes what it installed in a lockfile of its own
  const installed = readLockfile(join(root, 'node_modules/.package-lock.json'))?.[key];
  return installed !== undefined && installed.integrity !== locked.integrity
    ? 'what is installed has another integrity hash than package-lock.json'
    : undefined;
}

/**
 * Refuses to trust an installed package that is not the one of the project's package-lock.json.
 * @throws RXB2232
 */
export function checkLocked({ name, folder, given }: PackageSource): void {
  const modules = `${sep}node_modules${sep}`;
  if (given !== null || !folder.endsWith(`${modules}${name.split('/').join(sep)}`)) return;
  const root = folder.slice(0, -(modules.length + name.length));
  const problem = findDifference(root, folder);
  if (problem !== undefined)
    throw new SandboxError('notTheLockedPackage', { package: name, problem });
}
