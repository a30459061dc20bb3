/** serve and stop: the servers of models whose backend can run them. */
import { relative } from 'node:path';
import { openModel } from '../../pipeline/configured-model.js';
import type { Model, ServerState, Serving } from '../../core/contracts.js';
import { PipelineError } from '../../pipeline/errors.js';
import type { Project } from '../../pipeline/project.js';
import { openCommandProject } from '../open-project.js';
import { suggestion } from '../../core/util/closest.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { progress } from '../progress.js';
import { CliError } from '../errors.js';

/** Flags of both commands. */
export interface ServeFlags extends GlobalOptions {
  /** serve: print what would be run, and run nothing. */
  readonly print?: boolean;
  readonly results?: string;
}

interface Served {
  readonly name: string;
  readonly model: Model;
  readonly serving: Serving;
}

interface Opened {
  readonly name: string;
  readonly model: Model;
}

const closeAll = async (models: readonly Opened[]): Promise<void> => {
  await Promise.all(models.map(({ model }) => model.close?.()));
};

/** Refuses names that the config does not have. */
function requireKnown({ config }: Project, names: readonly string[], command: string): void {
  const known = Object.keys(config.models);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new PipelineError('invalidOption', {
      option: 'the model',
      value: `"${unknown}"`,
      problem: `the config has no such model; it has ${known.join(', ')}.${suggestion(unknown, known)}`,
      command,
    });
}

/** Names of the models that have servers. One that cannot be opened is not among them. */
async function modelsWithServers(project: Project): Promise<readonly string[]> {
  const opened = await Promise.allSettled(
    Object.keys(project.config.models).map(async (name): Promise<Opened> => ({
      name,
      model: await openModel(project, name),
    })),
  );
  const models = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  await closeAll(models);
  return models.filter(({ model }) => model.serving !== undefined).map(({ name }) => name);
}

/** The models of these names, or every one whose backend has servers. */
async function servedModels(
  project: Project,
  names: readonly string[],
  command: string,
): Promise<readonly Served[]> {
  requireKnown(project, names, command);
  const wanted = Object.keys(project.config.models).filter(
    (name) => names.length === 0 || names.includes(name),
  );
  const models = await Promise.all(
    wanted.map(async (name): Promise<Opened> => ({ name, model: await openModel(project, name) })),
  );
  const served = models.flatMap(({ name, model }): readonly Served[] =>
    model.serving === undefined ? [] : [{ name, model, serving: model.serving }],
  );
  const without = models.find(({ model }) => model.serving === undefined);
  // without names, models that have no servers are left out
  if (without === undefined || (names.length === 0 && served.length > 0)) return served;
  await closeAll(models);
  const able = await modelsWithServers(project);
  throw new CliError('noManagedServer', {
    model: without.name,
    backend: project.config.models[without.name]?.use ?? '',
    able: able.join(', ') || 'none in this config',
  });
}

const inWords = (name: string, { url, state, pid, log }: ServerState, cwd: string): string => {
  const facts = [
    ...(pid === undefined || state === 'absent' ? [] : [`pid ${pid}`]),
    ...(log === undefined ? [] : [`log ${relative(cwd, log) || log}`]),
  ];
  const what = {
    started: 'started',
    running: 'already running',
    stopped: 'stopped',
    absent: 'nothing to stop: it was not started here, or it has ended',
  }[state];
  return `${name}  ${url}  ${what}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}\n`;
};

/** Starts or stops the servers of models. */
export async function serveCommand(
  action: 'serve' | 'stop',
  names: readonly string[],
  options: ServeFlags,
  io: Io,
): Promise<ExitCode> {
  const observer = progress(io, false);
  const flags = options.results === undefined ? {} : { results: options.results };
  const project = await openCommandProject(io, {
    configFile: options.config,
    flags,
    observer,
    signal: io.signal,
  });
  const models = await servedModels(project, names, action);
  await project.registry.release();
  const states: { readonly model: string; readonly server: ServerState }[] = [];
  try {
    if (options.print === true) {
      const commands = models.flatMap(({ name, serving }) =>
        serving.commands().map((command) => ({ model: name, command })),
      );
      if (options.json === true) printJson(io, { commands });
      else io.out(commands.map(({ command }) => `${command}\n`).join(''));
      return 0;
    }
    const ends = await Promise.allSettled(
      models.map(async ({ name, serving }) => {
        for (const server of action === 'serve'
          ? await serving.start(io.signal)
          : await serving.stop())
          states.push({ model: name, server });
      }),
    );
    // servers of other models that did start keep running, and are listed
    if (options.json !== true)
      io.out(states.map(({ model, server }) => inWords(model, server, io.cwd)).join(''));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (options.json === true)
      printJson(io, { servers: states.map(({ model, server }) => ({ model, ...server })) });
    return 0;
  } finally {
    observer.end();
    await closeAll(models);
  }
}
