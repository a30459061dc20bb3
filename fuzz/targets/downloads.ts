import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Random } from '../../core/index.js';
import { Fetcher } from '../../storage/download/fetcher.js';
import { mutateBytes } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const CONTENT = Buffer.from('a line of a file that is fetched\n'.repeat(60));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

/** How the server answers each request of a case. */
type Answer = (response: ServerResponse) => void;

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'content-range': 'bytes 0-9/10' },
  { 'content-range': `bytes 5-/${CONTENT.length}` },
  { 'content-range': 'bytes */99999999999999999999' },
  { 'content-range': 'x' },
  { 'retry-after': '-1' },
  { 'retry-after': '1e9' },
  { 'retry-after': 'Thu, 01 Jan 2099 00:00:00 GMT', 'content-encoding': 'gzip' },
  { location: '/elsewhere' },
  { location: 'file:///etc/passwd' },
  { location: ':' },
];
const STATUSES = [200, 200, 200, 204, 206, 206, 301, 302, 304, 404, 416, 500, 503];

function drawAnswer(random: Random): Answer {
  const status = random.pick(STATUSES);
  const headers = random.pick(HEADERS);
  const body = random.pick([CONTENT, CONTENT, mutateBytes(CONTENT, random), Buffer.alloc(0)]);
  const isCut = random.float() < 0.2;
  return (response) => {
    // a wait of hours is for another test
    if (status >= 500) return void response.writeHead(status, { 'retry-after': '0' }).end();
    response.writeHead(status, headers);
    if (isCut) response.write(body.subarray(0, 20), () => response.destroy());
    else response.end(body);
  };
}

export const target: FuzzTarget = {
  summary: 'answers of a server that a pinned file is downloaded from',
  open: async (folder) => {
    let answers: readonly Answer[] = [];
    let asked = 0;
    const server = createServer((_request, response) => {
      const answer = answers[asked++ % answers.length];
      if (answer === undefined) response.end();
      else answer(response);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      next: (random) => {
        const drawn = Array.from({ length: random.int(1, 4) }, () => drawAnswer(random));
        const bytes = random.float() < 0.5 ? { bytes: CONTENT.length } : {};
        return {
          files: {},
          run: async () => {
            [answers, asked] = [drawn, 0];
            const cache = join(folder, 'cache');
            const fetcher = new Fetcher({
              ...{ dataDirs: [], cache, env: {}, offline: false, patience: 0 },
            });
            try {
              const path = await fetcher.fetch({
                url: `${origin}/file`,
                path: 'file',
                origin: 'the fuzzer',
                check: { sha256: SHA256 },
                ...bytes,
              });
              if (!(await readFile(path)).equals(CONTENT))
                throw new WrongValue('another file was accepted');
            } finally {
              await rm(cache, { recursive: true, force: true });
            }
          },
        };
      },
      close: async () => {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      },
    };
  },
};
