/**
 * What compare, check and baseline need of a project: its config, its metrics, and where results
 * are.
 */
import { resolve } from 'node:path';
import { loadConfig } from '../../pipeline/config/load-config.js';
import type { ResolvedConfig } from '../../core/config-schema.js';
import { PipelineError } from '../../pipeline/errors.js';
import type { MetricDefinition } from '../../core/definitions.js';
import { getMetricDefinitions, type ProjectMetric } from '../../pipeline/planning/metrics.js';
import { openMetrics } from '../../pipeline/project-metrics.js';
import type { SearchFolders } from '../../pipeline/comparison/compared-run.js';
import { suggestion } from '../../core/util/closest.js';
import type { GlobalOptions, Io } from '../io.js';

/** Flags that the three share. */
export interface GateFlags extends GlobalOptions {
  readonly results?: string;
  readonly run?: string;
}

/** The config and the places. */
export async function gateProject(
  options: GateFlags,
  io: Io,
): Promise<{
  readonly config: ResolvedConfig;
  readonly folders: SearchFolders;
  readonly folder: string;
  readonly results: string;
  readonly metrics: readonly ProjectMetric[];
  readonly definitions: readonly MetricDefinition[];
}> {
  const loaded = await loadConfig({
    cwd: io.cwd,
    configFile: options.config,
    env: io.env,
    ...(options.results === undefined ? {} : { flags: { results: options.results } }),
  });
  const { config, folder } = loaded;
  const metrics = await openMetrics(loaded);
  const definitions = getMetricDefinitions(metrics);
  const known = definitions.map(({ name }) => name);
  const wrong = Object.keys(config.gate.metrics).find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new PipelineError('invalidConfig', {
      path: `gate.metrics.${wrong}`,
      problem: `there is no metric with that name.${suggestion(wrong, known)}`,
    });
  return {
    config,
    folder,
    folders: { project: folder, results: config.results, cwd: io.cwd },
    results: resolve(folder, config.results),
    metrics,
    definitions,
  };
}
