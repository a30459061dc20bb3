/** What compare, check and baseline need of a project. */
import { resolve } from 'node:path';
import type { ResolvedConfig } from '../../core/config-schema.js';
import { HarnessError } from '../../core/errors.js';
import { ALL_METRICS } from '../../analysis/metrics/index.js';
import { openProject, type Project } from '../../pipeline/project.js';
import type { SearchFolders } from '../../pipeline/comparison/compared-run.js';
import { suggestion } from '../../core/util/closest.js';
import type { Io } from '../io.js';
import type { ReporterFlags } from '../reporters.js';

/** Flags that the three share. */
export interface GateFlags extends ReporterFlags {
  readonly results?: string;
  readonly run?: string;
}

/** Opens the project; its third-party packages are released, since no router is opened. */
export async function gateProject(
  options: GateFlags,
  io: Io,
): Promise<{
  readonly config: ResolvedConfig;
  readonly project: Project;
  readonly folders: SearchFolders;
  readonly folder: string;
  readonly results: string;
}> {
  const project = await openProject({
    cwd: io.cwd,
    configFile: options.config,
    env: io.env,
    ...(options.results === undefined ? {} : { flags: { results: options.results } }),
  });
  await project.registry.release();
  const { config, folder } = project;
  const known = ALL_METRICS.map(({ name }) => name);
  const wrong = Object.keys(config.gate.metrics).find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new HarnessError('invalidConfig', {
      path: `gate.metrics.${wrong}`,
      problem: `there is no metric with that name.${suggestion(wrong, known)}`,
    });
  return {
    config,
    project,
    folder,
    folders: { project: folder, results: config.results, cwd: io.cwd },
    results: resolve(folder, config.results),
  };
}
