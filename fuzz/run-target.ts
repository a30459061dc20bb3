/** Runs the cases of a target in processes of their own, and ends those that take too long. */
import { fork, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isFault, type CaseMessage, type Verdict } from './verdict.js';

const PROCESS = fileURLToPath(new URL('./case-process.js', import.meta.url));
/** Of JavaScript objects; a case that needs more ends its process. */
const HEAP_MIB = 1024;
/** A process that cannot prepare its target by then is a fault of the target. */
const OPEN_SECONDS = 120;

/** Which cases to run. */
export interface FuzzOptions {
  /** The compiled file of the target. */
  readonly file: string;
  readonly seed: number;
  /** Numbers of the first case, and of the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Processes at once. */
  readonly jobs: number;
  /** A case that takes longer is a hang. */
  readonly seconds: number;
  /** Inputs of cases that show a fault are copied there, the first of each. */
  readonly found: string;
}

/** Cases that show one fault. */
interface Fault {
  readonly verdict: Verdict;
  /** Number of the first case that showed it. */
  readonly first: number;
  readonly count: number;
}

/** What came of all cases of a target. */
export interface FuzzReport {
  readonly cases: number;
  readonly accepted: number;
  /** Code → number of cases. */
  readonly refused: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  readonly slowest: { readonly number: number; readonly seconds: number };
}

interface Ended {
  readonly verdict: Verdict;
  readonly files: readonly string[];
  readonly seconds: number;
}

/** A process of cases, which is started again after a case that ended it. */
class CaseProcess {
  #child: ChildProcess | undefined;

  constructor(
    private readonly options: FuzzOptions,
    private readonly folder: string,
  ) {}

  async run(number: number): Promise<Ended> {
    const child = (this.#child ??= await this.#start());
    let files: readonly string[] = [];
    const started = performance.now();
    const verdict = await new Promise<Verdict>((settle) => {
      const end = (kind: 'hang' | 'ended', problem: string): void =>
        settle({ kind, problem, endsProcess: true });
      const { seconds } = this.options;
      const timer = setTimeout(() => end('hang', `longer than ${seconds} s`), 1000 * seconds);
      const exited = (code: number | null, signal: string | null): void =>
        end('ended', `the process ended: ${signal ?? `exit code ${code}`}`);
      child.once('exit', exited);
      child.on('message', (message: CaseMessage) => {
        if (message.type === 'begins') files = message.files;
        if (message.type === 'ends') settle(message.verdict);
      });
      child.once('fuzz-end', () => {
        clearTimeout(timer);
        child.removeListener('exit', exited);
        child.removeAllListeners('message');
      });
      child.send(number, () => undefined);
    });
    child.emit('fuzz-end');
    if (verdict.endsProcess === true) await this.stop();
    return { verdict, files, seconds: (performance.now() - started) / 1000 };
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  async #start(): Promise<ChildProcess> {
    const { file, seed } = this.options;
    const child = fork(PROCESS, [pathToFileURL(file).href, String(seed), this.folder], {
      execArgv: [`--max-old-space-size=${HEAP_MIB}`, '--enable-source-maps'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let printed = '';
    child.stderr?.on('data', (piece: Buffer) => {
      printed = (printed + piece.toString()).slice(-2000);
    });
    await new Promise<void>((ready, failed) => {
      const fail = (): void => failed(new Error(`cannot open ${basename(file)}: ${printed}`));
      const timer = setTimeout(fail, 1000 * OPEN_SECONDS);
      child.once('exit', fail);
      child.once('message', () => {
        clearTimeout(timer);
        child.removeListener('exit', fail);
        ready();
      });
    });
    return child;
  }
}

/** Counts verdicts; faults that say the same are one. */
class Tally {
  readonly #faults = new Map<string, { verdict: Verdict; first: number; count: number }>();
  readonly #refused: Record<string, number> = {};
  #accepted = 0;
  #cases = 0;
  #slowest = { number: -1, seconds: 0 };

  /** Returns whether this is the first case with this fault. */
  add(number: number, verdict: Verdict, seconds: number): boolean {
    this.#cases++;
    if (seconds > this.#slowest.seconds) this.#slowest = { number, seconds };
    if (verdict.kind === 'accepted') this.#accepted++;
    if (verdict.kind === 'refused') {
      const codes = verdict.codes?.join('+') ?? '';
      this.#refused[codes] = (this.#refused[codes] ?? 0) + 1;
    }
    if (!isFault(verdict)) return false;
    const key = `${verdict.kind} ${verdict.problem ?? ''}`;
    const known = this.#faults.get(key);
    if (known === undefined) this.#faults.set(key, { verdict, first: number, count: 1 });
    else known.count++;
    return known === undefined;
  }

  get report(): FuzzReport {
    return {
      cases: this.#cases,
      accepted: this.#accepted,
      refused: this.#refused,
      faults: [...this.#faults.values()],
      slowest: this.#slowest,
    };
  }
}

/** Runs cases of a target, several at a time. Each depends only on the seed and its number. */
export async function runTarget(options: FuzzOptions): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'rxb-fuzz-'));
  const tally = new Tally();
  let next = options.from;
  const work = async (): Promise<void> => {
    const cases = new CaseProcess(options, folder);
    try {
      while (next < options.to) {
        const number = next++;
        const { verdict, files, seconds } = await cases.run(number);
        if (tally.add(number, verdict, seconds)) await keep(files, options, number);
      }
    } finally {
      await cases.stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, work));
    return tally.report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies the input of a case. */
async function keep(
  files: readonly string[],
  { file, seed, found }: FuzzOptions,
  number: number,
): Promise<void> {
  const to = join(found, basename(file, '.js'), `${seed}-${number}`);
  await mkdir(to, { recursive: true });
  // a case may have removed its own file
  for (const path of files) await cp(path, join(to, basename(path))).catch(() => undefined);
}
