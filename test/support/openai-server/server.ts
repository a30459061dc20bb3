/**
 * A server of the OpenAI protocol: chat, completions, embeddings, models; with seeded faults on
 * demand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Engine } from './engine.js';
import type { StatesSettings } from './hidden-states.js';
import { FaultSource, type Fault, type FaultPlan } from './faults.js';
import { BadRequest, replyTo } from './protocol.js';

/** Settings of the server. */
export interface ServerSettings {
  readonly engine: Engine;
  /** More models at the same address. */
  readonly engines?: readonly Engine[];
  readonly port?: number;
  readonly faults?: FaultPlan;
  /**
   * The bearer token that every request must have. The server repeats the given token in its error
   * messages, as some servers do.
   */
  readonly key?: string;
  /** More concurrent requests get a 429. */
  readonly capacity?: number;
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
  /** Write files of hidden states, as vLLM does when it is started with that option. */
  readonly hiddenStates?: StatesSettings;
}

/** All models that it serves. */
export const getEngines = ({ engine, engines = [] }: ServerSettings): readonly Engine[] => [
  engine,
  ...engines,
];

/** A running server. */
export interface RunningServer {
  readonly url: string;
  /** Bodies of the received requests, by path. */
  readonly requests: readonly {
    readonly path: string;
    readonly body: Readonly<Record<string, unknown>>;
  }[];
  readonly faults: ReadonlyMap<Fault, number>;
  /** Maximum number of requests that were open at the same time. */
  readonly mostAtOnce: () => number;
  readonly close: () => Promise<void>;
}

const KEPT_REQUESTS = 5000;
const pause = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms));

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

/** Starts a server on a free local port, or on `port`. */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  const handler = new RequestHandler(settings);
  const server = createServer((request, response) => handler.handle(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port ?? 0, '127.0.0.1', 4096, resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: handler.requests,
    faults: handler.faults,
    mostAtOnce: () => handler.mostAtOnce,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(value);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    })
    .end(text);
}

const refuse = (
  response: ServerResponse,
  status: number,
  message: string,
  code: string,
  headers: Record<string, string> = {},
): void => send(response, status, { error: { message, type: code, code } }, headers);

class RequestHandler {
  readonly requests: { path: string; body: Record<string, unknown> }[] = [];
  mostAtOnce = 0;
  readonly #source: FaultSource;
  #open = 0;
  #throttledUntil = 0;

  constructor(private readonly settings: ServerSettings) {
    this.#source = new FaultSource(settings.faults ?? { rate: 0 });
  }

  get faults(): RunningServer['faults'] {
    return this.#source.counts;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    response.once('close', () => this.#open--);
    this.#answer(request, response).catch(() => response.destroy());
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { key } = this.settings;
    const path = new URL(request.url ?? '/', 'http://here').pathname.replace(/^\/v1(?=\/)/, '');
    const given = request.headers.authorization ?? '';
    // vLLM requires no key there
    if (request.method === 'GET' && path === '/health') return send(response, 200, {});
    if (key !== undefined && given !== `Bearer ${key}`) {
      const message = `Incorrect key provided: ${given}. It must be another one.`;
      return refuse(response, 401, message, 'invalid_api_key');
    }
    if (request.method !== 'GET') return await this.#post(path, given, request, response);
    if (path !== '/models')
      return refuse(response, 404, `There is nothing at ${path}.`, 'not_found');
    const models = getEngines(this.settings).flatMap((engine) => engine.models);
    send(response, 200, {
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'tests' })),
    });
  }

  async #post(
    path: string,
    given: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { key, capacity = Infinity, delayMs = 0 } = this.settings;
    const text = await readBody(request);
    if (this.#open > capacity || Date.now() < this.#throttledUntil) return this.#throttle(response);
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return refuse(response, 400, 'The body is no JSON.', 'invalid_request_error');
    }
    if (this.requests.length < KEPT_REQUESTS) this.requests.push({ path, body });
    const fault = this.#source.draw(text);
    const make = async (): Promise<object> => await replyTo(path, body, this.settings);
    try {
      if (delayMs > 0) await pause(delayMs);
      if (fault !== null) await this.#spoil(fault, response, make);
      else send(response, 200, await make());
    } catch (error) {
      if (!(error instanceof BadRequest))
        return refuse(response, 500, String(error), 'server_error');
      const message = `${error.message}${key === undefined ? '' : ` (your key: ${given})`}`;
      refuse(response, error.status, message, error.code);
    }
  }

  #throttle(response: ServerResponse): void {
    const { retryAfter = 'milliseconds', stormMs = 50 } = this.#source.plan;
    const headers = {
      seconds: { 'retry-after': String(Math.ceil(stormMs / 1000)) },
      milliseconds: { 'retry-after-ms': String(stormMs) },
      date: { 'retry-after': new Date(Date.now() + stormMs).toUTCString() },
      none: {},
    }[retryAfter] as Record<string, string>;
    refuse(response, 429, 'Too many requests at once.', 'rate_limit_exceeded', headers);
  }

  async #spoil(fault: Fault, response: ServerResponse, make: () => Promise<object>): Promise<void> {
    if (fault === 'throttle') {
      this.#throttledUntil = Date.now() + (this.#source.plan.stormMs ?? 50);
      return this.#throttle(response);
    }
    if (fault === 'error') return refuse(response, 500, 'Something broke.', 'server_error');
    if (fault === 'silence') return; // until the client disconnects
    const reply = await make();
    if (fault === 'wrong-model') return send(response, 200, { ...reply, model: 'another-model' });
    const text = JSON.stringify(reply);
    response.writeHead(200, { 'content-type': 'application/json' });
    if (fault === 'slow') {
      const step = Math.ceil(text.length / 5);
      for (let from = 0; from < text.length && !response.destroyed; from += step) {
        response.write(text.slice(from, from + step));
        await pause(4);
      }
      return void response.end();
    }
    response.write(text.slice(0, Math.floor(text.length / 2)));
    if (fault === 'truncated') return void response.end();
    await pause(1);
    response.destroy();
  }
}
