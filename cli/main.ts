#!/usr/bin/env node
/**
 * The command line. Only this file touches the process; every command's code is loaded when it is
 * called.
 */
import { readFileSync } from 'node:fs';
import { guard } from './process-guard.js';
import { Argument, Command, CommanderError } from 'commander';
import { z } from 'zod';
import type { AcceptFlags } from './commands/baseline.js';
import type { PairsFlags } from './commands/pairs.js';
import type { CalibrateFlags } from './commands/calibrate.js';
import type { CheckRouterFlags } from './commands/check-router.js';
import type { CheckFlags } from './commands/check.js';
import type { CompareFlags } from './commands/compare.js';
import type { CacheFlags } from './commands/cache.js';
import type { ConfigFlags } from './commands/config.js';
import type { FinetuneFlags } from './commands/finetune.js';
import type { InitFlags } from './commands/init.js';
import type { LeaderboardFlags } from './commands/leaderboard.js';
import type { MeasureFlags } from './commands/measure.js';
import type { QuestionFlags } from './commands/question.js';
import type { ScoreFlags } from './commands/score.js';
import type { ServeFlags } from './commands/serve.js';
import type { StageFlags } from './commands/stages.js';
import { CliError } from './errors.js';
import type { ExitCode, GlobalOptions, Io } from './io.js';
import { watchProcess } from './process-watch.js';

const stop = new AbortController();
const { writeOut, exit } = guard(process);
const isSet = (name: string): boolean => (process.env[name] ?? '') !== '';
const releases: (() => Promise<void>)[] = [];
let rejectStuck: (error: Error) => void = () => {};
/** Rejects if nothing is left that could end the command: Node.js would exit without a word. */
const stuck = new Promise<never>((_resolve, reject) => {
  rejectStuck = reject;
});
const refuseWaiting = (): void => rejectStuck(new CliError('neverSettled'));
const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  out: (text) => void writeOut(text),
  err: (text) => void process.stderr.write(text),
  columns: () =>
    process.stderr.isTTY && !isSet('CI') && process.env['TERM'] !== 'dumb'
      ? process.stderr.columns
      : null,
  width: process.stdout.isTTY ? process.stdout.columns : undefined,
  colour:
    process.stdout.isTTY &&
    !isSet('NO_COLOR') &&
    process.env['TERM'] !== 'dumb' &&
    !process.argv.includes('--no-color'),
  signal: stop.signal,
  atEnd: (release) => void releases.push(release),
  process: watchProcess(process, refuseWaiting),
};

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

const STOP_SECONDS = 30;
const LEFT_OPEN_MS = 1000;

let exitCode: ExitCode = 0;
const program = new Command('rxb')
  .description(
    'Benchmarks LLM routers: which queries can a weak model keep, and which router can tell.',
  )
  .version(version)
  .option('--no-color', 'no colours')
  .configureOutput({ writeOut: io.out })
  .exitOverride()
  .showHelpAfterError('(see --help)');

/**
 * Adds a command with the flags that every command has. `Options` says what its flags hold after
 * parsing.
 */
function command<Options extends GlobalOptions>(
  name: string,
  description: string,
  run: (args: readonly string[], options: Options) => Promise<ExitCode>,
): Command {
  return program
    .command(name)
    .description(description)
    .option('--config <file>', 'config to use instead of the nearest harness.config.*')
    .option('--json', 'print the result as JSON, and nothing else, on stdout')
    .option('--no-color', 'no colours')
    .action(async (...given: unknown[]) => {
      const subcommand = given.at(-1) as Command;
      const options = subcommand.opts<Options>();
      try {
        exitCode = await run(subcommand.args, options);
      } catch (error) {
        const { printFailure } = await import('./print-errors.js');
        exitCode = printFailure(error, options.json === true, io);
      } finally {
        await Promise.all(releases.map((release) => release()));
      }
    });
}

/** Values of an option that may be given several times. */
const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** Adds `--reporter` to a command that reports. */
const withReporters = (own: Command): Command =>
  own.option(
    '--reporter <name[=file]>',
    'how the result is written, in place of `reporters` of the config; may be repeated',
    collect,
  );

const STAGES = {
  run: [
    'Prepare, train and evaluate; the same command again resumes where it stopped',
    ['prepare', 'train', 'eval'],
  ],
  prepare: ['Make answers, grades and signals', ['prepare']],
  train: ['Fit the routers that learn', ['train']],
  eval: ['Score, join and measure; write the results and the leaderboard', ['eval']],
} as const;

for (const [name, [description, stages]] of Object.entries(STAGES)) {
  const own = command<StageFlags>(name, description, async (_args, options) => {
    const { stagesCommand } = await import('./commands/stages.js');
    return await stagesCommand(name, stages, options, io);
  })
    .option('--datasets <names>', 'only these datasets of the config, separated by commas')
    .option('--routers <names>', 'only these routers, separated by commas')
    .option('--limit <rows>', 'at most this many rows of each split')
    .option('--seed <number>', 'seed for drawing, splitting and shuffling rows')
    .option('--results <folder>', 'folder of results')
    .option('--name <run>', 'name of the run')
    .option('--data-dir <folder>', 'folder with local copies of the files of datasets')
    .option('--offline', 'download no file of a dataset, and use only replies from the reply cache')
    .option(
      '--trust <packages>',
      'run the routers of these packages, or of all, without the sandbox; their rows are unverified',
    )
    .option('--quiet', 'no progress');
  if (name !== 'train')
    own.option(
      '--perturb',
      'show routers some rephrased test queries: robustness of their decisions',
    );
  if (name === 'prepare' || name === 'run') {
    own
      .option('--dry-run', 'count the remaining calls, tokens and dollars without calling a model')
      .option('--budget-usd <dollars>', 'stop before more than this is spent')
      .option('--max-errors <count>', 'stop when more requests than this have failed')
      .option('--retry-errors', 'ask again for rows that failed in an earlier call');
  }
  if (name === 'prepare')
    own.option(
      '--check',
      'only check that all data is present and valid, and which splits share questions',
    );
  if (name === 'prepare')
    own.option(
      '--only <parts>',
      'answers, grades, logits, hidden-states, embeddings, class-logits, samples, sample-embeddings, replies, choice-logprobs, entailment',
    );
  if (name === 'eval' || name === 'run')
    withReporters(own).option(
      '--metric <name>',
      'metric of the printed table; default: the one that ranks',
    );
  if (name === 'eval')
    own.option(
      '--weights <folder>',
      'score with the weights of another run (its folder under results/runs)',
    );
}

command<FinetuneFlags>(
  'finetune',
  'Fine-tune a DeBERTa classifier on the in-domain training splits',
  async ([base, out], options) => {
    const { finetuneCommand } = await import('./commands/finetune.js');
    return await finetuneCommand(base as string, out as string, options, io);
  },
)
  .argument('<base>', 'Hugging Face folder of DeBERTa-v2 or -v3 to start from')
  .argument('<out>', 'folder to write')
  .option('--epochs <number>', 'passes over the rows (default: 3)')
  .option('--learning-rate <rate>', 'learning rate at the start; it decays to 0 (default: 2e-5)')
  .option('--weight-decay <decay>', 'weight decay of AdamW (default: 0.01)')
  .option('--batch-size <rows>', 'rows per step (default: 16)')
  .option('--max-tokens <tokens>', 'longer queries are cut (default: 512)')
  .option(
    '--training-seed <number>',
    'seed of a new head, the order of rows and dropout (default: 1)',
  )
  .option('--device <name>', 'auto, cpu or cuda (default: auto)')
  .option('--python <command>', 'a Python with torch (default: RXB_PYTHON, or python3)')
  .option('--limit <rows>', 'at most this many rows of each split')
  .option('--results <folder>', 'folder of results')
  .option('--quiet', 'no progress');

command<InitFlags>(
  'init',
  'Create a benchmark project here, or a plugin package',
  async ([kind, name], options) => {
    const { initCommand } = await import('./commands/init.js');
    return await initCommand(kind, name, options, io);
  },
)
  .argument(
    '[kind]',
    'project, router, dataset, scorer, metric or reporter; left out = a project here',
  )
  .argument('[name]', 'name of the plugin or project and of its folder')
  .option('--style <name>', 'define (TypeScript), decorators (TypeScript) or javascript', 'define');

command(
  'list',
  'List routers, datasets, scorers, models, metrics and reporters',
  async ([kind], options) => {
    const { listCommand } = await import('./commands/list.js');
    return await listCommand(kind, options, io);
  },
).argument('[kind]', 'routers, datasets, scorers, models, metrics or reporters');

command<CheckRouterFlags>(
  'check-router',
  'Check that the routers of a package keep their contract, in any language',
  async ([folder = '.'], options) => {
    const { checkRouterCommand } = await import('./commands/check-router.js');
    return await checkRouterCommand(folder, options, io);
  },
)
  .argument('[folder]', 'folder of the package; default: this one')
  .option('--router <name>', 'check this router only')
  .option('--options <json>', 'options of the router, as a JSON object')
  .option('--trust', 'run it even where there is no sandbox');

command<QuestionFlags>(
  'question',
  'Show one question of a run: answers, grades with reasons, confidences',
  async (args, options) => {
    const { questionCommand } = await import('./commands/question.js');
    return await questionCommand(args, options, io);
  },
)
  .argument('<run>', 'name of the run: its folder under results/runs')
  .argument('<id>', 'id of the question, or DATASET/ID')
  .option('--results <folder>', 'folder of results');

command('show', 'Show what a plugin does and needs, and its options', async ([name], options) => {
  const { showCommand } = await import('./commands/show.js');
  return await showCommand(name as string, options, io);
}).argument('<plugin>');

withReporters(
  command<LeaderboardFlags>(
    'leaderboard',
    'Print the leaderboard of the last whole run, or of one by its name',
    async ([run], options) => {
      const { leaderboardCommand } = await import('./commands/leaderboard.js');
      return await leaderboardCommand({ ...options, ...(run && { name: run }) }, io);
    },
  ),
)
  .argument('[run]', 'run to print; default: the last one of all that its config describes')
  .option('--name <run>', 'the same')
  .option('--metric <name>', 'metric of the table; default: the one that ranks')
  .option(
    '--table <name>',
    'paper: the two tables of the paper, with its published numbers; robustness: decisions on rephrased queries; routing: what deciding takes',
  )
  .option('--decides <when>', 'before or after: only routers that decide then, and their ranks')
  .option('--format <name>', 'table, markdown, csv or json; latex with --table paper')
  .option('--results <folder>', 'folder of results');

withReporters(
  command<CompareFlags>(
    'compare',
    'Compare two runs, files or commits: paired differences and flipped queries',
    async ([baseline, candidate], options) => {
      const { compareCommand } = await import('./commands/compare.js');
      return await compareCommand([baseline as string, candidate as string], options, io);
    },
  ),
)
  .argument('<baseline>', 'a run, a baseline or leaderboard file (.json), git:REF or git:REF:PATH')
  .argument('<candidate>', 'what to compare with it, in the same forms')
  .option('--metrics <names>', 'metrics, separated by commas; default: those of the gate')
  .option('--routers <names>', 'only these routers, separated by commas')
  .option('--call-rate <share>', 'call rate at which decisions are compared', '0.5')
  .option('--flips <number>', 'flipped queries to list for each router and set', '5')
  .option('--results <folder>', 'folder of results');

withReporters(
  command<CheckFlags>(
    'check',
    'The gate: is the run no worse than its baseline?',
    async (_args, options) => {
      const { checkCommand } = await import('./commands/check.js');
      return await checkCommand(options, io);
    },
  ),
)
  .option('--baseline <source>', 'a file, a run or git:REF; default: results/baseline.json')
  .option('--run <name>', 'run to check; default: the one the config names')
  .option('--strict', 'exit with code 5 if the data are inconclusive')
  .option('--junit <file>', 'write JUnit XML')
  .option('--markdown <file>', 'write Markdown')
  .option('--results <folder>', 'folder of results');

command<AcceptFlags>(
  'baseline',
  'Make the run the baseline that the gate compares with',
  async (_args, options) => {
    const { acceptCommand } = await import('./commands/baseline.js');
    return await acceptCommand(options, io);
  },
)
  .addArgument(new Argument('<action>', 'what to do').choices(['accept']))
  .requiredOption('--reason <text>', 'why it is accepted')
  .option('--run <name>', 'run to accept; default: the one the config names')
  .option('--no-rows', 'leave out the order of queries: smaller, but comparisons are unpaired')
  .option('--results <folder>', 'folder of results');

command<MeasureFlags>(
  'measure',
  'Compute every metric for rows of your own',
  async ([file], options) => {
    const { measureCommand } = await import('./commands/measure.js');
    return await measureCommand(file as string, options, io);
  },
)
  .argument(
    '<file>',
    'JSONL rows { id, weak, strong, confidence }; with weakCost and strongCost, costs are measured too',
  )
  .option('--calibrated', 'confidences are log-odds that the label is 1: adds brier and ece')
  .option('--probabilities', 'the same for confidences that are probabilities, 0 to 1')
  .option(
    '--label <rule>',
    'what a label of 1 means: weak-correct or weak-at-least-strong',
    'weak-correct',
  )
  .option('--scale <top>', 'grades go from 0 to this', '1')
  .option('--low-band <a,b>', 'call rates of lpm', '0.25,0.3')
  .option('--recovery-band <a,b>', 'recoveries of hcr', '0.85,0.95');

withReporters(
  command<PairsFlags>(
    'pairs',
    'Run the config for every pair of recorded models, and compare the pairs in one table',
    async (_args, options) => {
      const { pairsCommand } = await import('./commands/pairs.js');
      return await pairsCommand(options, io);
    },
  ),
)
  .option('--models <names>', 'only pairs of these recorded models, separated by commas')
  .option('--datasets <names>', 'only these datasets of the config, separated by commas')
  .option('--routers <names>', 'only these routers, separated by commas')
  .option('--limit <rows>', 'at most this many rows of each split')
  .option('--results <folder>', 'folder of results')
  .option('--quiet', 'no progress');

command<ScoreFlags>(
  'score',
  'Grade the stored answers of a run with other scorers; both gradings are kept',
  async ([run], options) => {
    const { scoreCommand } = await import('./commands/score.js');
    return await scoreCommand(run as string, options, io);
  },
)
  .argument('<run>', 'name of the run: its folder under results/runs')
  .requiredOption(
    '--scorer <names>',
    'scorer, or several separated by commas: each one grades what those before it could not',
  )
  .option('--datasets <names>', 'only these datasets of the config, separated by commas')
  .option('--limit <rows>', 'rows of each split; default: those of the run')
  .option('--results <folder>', 'folder of results')
  .option('--quiet', 'no progress');

command<CalibrateFlags>(
  'calibrate',
  'Measure how far a scorer agrees with another one, or with labels of your own',
  async ([scorer], options) => {
    const { calibrateCommand } = await import('./commands/calibrate.js');
    return await calibrateCommand(scorer as string, options, io);
  },
)
  .argument('<scorer>', 'scorer, or several separated by commas')
  .requiredOption(
    '--against <name>',
    'another scorer, or a JSONL file of { answer, reference, value }',
  )
  .option('--datasets <names>', 'only these datasets of the config, separated by commas')
  .option('--limit <rows>', 'at most this many rows of each split')
  .option('--threshold <share>', 'share of the scale from which a grade counts as good')
  .option('--results <folder>', 'folder of results')
  .option('--quiet', 'no progress');

command<CacheFlags>('cache', 'List, explain or remove cached replies', async (args, options) => {
  const { cacheCommand } = await import('./commands/cache.js');
  return await cacheCommand(args, options, io);
})
  .argument('[action]', 'ls, explain MODEL QUESTION, prune or clear')
  .argument('[words...]')
  .option('--older-than <days>', 'prune: remove replies older than this')
  .option('--unused', 'prune: remove replies of models that the config does not have')
  .option('--yes', 'clear, or prune that leaves nothing: confirm');

for (const [name, description] of [
  ['serve', 'Start the servers of models, and leave them running'],
  ['stop', 'Stop the servers that were started'],
] as const) {
  const own = command<ServeFlags>(name, description, async (models, options) => {
    const { serveCommand } = await import('./commands/serve.js');
    return await serveCommand(name, models, options, io);
  })
    .argument(
      '[models...]',
      'names in the config, such as weak; default: all models that have servers',
    )
    .option('--results <folder>', 'folder of results, where logs and records are');
  if (name === 'serve') own.option('--print', 'print the commands without running them');
}

command('doctor', 'Check what is installed, configured and writable', async (_args, options) => {
  const { doctorCommand } = await import('./commands/doctor.js');
  return await doctorCommand(options, io);
});

command<ConfigFlags>(
  'config',
  'Print the config with every default filled in',
  async (_args, options) => {
    const { configCommand } = await import('./commands/config.js');
    return await configCommand(options, io);
  },
).option('--sources', 'print where each value comes from');

/** Stops the command; one that does not stop in time is ended. */
function stopCommand(reason: string): void {
  stop.abort(new Error(reason));
  const end = (): void => {
    io.err(`The command did not stop within ${STOP_SECONDS} s and is ended.\n`);
    exit(130);
  };
  setTimeout(end, 1000 * STOP_SECONDS).unref();
}

/**
 * The first signal stops the command. The second ends the process as the signal does: an orderly
 * exit would wait for native threads. Handlers stay until then: while a child process runs, execa
 * ends a process that handles a signal no more.
 */
function handleSignal(signal: NodeJS.Signals, stopFirst: () => void): void {
  let isFirst = true;
  const handler = (): void => {
    if (isFirst) stopFirst();
    else {
      process.off(signal, handler);
      process.kill(process.pid, signal);
    }
    isFirst = false;
  };
  process.on(signal, handler);
}

handleSignal('SIGINT', () => {
  io.err('\nStopping after the current work. Press Ctrl-C again to stop at once.\n');
  stopCommand('interrupted');
});
handleSignal('SIGTERM', () => stopCommand('terminated'));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') exit(0); // the reader, such as `head`, has seen enough
  throw error;
});

/** Prints a wrong use of the command line and gives the exit code. Help and version end here. */
async function endUsage({ exitCode: code, message }: CommanderError): Promise<ExitCode> {
  if (code === 0) return 0;
  if (process.argv.includes('--json')) {
    const { printJson } = await import('./io.js');
    const problem = message.replace(/^error: /, '');
    printJson(io, { errors: [{ code: 'usage', problem, fix: 'See `rxb --help`.' }] });
  }
  return 2;
}

try {
  await Promise.race([program.parseAsync(), stuck]);
} catch (error) {
  if (error instanceof CommanderError) exitCode = await endUsage(error);
  else {
    const { printFailure } = await import('./print-errors.js');
    exitCode = printFailure(error, process.argv.includes('--json'), io);
  }
}
process.exitCode = exitCode;
// what a plugin has left open must not keep the process from ending
writeOut('', () => setTimeout(() => exit(exitCode), LEFT_OPEN_MS).unref());
