/**
 * A project in a temporary folder: config, a local plugin package, and this harness as its
 * dependency.
 */
import { closeSync, openSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { inTemporaryFolder, writeFiles } from './temporary.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const BIN = join(repository, 'dist/cli/main.js');

/**
 * Two backends that add numbers, one of them only small ones; additions with few and with many
 * digits; routers that work and one that does not.
 */
const PLUGINS = `
import { dataset, model, router, answer } from 'routerxbench';

const backend = (largest, pause) => class {
  info = async () => ({ name: 'adds up to ' + largest, fingerprint: 'toy-' + largest, can: ['generate'] });
  generate = async (prompts, _settings, { advance, signal }) => {
    const outcomes = [];
    if (pause > 0) process.stderr.write('slow model asked\\n');
    for (const prompt of prompts) {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      signal.throwIfAborted();
      const text = prompt.form === 'raw' ? prompt.text : prompt.messages.at(-1).content;
      const [a, b] = text.match(/\\d+/g).map(Number);
      const sum = a + b <= largest ? a + b : 0;
      outcomes.push({ ok: true, value: [{ text: String(sum), tokenLogprobs: [sum === 0 ? -1 : -0.1], finish: 'stop', promptTokens: 4, completionTokens: 1 }] });
      advance(1);
    }
    return outcomes;
  };
};
export const Weak = backend(60, 0);
model({ name: 'toy-weak', summary: 'Adds small numbers' })(Weak);
export const Strong = backend(1000, 0);
model({ name: 'toy-strong', summary: 'Adds all numbers' })(Strong);
export const Slow = backend(1000, 40);
model({ name: 'toy-slow', summary: 'Adds all numbers, slowly' })(Slow);

const sums = (name, from) => {
  const Sums = class {
    *read(split) {
      for (let i = 0; i < 80; i++) {
        const a = from + ((i * 7) % 50), b = (i * 3) % 40;
        yield { id: split + '-' + i, prompt: (split === 'test' ? 'What is ' : 'Add ') + a + ' + ' + b + '? (' + i + ')', reference: String(a + b), domain: 'sums' };
      }
    }
  };
  dataset({ name, summary: 'Sums from ' + from, splits: ['train', 'test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(Sums);
  return Sums;
};
export const Near = sums('toy-near', 1);
export const Far = sums('toy-far', 20);

export class Sure { score = ({ signals }) => signals.answer.tokenLogprobs[0]; }
router({ name: 'toy-sure', summary: 'The answer\\'s own log-probability', needs: [answer()], formula: 'log p', source: 'made here', cost: 'none', aliases: ['toy_sure'] })(Sure);
export class Broken { score = () => NaN; }
router({ name: 'toy-broken', summary: 'Always returns NaN', needs: [] })(Broken);
`;

/** The outcome of a call of the real command line. */
export interface Ran {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in its own folder. */
export interface ToyProject {
  readonly folder: string;
  /** Runs `rxb` with these arguments; never throws. */
  readonly rxb: (...args: readonly string[]) => Promise<Ran>;
}

/** Runs `rxb` in a folder, like a user; `interruptAt`: Ctrl-C as soon as stderr contains this. */
export const rxbIn =
  (
    folder: string,
    {
      interruptAt,
      killAfterSeconds,
      env = {},
      descriptors = {},
    }: {
      readonly interruptAt?: string;
      readonly killAfterSeconds?: number;
      readonly env?: Readonly<Record<string, string>>;
      /** Files and folders that it is started with, by their descriptor. */
      readonly descriptors?: Readonly<Record<number, string>>;
    } = {},
  ) =>
  async (...args: readonly string[]): Promise<Ran> => {
    const opened = Object.entries(descriptors).map(
      ([at, path]) => [Number(at), openSync(path, 'r')] as const,
    );
    const stdio: ('pipe' | 'ignore' | number)[] = ['pipe', 'pipe', 'pipe'];
    for (const [at, descriptor] of opened) {
      while (stdio.length < at) stdio.push('ignore');
      stdio[at] = descriptor;
    }
    const running = execa(process.execPath, [BIN, ...args], {
      cwd: folder,
      stdio: stdio as ['pipe', 'pipe', 'pipe'],
      reject: false,
      env: { NO_COLOR: '1', ...env },
      ...(killAfterSeconds === undefined
        ? {}
        : { timeout: 1000 * killAfterSeconds, killSignal: 'SIGKILL' }),
    });
    opened.forEach(([, descriptor]) => closeSync(descriptor));
    if (interruptAt !== undefined) {
      let sent = false;
      running.stderr.on('data', (text: Buffer) => {
        if (sent || !text.includes(interruptAt)) return;
        sent = running.kill('SIGINT');
      });
    }
    const { exitCode, stdout, stderr } = await running;
    return { exitCode, stdout, stderr };
  };

/** The config of the project; `over` replaces members. */
export const toyConfig = (over: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    name: 'toy',
    plugins: ['./toy-plugins'],
    isolation: { inProcess: ['all'] }, // other tests cover the sandbox
    models: { weak: { use: 'toy-weak' }, strong: { use: 'toy-strong' } },
    datasets: { inDomain: ['toy-near'], outOfDomain: ['toy-far'] },
    routers: ['toy-sure', 'prompt-length'],
    ...over,
  });

/** Runs a function in such a project, which is removed afterwards. */
export async function inToyProject<T>(
  work: (project: ToyProject) => Promise<T>,
  over: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  return await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'node_modules'), { recursive: true });
    await symlink(repository, join(folder, 'node_modules/routerxbench'), 'dir');
    await writeFiles(folder, {
      'harness.config.json': toyConfig(over),
      'toy-plugins/package.json': JSON.stringify({
        name: 'toy-plugins',
        version: '1.2.3',
        type: 'module',
        harness: { plugins: 'index.js' },
      }),
      'toy-plugins/index.js': PLUGINS,
    });
    return await work({ folder, rxb: rxbIn(folder) });
  });
}
