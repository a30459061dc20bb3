/** `rxb init`: a benchmark project, or a plugin package. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { PipelineError } from '../../pipeline/errors.js';
import { datasetPackage } from '../init/dataset.js';
import { metricPackage } from '../init/metric.js';
import type { Files, NewPlugin, Style } from '../init/package-files.js';
import { projectFiles } from '../init/project.js';
import { routerPackage } from '../init/router.js';
import { reporterPackage } from '../init/reporter.js';
import { scorerPackage } from '../init/scorer.js';
import type { PluginKind } from '../../core/plugin.js';
import { openRegistry } from '../../pipeline/find-plugins.js';
import { sandboxHost } from '../../sandbox/host.js';
import { getHarnessFolder, getHarnessVersion } from '../../core/packages.js';
import { parseChoice } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { CliError } from '../errors.js';

/** Flags of the command. */
export interface InitFlags extends GlobalOptions {
  readonly style: string;
}

const KINDS = {
  router: routerPackage,
  dataset: datasetPackage,
  scorer: scorerPackage,
  metric: metricPackage,
  reporter: reporterPackage,
} as const;
const KIND_NAMES = Object.keys(KINDS) as readonly (keyof typeof KINDS)[];
const STYLES: readonly Style[] = ['define', 'decorators', 'javascript'];
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** @throws PipelineError where the name of a folder or plugin is missing or not in kebab-case */
function requireName(name: string | undefined): string {
  if (name !== undefined && NAME.test(name)) return name;
  throw new PipelineError('invalidOption', {
    option: 'the name',
    value: `"${name ?? ''}"`,
    problem: 'it must be in kebab-case, such as my-router',
    command: 'init',
  });
}

/**
 * Writes new files. If one of them exists, nothing is written. @throws CliError
 */
async function writeNew(folder: string, files: Files): Promise<readonly string[]> {
  for (const name of Object.keys(files)) {
    if ((await stat(join(folder, name)).catch(() => undefined)) !== undefined)
      throw new CliError('fileExists', { file: join(folder, name) });
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { flag: 'wx' });
  }
  return Object.keys(files).sort();
}

/** Files of a project that may be there: what they hold is the user's. */
const KEPT: readonly string[] = ['package.json', '.gitignore', '.npmrc'];

/** The files of a project that are not there yet, and those that are. */
async function splitProject(
  folder: string,
  files: Files,
): Promise<{ readonly missing: Files; readonly kept: readonly string[] }> {
  const kept: string[] = [];
  for (const name of KEPT)
    if ((await stat(join(folder, name)).catch(() => undefined)) !== undefined) kept.push(name);
  const missing = Object.entries(files).filter(([name]) => !kept.includes(name));
  return { missing: Object.fromEntries(missing), kept };
}

/** Whether the package.json of a folder depends on the harness. */
async function dependsOnHarness(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '');
  return text.includes('"routerxbench"');
}

/** A built-in plugin keeps its name. @throws PipelineError */
async function refuseBuiltIn(kind: PluginKind, name: string): Promise<void> {
  const registry = await openRegistry(getHarnessFolder(), [], sandboxHost());
  if (registry.has(kind, name))
    throw new PipelineError('invalidOption', {
      option: 'the name',
      value: `"${name}"`,
      problem: `a built-in ${kind} has that name`,
      command: 'init',
    });
}

/** Creates a project in the current folder, or a package in a folder of its name. */
export async function initCommand(
  kindName: string | undefined,
  name: string | undefined,
  options: InitFlags,
  io: Io,
): Promise<ExitCode> {
  const version = await getHarnessVersion();
  let folder = io.cwd;
  let files: Files;
  let kept: readonly string[] = [];
  const isProject = kindName === undefined || kindName === 'project';
  if (isProject) {
    if (name !== undefined) folder = join(io.cwd, requireName(name));
    files = projectFiles(
      basename(folder)
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-') || 'benchmark',
      version,
    );
    const split = await splitProject(folder, files);
    files = split.missing;
    kept = split.kept;
  } else {
    const kind = parseChoice('the kind', kindName, ['project', ...KIND_NAMES], 'init');
    if (kind === 'project') throw new Error('a project is no plugin');
    await refuseBuiltIn(kind, name ?? '');
    const plugin: NewPlugin = {
      name: requireName(name),
      style: parseChoice('--style', options.style, STYLES, 'init'),
      harness: version,
    };
    files = KINDS[kind](plugin);
    folder = join(io.cwd, plugin.name);
  }
  const written = await writeNew(folder, files);
  const where = relative(io.cwd, folder) || '.';
  if (options.json === true) printJson(io, { folder: where, files: written });
  else {
    io.out(written.map((file) => `${join(where, file)}\n`).join(''));
    if (kept.length > 0) io.err(`Left as they are: ${kept.join(', ')}.\n`);
    const installed = kept.includes('package.json') && (await dependsOnHarness(folder));
    const install = kept.includes('package.json') ? 'npm install routerxbench' : 'npm install';
    if (installed) io.err('Next: npx rxb run.\n');
    else
      io.err(
        `Next: ${where === '.' ? '' : `cd ${where} && `}${install}, then ${isProject ? 'npx rxb run' : `npm test and npx rxb show ${name ?? ''}`}.\n`,
      );
  }
  return 0;
}
