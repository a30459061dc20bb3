/**
 * Requests per second of the backend `openai`, of the official `openai` client, and of autocannon,
 * against the conformance server: npm run bench -- http.
 * Server and clients are processes of their own; the clients take turns. Flags: --requests,
 * --in-flight, --repeats.
 */
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { checkOptions, instantiate } from '../core/container.js';
import { builtIns } from '../test/support/built-ins.js';
import type { Model, ModelPrompt } from '../core/contracts.js';
import { filesAt } from '../storage/files.js';
import { secretsFrom } from '../core/secrets.js';
import { recordedEngine } from '../test/support/openai-server/recorded-engine.js';
import { startServer } from '../test/support/openai-server/server.js';

const GOAL = 0.7;
const CLIENTS = ['ours', 'openai', 'autocannon'] as const;
type Client = (typeof CLIENTS)[number];

interface Measured {
  readonly perSecond: number;
  /** Processor time of the client. */
  readonly cpu: number;
  readonly peakMiB: number;
}

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    'in-flight': { type: 'string', default: '1024' },
    repeats: { type: 'string', default: '3' },
    serve: { type: 'boolean', default: false },
    child: { type: 'string' },
    url: { type: 'string', default: '' },
  },
});
const [requests, inFlight, repeats] = [flags.requests, flags['in-flight'], flags.repeats].map(
  Number,
) as [number, number, number];

const question = (i: number): string =>
  `Question ${i}: which of these is the largest, and by how much does it exceed the smallest of them?`;
const SETTINGS = { maxTokens: 64, temperature: 0 };

const used = (started: number, cpu: NodeJS.CpuUsage): Measured => {
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: requests / ((performance.now() - started) / 1000),
    cpu: (user + system) / 1e6,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
};

async function ours(url: string): Promise<Measured> {
  const entry = (await builtIns()).find('model', 'openai');
  const tools = {
    logger: { info: () => {}, warn: () => {} },
    files: filesAt('.'),
    secrets: secretsFrom({}),
    seed: 1,
  };
  const model: Model = instantiate(
    entry,
    checkOptions(entry, {
      model: 'recorded',
      baseUrl: url,
      concurrency: inFlight,
      logprobs: false,
    }),
    tools,
  );
  const prompts = Array.from({ length: requests }, (_, i): ModelPrompt => ({
    form: 'chat',
    messages: [{ role: 'user', content: question(i) }],
  }));
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const outcomes =
    (await model.generate?.(prompts, SETTINGS, {
      signal: new AbortController().signal,
      advance: () => undefined,
    })) ?? [];
  const measured = used(started, cpu);
  if (!outcomes.every(({ ok }) => ok)) throw new Error('a request failed');
  await model.close?.();
  return measured;
}

async function official(url: string): Promise<Measured> {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ baseURL: url, apiKey: 'none' });
  let next = 0;
  const texts: string[] = [];
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const work = async (): Promise<void> => {
    for (let i = next++; i < requests; i = next++) {
      const reply = await client.chat.completions.create({
        model: 'recorded',
        messages: [{ role: 'user', content: question(i) }],
        max_tokens: SETTINGS.maxTokens,
        temperature: 0,
      });
      texts.push(reply.choices[0]?.message.content ?? '');
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const measured = used(started, cpu);
  if (texts.length !== requests || texts.includes('')) throw new Error('a request failed');
  return measured;
}

async function autocannon(url: string): Promise<Measured> {
  const body = JSON.stringify({
    model: 'recorded',
    messages: [{ role: 'user', content: question(0) }],
    max_tokens: SETTINGS.maxTokens,
    temperature: 0,
  });
  const bin = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
  const { stdout } = await execa(process.execPath, [
    bin,
    '-c',
    String(inFlight),
    '-a',
    String(requests),
    '-m',
    'POST',
    '-H',
    'content-type=application/json',
    '-b',
    body,
    '--json',
    '--no-progress',
    `${url}/chat/completions`,
  ]);
  const result = JSON.parse(stdout) as {
    readonly '2xx': number;
    readonly start: string;
    readonly finish: string;
  };
  if (result['2xx'] !== requests)
    throw new Error(`autocannon got ${result['2xx']} answers to ${requests} requests`);
  return {
    perSecond: requests / ((Date.parse(result.finish) - Date.parse(result.start)) / 1000),
    cpu: NaN,
    peakMiB: NaN,
  };
}

const scriptPath = fileURLToPath(import.meta.url);
async function inChild(client: Client, url: string): Promise<Measured> {
  if (client === 'autocannon') return await autocannon(url);
  const { stdout } = await execa(process.execPath, [
    scriptPath,
    '--child',
    client,
    '--url',
    url,
    '--requests',
    String(requests),
    '--in-flight',
    String(inFlight),
  ]);
  return JSON.parse(stdout) as Measured;
}

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
const list = (all: readonly number[]): string => all.map((value) => value.toFixed(0)).join(', ');

async function compare(): Promise<void> {
  const server = execa(process.execPath, [scriptPath, '--serve'], {
    buffer: { stdout: false },
    reject: false,
  });
  try {
    const [url] = (await createInterface({ input: server.stdout })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [String(value)])) as [string];
    console.log(
      `${requests} chat requests, ${inFlight} in flight, ${repeats} rounds in turns; load ${loadavg()[0]?.toFixed(1)}`,
    );
    const all: Record<Client, Measured[]> = { ours: [], openai: [], autocannon: [] };
    for (let round = 0; round < repeats; round++)
      for (const client of CLIENTS) all[client].push(await inChild(client, url));
    for (const client of CLIENTS) {
      const speeds = all[client].map(({ perSecond }) => perSecond);
      const more =
        client === 'autocannon'
          ? ''
          : `; processor ${median(all[client].map(({ cpu }) => cpu)).toFixed(1)} s, peak ${median(all[client].map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`;
      console.log(
        `${client.padEnd(10)} ${median(speeds).toFixed(0)} requests/s (${list(speeds)})${more}`,
      );
    }
    const ratios = (of: Client): readonly number[] =>
      all.ours.map(({ perSecond }, round) => perSecond / (all[of][round]?.perSecond ?? NaN));
    console.log(
      `ours / autocannon, median of rounds: ${median(ratios('autocannon')).toFixed(2)} (goal ${GOAL})`,
    );
    console.log(`ours / openai, median of rounds:     ${median(ratios('openai')).toFixed(2)}`);
    console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    server.kill();
    await server;
  }
}

if (flags.serve) console.log((await startServer({ engine: recordedEngine() })).url);
else if (flags.child !== undefined)
  console.log(JSON.stringify(await (flags.child === 'ours' ? ours : official)(flags.url)));
else await compare();
