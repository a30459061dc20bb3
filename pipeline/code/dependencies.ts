/** The packages that a package depends on, as they are installed. */
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { hashFiles, listFiles } from './files.js';

const names = z.record(z.string(), z.string()).optional().catch(undefined);
const manifestSchema = z.object({
  version: z.string().optional().catch(undefined),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});
const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});

/** The harness is known by its own hash or version. */
const LEFT_OUT = new Set(['routerxbench']);

async function readJson<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // not there, or not in this form: it says nothing
  }
}

type Manifest = z.output<typeof manifestSchema>;

/** A package as Node finds it from a folder. */
interface Installed {
  readonly name: string;
  readonly folder: string;
  readonly real: string;
  readonly manifest: Manifest;
}

const readManifest = async (folder: string): Promise<Manifest | undefined> =>
  await readJson(join(folder, 'package.json'), manifestSchema);

async function findInstalled(from: string, name: string): Promise<Installed | undefined> {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    const manifest = await readManifest(folder);
    if (manifest !== undefined) return { name, folder, real: await realpath(folder), manifest };
    if (dirname(at) === at) return undefined;
  }
}

/** The dependencies of a package, and theirs, each place once. */
class Dependencies {
  readonly texts = new Map<string, Promise<string>>();
  readonly #locks = new Map<string, Promise<z.output<typeof lockSchema> | undefined>>();

  async add(folder: string, manifest: Manifest): Promise<void> {
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    for (const name of names.filter((each) => !LEFT_OUT.has(each))) {
      const installed = await findInstalled(folder, name);
      // an optional one that is not installed; a required one fails at its import
      if (installed === undefined || this.texts.has(installed.real)) continue;
      this.texts.set(installed.real, this.#describe(installed));
      await this.add(installed.real, installed.manifest);
    }
  }

  /**
   * What an installed package is: its version, and its integrity in the lockfile that npm keeps
   * with the installed packages; of a linked one, the hash of its files.
   */
  async #describe({ name, folder, real, manifest }: Installed): Promise<string> {
    if (!real.split(sep).includes('node_modules'))
      return `${name} ${await hashFiles(await listFiles(real), real)}`;
    const root = folder.slice(0, folder.indexOf(`${sep}node_modules${sep}`));
    const lock = await this.#readLock(join(root, 'node_modules', '.package-lock.json'));
    const locked = lock?.packages[relative(root, folder).split(sep).join('/')];
    return [name, manifest.version ?? '', locked?.integrity ?? ''].join(' ').trim();
  }

  async #readLock(file: string): Promise<z.output<typeof lockSchema> | undefined> {
    const reading = this.#locks.get(file) ?? readJson(file, lockSchema);
    this.#locks.set(file, reading);
    return await reading;
  }
}

/** The installed dependencies of the package in a folder, one text each, sorted. */
export async function listDependencies(folder: string): Promise<readonly string[]> {
  const found = new Dependencies();
  const real = await realpath(folder);
  await found.add(real, (await readManifest(real)) ?? {});
  return [...new Set(await Promise.all(found.texts.values()))].sort();
}
