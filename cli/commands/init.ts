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
import { getHarnessFolder } from '../../core/packages.js';
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

/** Creates a project in the current folder, or a package in a folder of its name. */
export async function initCommand(
  kindName: string | undefined,
  name: string | undefined,
  options: InitFlags,
  io: Io,
): Promise<ExitCode> {
  const { version } = JSON.parse(
    await readFile(join(getHarnessFolder(), 'package.json'), 'utf8'),
  ) as { readonly version: string };
  let folder = io.cwd;
  let files: Files;
  if (kindName === undefined) {
    files = projectFiles(
      basename(io.cwd)
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-') || 'benchmark',
      version,
    );
  } else {
    const kind = parseChoice('the kind', kindName, KIND_NAMES, 'init');
    if (name === undefined || !NAME.test(name))
      throw new PipelineError('invalidOption', {
        option: 'the name',
        value: `"${name ?? ''}"`,
        problem: 'it must be in kebab-case, such as my-router',
        command: 'init',
      });
    const plugin: NewPlugin = {
      name,
      style: parseChoice('--style', options.style, STYLES, 'init'),
      harness: version,
    };
    files = KINDS[kind](plugin);
    folder = join(io.cwd, name);
  }
  const written = await writeNew(folder, files);
  const where = relative(io.cwd, folder) || '.';
  if (options.json === true) printJson(io, { folder: where, files: written });
  else {
    io.out(written.map((file) => `${join(where, file)}\n`).join(''));
    io.err(
      `Next: ${where === '.' ? '' : `cd ${where} && `}npm install, then ${kindName === undefined ? 'npx rxb run' : `npm test and npx rxb show ${name ?? ''}`}.\n`,
    );
  }
  return 0;
}
