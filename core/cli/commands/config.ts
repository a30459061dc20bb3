/** The config with every default filled in, and where each value came from. */
import Table from 'cli-table3';
import { loadConfig } from '../../config.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';

/** Flags of the command. */
export interface ConfigFlags extends GlobalOptions {
  readonly sources?: boolean;
}

/** Prints the config. */
export async function configCommand(options: ConfigFlags, io: Io): Promise<ExitCode> {
  const { config, sources } = await loadConfig({ cwd: io.cwd, configFile: options.config, env: io.env });
  if (options.sources !== true) io.out(`${JSON.stringify(config, null, 2)}\n`);
  else if (options.json === true) io.out(`${JSON.stringify(sources, null, 2)}\n`);
  else {
    const table = new Table({ head: ['value of', 'is', 'from'], style: { head: [], border: [], compact: true } });
    for (const { path, value, source } of sources) table.push([path, JSON.stringify(value), source]);
    io.out(`${table.toString()}\n`);
  }
  return 0;
}
