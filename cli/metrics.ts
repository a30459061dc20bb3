import { loadConfig, type LoadedConfig } from '../pipeline/config/load-config.js';
import { HarnessError } from '../core/errors.js';
import type { ProjectMetric } from '../pipeline/planning/metrics.js';
import { openMetrics } from '../pipeline/project-metrics.js';
import type { GlobalOptions, Io } from './io.js';

/** The metrics of the project at hand; the built-in ones where there is no config. */
export async function metricsAt(options: GlobalOptions, io: Io): Promise<readonly ProjectMetric[]> {
  let loaded: LoadedConfig | undefined;
  try {
    loaded = await loadConfig({ cwd: io.cwd, configFile: options.config, env: io.env });
  } catch (error) {
    if (!(error instanceof HarnessError) || error.kind !== 'configNotFound') throw error;
  }
  return await openMetrics(loaded);
}
