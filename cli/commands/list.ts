/** The plugins that can be named. */
import Table from 'cli-table3';
import { loadConfig } from '../../pipeline/config/load-config.js';
import { HarnessError } from '../../core/errors.js';
import { PipelineError } from '../../pipeline/errors.js';
import type { PluginKind } from '../../core/plugin.js';
import { isPluginPackage, type UnusablePlugins } from '../../core/packages.js';
import { getIsolationSettings } from '../../pipeline/project.js';
import type { Registry } from '../../core/registry.js';
import { openRegistry } from '../../pipeline/find-plugins.js';
import { suggestion } from '../../core/util/closest.js';
import { sandboxHost } from '../../sandbox/host.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';

const KINDS: Readonly<Record<string, PluginKind>> = {
  routers: 'router',
  router: 'router',
  datasets: 'dataset',
  dataset: 'dataset',
  scorers: 'scorer',
  scorer: 'scorer',
  models: 'model',
  model: 'model',
  metrics: 'metric',
  metric: 'metric',
  reporters: 'reporter',
  reporter: 'reporter',
};

/** The registry of the project; without a config, that of the harness and of this folder. */
export async function registryAt(options: GlobalOptions, io: Io): Promise<Registry> {
  const open = async (): Promise<Registry> => {
    try {
      const loaded = await loadConfig({ cwd: io.cwd, configFile: options.config, env: io.env });
      // in a plugin package inside a benchmark, the plugins of that package are listed too
      const here = loaded.folder !== io.cwd && (await isPluginPackage(io.cwd)) ? [io.cwd] : [];
      return await openRegistry(
        loaded.folder,
        [...loaded.config.plugins, ...here],
        sandboxHost(getIsolationSettings(loaded)),
      );
    } catch (error) {
      if (!(error instanceof HarnessError) || error.kind !== 'configNotFound') throw error;
      return await openRegistry(io.cwd, [], sandboxHost()); // no config yet
    }
  };
  const registry = await open();
  await registry.release(); // what they declare is enough
  return registry;
}

/** Plugins that cannot be used, among those that can. */
const unusableData = ({ package: from, error }: UnusablePlugins): object => ({
  kind: 'unusable',
  name: from,
  summary: error.problem,
  aliases: [],
  package: from,
  version: '',
  error: { code: error.code, problem: error.problem, fix: error.fix },
});

/** Prints name, package and summary of each plugin; and what cannot be used, with the reason. */
export async function listCommand(
  kindName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<ExitCode> {
  const kind = kindName === undefined ? undefined : KINDS[kindName];
  if (kindName !== undefined && kind === undefined) {
    throw new PipelineError('invalidOption', {
      option: 'the kind',
      value: `"${kindName}"`,
      problem: `it must be one of routers, datasets, scorers, models, metrics, reporters.${suggestion(kindName, Object.keys(KINDS))}`,
      command: 'list',
    });
  }
  const registry = await registryAt(options, io);
  const plain = registry.list(kind).map(({ mark, package: from, source }) => ({
    kind: mark.kind,
    name: mark.definition.name,
    summary: mark.definition.summary,
    aliases: mark.definition.aliases ?? [],
    package: from,
    version: source.version,
  }));
  const { unusable } = registry.plugins;
  if (options.json === true) printJson(io, [...plain, ...unusable.map(unusableData)]);
  else {
    const table = new Table({
      head: ['kind', 'name', 'package', 'summary'],
      style: { head: [], border: [], compact: true },
    });
    for (const { kind: entryKind, name, package: from, summary } of plain)
      table.push([entryKind, name, from, summary]);
    for (const { package: from, error } of unusable)
      table.push(['✖', error.code, from, `${error.problem} ${error.fix}`]);
    io.out(`${table.toString()}\n`);
  }
  return 0;
}
