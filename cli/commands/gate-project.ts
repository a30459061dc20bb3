/** What compare, check and baseline need of a project. */
import { resolve } from 'node:path';
import type { ResolvedConfig } from '../../core/config-schema.js';
import type { MetricDefinition } from '../../core/definitions.js';
import { PipelineError } from '../../pipeline/errors.js';
import {
  getMetricDefinitions,
  suggestMetric,
  type ProjectMetric,
} from '../../pipeline/planning/metrics.js';
import { getProjectMetrics } from '../../pipeline/project-metrics.js';
import type { Project } from '../../pipeline/project.js';
import { openCommandProject } from '../open-project.js';
import type { SearchFolders } from '../../pipeline/comparison/compared-run.js';
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
  readonly metrics: readonly ProjectMetric[];
  readonly definitions: readonly MetricDefinition[];
}> {
  const project = await openCommandProject(io, {
    configFile: options.config,
    ...(options.results === undefined ? {} : { flags: { results: options.results } }),
  });
  const metrics = await getProjectMetrics(project);
  await project.registry.release();
  const { config, folder } = project;
  const definitions = getMetricDefinitions(metrics);
  const known = definitions.map(({ name }) => name);
  const wrong = Object.keys(config.gate.metrics).find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new PipelineError('invalidConfig', {
      path: `gate.metrics.${wrong}`,
      problem: `there is no metric with that name.${suggestMetric(project.registry, wrong, known)}`,
    });
  return {
    config,
    project,
    folder,
    folders: { project: folder, results: config.results, cwd: io.cwd },
    results: resolve(folder, config.results),
    metrics,
    definitions,
  };
}
