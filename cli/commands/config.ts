/** The config with every default filled in, and where each value came from. */
import Table from 'cli-table3';
import { loadConfig } from '../../pipeline/config/load-config.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';

/** Flags of the command. */
export interface ConfigFlags extends GlobalOptions {
  readonly sources?: boolean;
}

/** Prints the config. */
export async function configCommand(options: ConfigFlags, io: Io): Promise<ExitCode> {
  const { config, sources } = await loadConfig({
    cwd: io.cwd,
    configFile: options.config,
    env: io.env,
  });
  if (options.sources !== true) printJson(io, config);
  else if (options.json === true) printJson(io, sources);
  else {
    const table = new Table({
      head: ['value of', 'is', 'from'],
      style: { head: [], border: [], compact: true },
    });
    for (const { path, value, source } of sources)
      table.push([path, JSON.stringify(value), source]);
    io.out(`${table.toString()}\n`);
  }
  return 0;
}
