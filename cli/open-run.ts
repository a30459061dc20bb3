import { resolve } from 'node:path';
import type { Project } from '../pipeline/project.js';
import { readResults, runFolder } from '../storage/results/store.js';
import type { Observer } from '../storage/observer.js';
import type { Io } from './io.js';
import { openCommandProject } from './open-project.js';
import { unknownRun } from './unknown-run.js';

/** Which run of a project. */
export interface RunOpening {
  readonly configFile: string | undefined;
  readonly results: string | undefined;
  readonly run: string;
  /** Rows of each split; left out = those of the run. */
  readonly limit?: number | undefined;
  readonly observer: Observer;
  readonly keyless?: boolean;
}

/** Opens a project for one of its runs, with as many rows as that used. @throws CliError */
export async function openRunProject(
  io: Io,
  { configFile, results, run, limit, observer, keyless = false }: RunOpening,
): Promise<Project> {
  const flags = { name: run, ...(results === undefined ? {} : { results }) };
  const opening = { configFile, observer, keyless };
  const found = await openCommandProject(io, { ...opening, flags });
  const root = resolve(found.folder, found.config.results);
  let rows = limit;
  if (rows === undefined) {
    const [first] = await readResults(runFolder(root, run));
    if (first === undefined) throw await unknownRun(root, run);
    const stored = first.provenance['limit'];
    rows = typeof stored === 'number' ? stored : undefined;
  }
  if (rows === undefined) return found;
  return await openCommandProject(io, { ...opening, flags: { ...flags, limit: rows } });
}
