/**
 * What memory many queries take on their way through pool, ledger and answer cache: npm run
 * bench -- queries. Flags: --queries, --in-flight.
 * Answers come from the conformance server in a process of its own. After every tenth: heap after
 * collection, resident memory, open files, requests per second.
 */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { ModelPrompt } from '../core/contracts.js';
import { SILENT } from '../storage/observer.js';
import { makePlan } from '../pipeline/plan.js';
import { openProject } from '../pipeline/project.js';
import type { RunContext } from '../pipeline/run-context.js';
import { openSpending } from '../pipeline/spending/spending.js';
import { askTexts } from '../pipeline/stages/ask.js';
import { heapMiB } from '../test/support/heap.js';
import type { PlannedModel } from '../pipeline/planning/planned.js';

const { values: flags } = parseArgs({
  options: {
    queries: { type: 'string', default: '100000' },
    'in-flight': { type: 'string', default: '256' },
  },
});
const [queries, inFlight] = [flags.queries, flags['in-flight']].map(Number) as [number, number];
const BLOCK = 2000;
const STEPS = 10;
/** Heap that a kept reply may take, in bytes: its key and its place in the cache. */
const GOAL = 200;
const SERVER = fileURLToPath(new URL('./http.js', import.meta.url));

const DATA = `
import { dataset } from 'routerxbench';
export class One { *read() { yield { id: 'q', prompt: 'One?', reference: '1', domain: 'sums' }; } }
dataset({ name: 'one', summary: 'One question', splits: ['train', 'test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: 'exact', scale: [0, 1], label: 'correct' })(One);
`;

const { signal } = new AbortController();
setMaxListeners(0, signal); // as the command line does
const folder = await mkdtemp(join(tmpdir(), 'rxb-bench-'));
const server = execa(process.execPath, [SERVER, '--serve'], {
  buffer: { stdout: false },
  reject: false,
});
try {
  const url = String(
    (await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next()).value,
  );
  await writeFile(
    join(folder, 'data.mjs'),
    DATA.replace(
      "'routerxbench'",
      JSON.stringify(new URL('../core/index.js', import.meta.url).href),
    ),
  );
  const model = {
    use: 'openai',
    options: { model: 'recorded', baseUrl: url, concurrency: inFlight, logprobs: false },
  };
  await writeFile(
    join(folder, 'harness.config.json'),
    JSON.stringify({
      plugins: ['./data.mjs'],
      models: { weak: model, strong: model },
      datasets: { inDomain: ['one'] },
      routers: ['prompt-length'],
      prices: {
        date: '2026-01-01',
        source: 'made up',
        models: { recorded: { input: 1, output: 2 } },
      },
      isolation: { inProcess: ['all'] },
    }),
  );
  const plan = await makePlan(await openProject({ cwd: folder, env: {} }));
  const context: RunContext = {
    plan,
    results: join(folder, 'results'),
    observer: SILENT,
    signal,
    calls: new Map(),
    latency: new Map(),
    printed: new Map(),
    retried: new Set(),
    spend: openSpending(plan.project, [], { observer: SILENT, signal }),
    reopening: { opening: plan.project.opening, selection: {} },
  };
  const weak = plan.models.get('weak') as PlannedModel;
  const ask = async (start: number, count: number): Promise<void> => {
    const prompts = Array.from({ length: count }, (_, i): ModelPrompt => ({
      form: 'chat',
      messages: [{ role: 'user', content: `Question ${start + i}: how many?` }],
    }));
    const outcomes = await askTexts(
      context,
      weak,
      prompts,
      { maxTokens: 64, temperature: 0 },
      () => undefined,
    );
    if (!outcomes.every(({ ok }) => ok)) throw new Error('a request failed');
  };
  /** Growth of the heap from the first tenth to the last, in bytes a query. */
  const pass = async (name: string): Promise<number> => {
    const heaps: number[] = [];
    let done = 0;
    for (let step = 1; step <= STEPS; step++) {
      const started = performance.now();
      const from = done;
      for (
        const goal = Math.round((step * queries) / STEPS);
        done < goal;
        done += Math.min(BLOCK, goal - done)
      )
        await ask(done, Math.min(BLOCK, goal - done));
      const rate = (1000 * (done - from)) / (performance.now() - started);
      const files =
        process.platform === 'linux'
          ? `, ${(await readdir('/proc/self/fd')).length} open files`
          : '';
      heaps.push(await heapMiB());
      console.log(
        `${name} ${String(done).padStart(8)}: heap ${heaps.at(-1)?.toFixed(1)} MiB, resident ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB${files}, ${rate.toFixed(0)} a second, load ${loadavg()[0]?.toFixed(1)}`,
      );
    }
    return ((heaps.at(-1) ?? NaN) - (heaps[0] ?? NaN)) * (2 ** 20 / (queries * (1 - 1 / STEPS)));
  };
  await ask(queries, 500); // connections are open, code is compiled
  console.log(`before       : heap ${(await heapMiB()).toFixed(1)} MiB`);
  const [asked, cached] = [await pass('asked '), await pass('cached')];
  console.log(
    `heap grows by ${asked.toFixed(0)} bytes a query that is asked and kept (goal: at most ${GOAL}), ${cached.toFixed(0)} a query found in the cache (goal: at most 10)`,
  );
  if (!(asked <= GOAL && cached <= 10)) process.exitCode = 1;
  await Promise.all([...plan.models.values()].map(({ model: own }) => own.close?.()));
  await context.spend.cache.close();
  const bytes = await Promise.all(
    (await readdir(join(folder, 'results/cache'), { recursive: true }))
      .filter((name) => name.endsWith('.jsonl'))
      .map(async (name) => (await stat(join(folder, 'results/cache', name))).size),
  );
  console.log(
    `answer cache: ${(bytes.reduce((sum, size) => sum + size, 0) / queries).toFixed(0)} bytes a query on the disk`,
  );
} finally {
  server.kill();
  await server;
  await rm(folder, { recursive: true, force: true });
}
