/**
 * What code a plugin is made of, as a hash for the keys of what it makes: results of other code are
 * not its results.
 */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FoundPlugin } from '../../core/discover.js';
import { getHarnessFolder, type PackageSource } from '../../core/packages.js';
import type { LoadedConfig } from '../config/load-config.js';
import { Sha256 } from '../util/sha256.js';
import { listDependencies } from './dependencies.js';
import { hashFiles, isFile, listFiles } from './files.js';
import { listModuleGraph } from './module-graph.js';

/** Built code of the harness that numbers may depend on; commands and reporters are left out. */
const BUILT = ['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'plugins'];
const REPORTERS = join('plugins', 'reporters');
/** Programs of the harness in another language. */
const PROGRAMS = ['pipeline/finetune/python', 'plugins/models/_transformers/python'];
const NOT_RUN = /\.(map|d\.ts)$/;

const BUILT_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

async function hashHarness(): Promise<string> {
  const folder = getHarnessFolder();
  const except = [join(BUILT_FOLDER, REPORTERS)];
  const built = await Promise.all(
    BUILT.map(async (part) => await listFiles(join(BUILT_FOLDER, part), except)),
  );
  const programs = await Promise.all(
    PROGRAMS.map(async (part) => await listFiles(join(folder, part)).catch(() => [])),
  );
  const files = [...built.flat(), ...programs.flat()].filter((file) => !NOT_RUN.test(file));
  const hash = new Sha256().add(await hashFiles(files, folder));
  return hash.add(...(await listDependencies(folder))).digest();
}

/** The files of a package that its plugins may be made of. */
async function listCode(
  { folder, plugins, program, whole }: PackageSource,
  except: readonly string[],
): Promise<readonly string[]> {
  if (whole) return await listFiles(folder, except);
  if (plugins !== null) return await listModuleGraph(await listFiles(plugins, except));
  // a program of the project itself: the files that its command names, and those beside them
  const named: string[] = [];
  for (const part of program ?? []) {
    const file = resolve(folder, part);
    if (isAbsolute(part) || !(await isFile(file))) continue;
    named.push(...(await listFiles(dirname(file) === folder ? file : dirname(file), except)));
  }
  return named;
}

/** Hashes the code of plugins, each package once. */
export class PluginCode {
  readonly #known = new Map<string, Promise<string>>();

  /** `except`: folders in the project that hold no code, such as its results. */
  constructor(private readonly except: readonly string[]) {}

  /** The built code of the harness, which all numbers depend on. */
  readonly hashHarness = async (): Promise<string> => await this.#once('', hashHarness);

  /**
   * The code of the package, folder or file that a third-party plugin comes from; null for a
   * built-in plugin, whose code is the harness's.
   */
  async hash({ source }: Pick<FoundPlugin, 'source'>): Promise<string | null> {
    if (source.builtIn) return null;
    const key = [source.folder, source.plugins, source.program].join('\0');
    return await this.#once(key, async () => {
      const files = await listCode(source, this.except);
      const hash = new Sha256().add(await hashFiles(files, source.folder));
      return hash.add(...(await listDependencies(source.folder))).digest();
    });
  }

  async #once(key: string, compute: () => Promise<string>): Promise<string> {
    const hash = this.#known.get(key) ?? compute();
    this.#known.set(key, hash);
    return await hash;
  }
}

/** For the plugins of a project. */
export const openPluginCode = ({
  config,
  folder,
}: Pick<LoadedConfig, 'config' | 'folder'>): PluginCode =>
  new PluginCode(
    [config.results, config.cache ?? [], config.dataDir]
      .flat()
      .map((path) => resolve(folder, path)),
  );
