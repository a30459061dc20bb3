/** cache ls, explain, prune, clear. */
import { relative } from 'node:path';
import { callParts } from '../../storage/cache/call-key.js';
import { clearCache, explainCall, listCache, pruneCache } from '../../storage/cache/inspect.js';
import { openModel } from '../../pipeline/configured-model.js';
import type { HarnessError } from '../../core/errors.js';
import { PipelineError } from '../../pipeline/errors.js';
import { openProject } from '../../pipeline/project.js';
import { answerSettings, buildChatPrompt, mergeGeneration } from '../../pipeline/prompts.js';
import { cacheFolder } from '../../pipeline/spending/spending.js';
import { suggestion } from '../../core/util/closest.js';
import { parseChoice, wholeNumber } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';

/** Flags of the command. */
export interface CacheFlags extends GlobalOptions {
  readonly olderThan?: string;
  readonly unused?: boolean;
  readonly yes?: boolean;
}

const ACTIONS = ['ls', 'explain', 'prune', 'clear'] as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const mebibytes = (bytes: number): string =>
  `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 2 : 0)} MiB`;

/** Runs one of the actions on the answer cache of the project. */
export async function cacheCommand(
  args: readonly string[],
  options: CacheFlags,
  io: Io,
): Promise<ExitCode> {
  const action = parseChoice('the action', args[0] ?? 'ls', ACTIONS, 'cache');
  const days = wholeNumber('--older-than', options.olderThan, 0, 'cache');
  const project = await openProject({ cwd: io.cwd, configFile: options.config, env: io.env });
  const root = cacheFolder(project);
  const json = options.json === true;
  const refuse = (option: string, value: string, problem: string): HarnessError =>
    new PipelineError('invalidOption', { option, value, problem, command: 'cache' });

  const getFingerprint = async (name: string): Promise<string> => {
    if (project.config.models[name] === undefined)
      throw refuse(
        'the model',
        `"${name}"`,
        `the config has no such model.${suggestion(name, Object.keys(project.config.models))}`,
      );
    const model = await openModel(project, name);
    try {
      return (await model.info()).fingerprint;
    } finally {
      await model.close?.();
    }
  };

  if (action === 'ls') {
    const models = await listCache(root);
    if (json) printJson(io, { folder: root, models });
    else if (models.length === 0)
      io.out(`The answer cache ${relative(io.cwd, root) || root} is empty.\n`);
    else
      for (const cacheModel of models)
        io.out(
          `${cacheModel.id}  ${cacheModel.models.join(', ') || 'no name recorded'}  ${cacheModel.entries} replies, ${mebibytes(cacheModel.bytes)}, ${cacheModel.first ?? ''} to ${cacheModel.last ?? ''}\n`,
        );
    return 0;
  }
  if (action === 'explain') {
    const [, name, question] = args;
    if (name === undefined || question === undefined)
      throw refuse(
        'the arguments of explain',
        '(none)',
        'the name of a model and a question are required',
      );
    const parts = callParts(
      await getFingerprint(name),
      'generate',
      buildChatPrompt(project.config, question),
      { ...answerSettings(mergeGeneration(project.config, name)) },
    );
    const { key, found, near } = await explainCall(root, parts);
    if (json) printJson(io, { key, parts, found, near });
    else {
      io.out(
        `key      ${key}\nmodel    ${parts.model}\nprompt   ${parts.prompt}\nsettings ${JSON.stringify(parts.settings)}\n`,
      );
      io.out(
        found === null
          ? 'not in the cache: asking would cost a call\n'
          : `in the cache since ${found.at}\n`,
      );
      for (const other of near)
        io.out(
          `the same prompt was asked at ${other.at} with another ${other.differs.join(', ')}\n`,
        );
    }
    return 0;
  }
  if (action === 'prune') {
    if (days === undefined && options.unused !== true)
      throw refuse(
        'the options of prune',
        '(none)',
        'say what to delete: --older-than DAYS, or --unused for models that the config does not have',
      );
    const used =
      options.unused === true
        ? await Promise.all(Object.keys(project.config.models).map(getFingerprint))
        : null;
    const outcome = await pruneCache(root, {
      before: days === undefined ? undefined : new Date(Date.now() - days * DAY_MS).toISOString(),
      ...(used === null
        ? {}
        : { keep: (id: string) => used.some((fingerprint) => fingerprint.startsWith(id)) }),
    });
    if (json) printJson(io, outcome);
    else io.out(`${outcome.removed} replies removed, ${outcome.kept} kept.\n`);
    return 0;
  }
  if (options.yes !== true)
    throw refuse(
      '--yes',
      '(not given)',
      'it is required, because replies that were paid for would be deleted',
    );
  await clearCache(root);
  if (json) printJson(io, { cleared: root });
  else io.out(`The answer cache ${relative(io.cwd, root) || root} is gone.\n`);
  return 0;
}
