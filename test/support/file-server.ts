/** A real local HTTP server that serves one file, correctly or with typical failures. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How it answers one request; the last behaviour is repeated. */
export type Behaviour =
  | 'whole'
  | 'no-ranges'
  | 'cut'
  | 'no-length-cut'
  | 'corrupt'
  | 'busy'
  | 'gone'
  | 'forbidden'
  | 'endless'
  | 'huge'
  | 'other-range'
  | 'redirect';

/** A request as the server saw it. */
interface Seen {
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** A running server. */
export interface FileServer {
  readonly origin: string;
  readonly seen: readonly Seen[];
}

const send = (
  content: Buffer,
  from: number,
  behaviour: Behaviour,
  response: ServerResponse,
): void => {
  const rest = content.subarray(from);
  const half = Math.floor(rest.length / 2);
  if (behaviour === 'corrupt') {
    const broken = Buffer.from(rest);
    broken[0] = (broken[0] ?? 0) ^ 1;
    response.end(broken);
  } else if (behaviour === 'cut') {
    response.write(rest.subarray(0, half), () => response.socket?.end());
  } else response.end(behaviour === 'no-length-cut' ? rest.subarray(0, half) : rest);
};

/** A body without an end, as fast as it is read. */
function sendForEver(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

/** Runs `work` with a server of `content` that behaves as given, request by request. */
export async function withFileServer<T>(
  content: Buffer,
  behaviours: readonly Behaviour[],
  work: (server: FileServer) => Promise<T>,
): Promise<T> {
  const seen: Seen[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const behaviour = behaviours[Math.min(seen.length, behaviours.length - 1)] ?? 'whole';
    const { range, authorization } = request.headers;
    seen.push({ url: request.url ?? '', range, authorization });
    if (behaviour === 'busy') return void response.writeHead(429, { 'retry-after': '0' }).end();
    if (behaviour === 'gone') return void response.writeHead(404).end('not here');
    if (behaviour === 'forbidden') return void response.writeHead(401).end();
    if (behaviour === 'redirect')
      return void response
        .writeHead(302, {
          location: `http://localhost:${(server.address() as AddressInfo).port}/elsewhere`,
        })
        .end();
    if (behaviour === 'endless') return sendForEver(response);
    if (behaviour === 'huge')
      return void response.writeHead(200, { 'content-length': 2 ** 40 }).end('{');
    if (behaviour === 'other-range' && range !== undefined)
      return void response
        .writeHead(206, { 'content-range': `bytes 5-${content.length - 1}/${content.length}` })
        .end(content.subarray(5));
    const from =
      behaviour === 'no-ranges' ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (from >= content.length)
      return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    const length = { 'content-length': content.length - from };
    if (from > 0)
      response.writeHead(206, {
        ...length,
        'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
      });
    else response.writeHead(200, behaviour === 'no-length-cut' ? {} : length);
    send(content, from, behaviour, response);
  };
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await work({
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      seen,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
