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
  const { key, capacity = Infinity, delayMs = 0 } = settings;
  const source = new FaultSource(settings.faults ?? { rate: 0 });
  const sockets = new Set<Socket>();
  const requests: { path: string; body: Record<string, unknown> }[] = [];
  let [open, most, stormUntil] = [0, 0, 0];

  const send = (
    response: ServerResponse,
    status: number,
    value: unknown,
    headers: Record<string, string> = {},
  ): void => {
    const text = JSON.stringify(value);
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        ...headers,
      })
      .end(text);
  };
  const refuse = (
    response: ServerResponse,
    status: number,
    message: string,
    code: string,
    headers: Record<string, string> = {},
  ): void => send(response, status, { error: { message, type: code, code } }, headers);
  const throttle = (response: ServerResponse): void => {
    const { retryAfter = 'milliseconds', stormMs = 50 } = source.plan;
    const headers = {
      seconds: { 'retry-after': String(Math.ceil(stormMs / 1000)) },
      milliseconds: { 'retry-after-ms': String(stormMs) },
      date: { 'retry-after': new Date(Date.now() + stormMs).toUTCString() },
      none: {},
    }[retryAfter];
    refuse(
      response,
      429,
      'Too many requests at once.',
      'rate_limit_exceeded',
      headers as Record<string, string>,
    );
  };

  const spoil = async (
    fault: Fault,
    response: ServerResponse,
    make: () => Promise<object>,
  ): Promise<void> => {
    if (fault === 'throttle') {
      stormUntil = Date.now() + (source.plan.stormMs ?? 50);
      return throttle(response);
    }
    if (fault === 'error') return refuse(response, 500, 'Something broke.', 'server_error');
    if (fault === 'silence') return; // until the client disconnects
    const reply = await make();
    if (fault === 'wrong-model') return send(response, 200, { ...reply, model: 'another-model' });
    const text = JSON.stringify(reply);
    response.writeHead(200, { 'content-type': 'application/json' });
    if (fault === 'slow') {
      for (let at = 0; at < text.length && !response.destroyed; at += Math.ceil(text.length / 5)) {
        response.write(text.slice(at, at + Math.ceil(text.length / 5)));
        await pause(4);
      }
      return void response.end();
    }
    response.write(text.slice(0, Math.floor(text.length / 2)));
    if (fault === 'truncated') return void response.end();
    await pause(1);
    response.destroy();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://here').pathname.replace(/^\/v1(?=\/)/, '');
    const given = request.headers.authorization ?? '';
    // vLLM requires no key there
    if (request.method === 'GET' && path === '/health') return send(response, 200, {});
    if (key !== undefined && given !== `Bearer ${key}`)
      return refuse(
        response,
        401,
        `Incorrect key provided: ${given}. It must be another one.`,
        'invalid_api_key',
      );
    if (request.method === 'GET') {
      if (path === '/models')
        return send(response, 200, {
          object: 'list',
          data: getEngines(settings)
            .flatMap(({ models }) => models)
            .map((id) => ({ id, object: 'model', created: 0, owned_by: 'tests' })),
        });
      return refuse(response, 404, `There is nothing at ${path}.`, 'not_found');
    }
    const text = await readBody(request);
    if (open > capacity || Date.now() < stormUntil) return throttle(response);
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return refuse(response, 400, 'The body is no JSON.', 'invalid_request_error');
    }
    if (requests.length < KEPT_REQUESTS) requests.push({ path, body });
    const fault = source.draw(text);
    const make = async (): Promise<object> => await replyTo(path, body, settings);
    try {
      if (delayMs > 0) await pause(delayMs);
      if (fault !== null) await spoil(fault, response, make);
      else send(response, 200, await make());
    } catch (error) {
      if (error instanceof BadRequest)
        refuse(
          response,
          error.status,
          `${error.message}${key === undefined ? '' : ` (your key: ${given})`}`,
          error.code,
        );
      else refuse(response, 500, String(error), 'server_error');
    }
  };

  const server = createServer((request, response) => {
    most = Math.max(most, ++open);
    response.once('close', () => open--);
    answer(request, response).catch(() => response.destroy());
  });
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
    requests,
    faults: source.counts,
    mostAtOnce: () => most,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
