/** cache ls, explain, prune, clear. */
import { relative } from 'node:path';
import { PipelineError } from '../../pipeline/errors.js';
import { callParts, type CallParts } from '../../storage/cache/call-key.js';
import { clearCache, explainCall, listCache, pruneCache } from '../../storage/cache/inspect.js';
import { openModel } from '../../pipeline/configured-model.js';
import { HarnessError } from '../../core/errors.js';
import type { Project } from '../../pipeline/project.js';
import { openCommandProject } from '../open-project.js';
import { cacheFolder } from '../../pipeline/spending/spending.js';
import { suggestion } from '../../core/util/closest.js';
import { parseChoice, wholeNumber } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { countText } from '../../analysis/util/count-text.js';

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

const refuse = (option: string, value: string, problem: string): HarnessError =>
  new PipelineError('invalidOption', { option, value, problem, command: 'cache' });

/** What the actions share. */
interface CacheCall {
  readonly project: Project;
  /** Folder of the cache. */
  readonly root: string;
  readonly json: boolean;
  readonly io: Io;
}

/** The fingerprint of a model of the config, under which its replies are kept. */
async function getFingerprint({ project }: CacheCall, name: string): Promise<string> {
  const known = Object.keys(project.config.models);
  if (!known.includes(name))
    throw refuse(
      'the model',
      `"${name}"`,
      `the config has no such model.${suggestion(name, known)}`,
    );
  const model = await openModel(project, name);
  try {
    return (await model.info()).fingerprint;
  } finally {
    await model.close?.();
  }
}

async function listReplies({ root, json, io }: CacheCall): Promise<void> {
  const models = await listCache(root);
  if (json) printJson(io, { folder: root, models });
  else if (models.length === 0)
    io.out(`The reply cache ${relative(io.cwd, root) || root} is empty.\n`);
  else
    for (const { id, models: names, entries, damaged, bytes, first, last } of models)
      io.out(
        `${id}  ${names.join(', ') || 'no name recorded'}  ${countText(entries, 'reply', 'replies')}, ${mebibytes(bytes)}, ${first ?? ''} to ${last ?? ''}${damaged === 0 ? '' : `, ${countText(damaged, 'damaged line', 'damaged lines')}`}\n`,
      );
}

/** The call that a question to a model would be. */
async function buildCall(call: CacheCall, name: string, question: string): Promise<CallParts> {
  const { config } = call.project;
  const { system, ...generation } = config.generation;
  const overrides = Object.fromEntries(
    Object.entries(config.models[name]?.generation ?? {}).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const user = { role: 'user', content: question };
  const messages = system === undefined ? [user] : [{ role: 'system', content: system }, user];
  return callParts(
    await getFingerprint(call, name),
    'generate',
    { form: 'chat', messages },
    { ...generation, ...overrides, n: 1 },
  );
}

async function explainReply(call: CacheCall, name?: string, question?: string): Promise<void> {
  if (name === undefined || question === undefined)
    throw refuse(
      'the arguments of explain',
      '(none)',
      'the name of a model and a question are required',
    );
  const { root, json, io } = call;
  const parts = await buildCall(call, name, question);
  const { key, found, near } = await explainCall(root, parts);
  if (json) {
    printJson(io, { key, parts, found, near });
    return;
  }
  const { model, prompt, settings } = parts;
  io.out(
    `key      ${key}\nmodel    ${model}\nprompt   ${prompt}\nsettings ${JSON.stringify(settings)}\n`,
  );
  io.out(
    found === null
      ? 'not in the cache: a call would be needed\n'
      : `in the cache since ${found.at}\n`,
  );
  for (const other of near)
    io.out(`the same prompt was sent at ${other.at} with another ${other.differs.join(', ')}\n`);
}

/** Nothing that was paid for is deleted as a whole without a word from the user. */
const notConfirmed = (replies?: number): HarnessError =>
  refuse(
    '--yes',
    '(not given)',
    `it is required, because ${replies === undefined ? '' : `all ${replies} `}replies that were paid for would be deleted`,
  );

async function pruneReplies(
  call: CacheCall,
  days: number | undefined,
  unused: boolean,
  confirmed: boolean,
): Promise<void> {
  const { project, root, json, io } = call;
  if (days === undefined && !unused)
    throw refuse(
      'the options of prune',
      '(none)',
      'choose what to delete: --older-than DAYS, or --unused for models that the config does not have',
    );
  const names = unused ? Object.keys(project.config.models) : [];
  const used = await Promise.all(names.map((name) => getFingerprint(call, name)));
  const isUsed = (id: string): boolean => used.some((fingerprint) => fingerprint.startsWith(id));
  const which = {
    before: days === undefined ? undefined : new Date(Date.now() - days * DAY_MS).toISOString(),
    ...(unused ? { keep: isUsed } : {}),
  };
  if (!confirmed) {
    const { removed, kept } = await pruneCache(root, { ...which, dryRun: true });
    if (days === 0 || (removed > 0 && kept === 0)) throw notConfirmed(removed);
  }
  const outcome = await pruneCache(root, which);
  if (json) printJson(io, outcome);
  else io.out(`${countText(outcome.removed, 'reply', 'replies')} removed, ${outcome.kept} kept.\n`);
}

async function clearReplies({ root, json, io }: CacheCall, confirmed: boolean): Promise<void> {
  if (!confirmed) throw notConfirmed();
  await clearCache(root);
  if (json) printJson(io, { cleared: root });
  else io.out(`The reply cache ${relative(io.cwd, root) || root} was removed.\n`);
}

/** Runs one of the actions on the reply cache of the project. */
export async function cacheCommand(
  args: readonly string[],
  options: CacheFlags,
  io: Io,
): Promise<ExitCode> {
  const action = parseChoice('the action', args[0] ?? 'ls', ACTIONS, 'cache');
  const days = wholeNumber('--older-than', options.olderThan, 0, 'cache');
  const project = await openCommandProject(io, { configFile: options.config, keyless: true });
  const root = cacheFolder(project);
  const call: CacheCall = { project, root, json: options.json === true, io };
  if (action === 'ls') await listReplies(call);
  else if (action === 'explain') await explainReply(call, args[1], args[2]);
  else if (action === 'prune')
    await pruneReplies(call, days, options.unused === true, options.yes === true);
  else await clearReplies(call, options.yes === true);
  return 0;
}
