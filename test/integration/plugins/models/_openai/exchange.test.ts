/** One request to a real server that disconnects, stalls, or sends too much. */
import { expect } from 'chai';
import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addSecret, forgetSecrets } from 'routerxbench/redact';
import { Endpoint } from '../../../../../plugins/models/_openai/endpoint.js';
import { exchange } from '../../../../../plugins/models/_openai/http-exchange.js';
import { RequestFailure } from '../../../../../plugins/models/_openai/failure.js';
import { rejection } from '../../../../support/temporary.js';

const KEY = 'sk-never-to-be-seen';
const SECRET = { headers: { authorization: `Bearer ${KEY}` } };

describe('one request', () => {
  let server: Server;
  let endpoint: Endpoint;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  before(() => addSecret(KEY));
  after(forgetSecrets);
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = new Endpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`, 2);
  });
  afterEach(async () => {
    await endpoint.connections.destroy();
    server.closeAllConnections();
    server.close();
  });

  const ask = async (signal = new AbortController().signal, timeoutMs = 5000): Promise<unknown> =>
    await exchange(endpoint, SECRET, {
      method: 'POST',
      path: '/chat/completions',
      body: '{"a":1}',
      timeoutMs,
      signal,
    });
  const failed = async (asked: Promise<unknown>): Promise<RequestFailure> => {
    const error = await rejection(asked);
    expect(error).to.be.instanceOf(RequestFailure);
    return error as RequestFailure;
  };

  it('is sent with its path, headers and body, and returns the JSON of the reply, however it is split into chunks', async () => {
    answer = (request, response) => {
      let body = '';
      request
        .on('data', (part) => (body += String(part)))
        .on('end', () => {
          const reply = Buffer.from(
            JSON.stringify({
              path: request.url,
              type: request.headers['content-type'],
              key: request.headers.authorization,
              body,
              text: 'äöü€',
            }),
          );
          response.write(reply.subarray(0, reply.length - 6)); // in the middle of a character
          setTimeout(() => response.end(reply.subarray(reply.length - 6)), 20);
        });
    };
    expect(await ask()).to.deep.equal({
      path: '/v1/chat/completions',
      type: 'application/json',
      key: `Bearer ${KEY}`,
      body: '{"a":1}',
      text: 'äöü€',
    });
  });

  it('reports the server’s error message without the key, and reads at most 64 KiB of it', async () => {
    answer = (_, response) =>
      response.writeHead(503, { 'retry-after': '7' }).end(`no room for ${KEY}`);
    const refused = await failed(ask());
    expect([refused.kind, refused.message, refused.options.retryAfterMs]).to.deep.equal([
      'throttled',
      'HTTP 503: no room for [secret]',
      7000,
    ]);

    let sent = 0;
    answer = (_, response) => {
      response.writeHead(500);
      const more = (): void => {
        while (!response.destroyed) {
          sent += 1024;
          if (!response.write('x'.repeat(1024))) return void response.once('drain', more);
        }
      };
      more();
    };
    const endless = await failed(ask());
    expect(endless.kind).to.equal('server');
    expect(endless.message.length).to.be.below(400);
    expect(sent).to.be.below(64 * 2 ** 20);
  });

  it('follows a redirect to the same origin with its body, and none to another origin, which would get the key', async () => {
    const asked: string[] = [];
    answer = (request, response) => {
      asked.push(`${String(request.method)} ${String(request.url)}`);
      if (request.url === '/v2/chat/completions') response.end('{"ok":true}');
      else response.writeHead(308, { location: '/v2/chat/completions' }).end();
    };
    expect(await ask()).to.deep.equal({ ok: true });
    expect(asked).to.deep.equal(['POST /v1/chat/completions', 'POST /v2/chat/completions']);
    answer = (_request, response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/v1' }).end();
    const error = await failed(ask());
    expect([error.kind, error.message]).to.deep.equal([
      'redirected',
      'HTTP 307: redirected to http://127.0.0.1:1/v1',
    ]);
    answer = (request, response) => response.writeHead(302, { location: request.url }).end();
    expect((await failed(ask())).kind, 'a circle').to.equal('redirected');
  });

  it('reads a reply with numbers that JSON lacks, and leaves such words in texts alone', async () => {
    answer = (_request, response) =>
      response.end('{"text":"NaN and \\"-Infinity\\"","logprob":-Infinity,"other":[NaN,-1]}');
    expect(await ask()).to.deep.equal({
      text: 'NaN and "-Infinity"',
      logprob: null,
      other: [null, -1],
    });
  });

  it('keeps the query of the base URL on every request', async () => {
    const { port } = server.address() as AddressInfo;
    await endpoint.connections.destroy();
    endpoint = new Endpoint(`http://127.0.0.1:${port}/mini/?api-version=2024-10-21`, 1);
    answer = (request, response) => response.end(JSON.stringify({ url: request.url }));
    expect(await ask()).to.deep.equal({
      url: '/mini/chat/completions?api-version=2024-10-21',
    });
  });

  it('rejects a reply that is too long', async () => {
    answer = (_, response) => {
      const part = 'ä'.repeat(2 ** 19); // a megabyte: bytes count, not characters
      const more = (): void => {
        while (!response.destroyed)
          if (!response.write(part)) return void response.once('drain', more);
      };
      more();
    };
    const long = await failed(ask());
    expect([long.kind, long.message]).to.deep.equal([
      'rejected',
      'the reply is longer than 16 MiB (longestReplyMiB)',
    ]);
  });

  it('reports a truncated or invalid reply as broken, and a server as refused if nothing listens', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"cho');
      setTimeout(() => response.destroy(), 20);
    };
    expect((await failed(ask())).kind).to.equal('broken');
    answer = (_, response) => response.end('<html>');
    const page = await failed(ask());
    expect([page.kind, page.message]).to.deep.equal([
      'broken',
      'the reply is not JSON (6 characters)',
    ]);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect((await failed(ask())).kind).to.equal('refused');
  });

  it('ends at its timeout and at a signal, before and during the reply, and leaves no listener on the signal', async () => {
    const cut: Promise<unknown>[] = [];
    answer = (_, response) => {
      cut.push(once(response, 'close'));
      response.write('{'); // and nothing more
    };
    const late = await failed(ask(undefined, 50));
    expect([late.kind, late.message]).to.deep.equal(['timeout', 'no complete reply within 0.05 s']);

    const stop = new AbortController();
    const reason = new Error('enough');
    // two connections: the third and fourth wait for one
    const asked = [1, 2, 3, 4].map(async () => await rejection(ask(stop.signal)));
    expect(getEventListeners(stop.signal, 'abort')).to.have.length(1);
    while (cut.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(reason);
    expect(await Promise.all(asked)).to.deep.equal([reason, reason, reason, reason]);
    await Promise.all(cut); // the server sees that the client has disconnected
    expect(cut).to.have.length(3);
    expect(await rejection(ask(stop.signal))).to.equal(reason);
    expect(getEventListeners(stop.signal, 'abort')).to.have.length(0);

    const unused = new AbortController();
    answer = (_, response) => response.end('{}');
    await Promise.all([ask(unused.signal), ask(unused.signal), ask(unused.signal)]);
    expect(getEventListeners(unused.signal, 'abort')).to.have.length(0);
  });
});
