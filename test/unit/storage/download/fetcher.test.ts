import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { cacheFolder } from '../../../../storage/download/cache-folder.js';
import { Fetcher, type Sources } from '../../../../storage/download/fetcher.js';
import type { FileCheck, RemoteFile } from '../../../../core/tokens.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';
import { withFileServer, type Behaviour, type FileServer } from '../../../support/file-server.js';

const CONTENT = Buffer.from(
  Array.from({ length: 4000 }, (_, i) => `line ${i} of a file that is fetched\n`).join(''),
);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const BLOB = createHash('sha1').update(`blob ${CONTENT.length}\0`).update(CONTENT).digest('hex');

const remote = (origin: string, check: FileCheck = { sha256: SHA256 }): RemoteFile => ({
  url: `${origin}/data/set/file.jsonl`,
  path: 'data/set/file.jsonl',
  origin: 'the test',
  check,
  bytes: CONTENT.length,
});
const sources = (cache: string, over: Partial<Sources> = {}): Sources => ({
  dataDirs: [],
  cache,
  env: {},
  offline: false,
  patience: 1,
  ...over,
});

/** Fetches from a server with this behaviour, into an empty cache. */
const fetched = async (
  behaviours: readonly Behaviour[],
  look: (path: string, server: FileServer) => Promise<void>,
  check?: FileCheck,
): Promise<void> =>
  await inTemporaryFolder(async (cache) => {
    await withFileServer(
      CONTENT,
      behaviours,
      async (server) =>
        await look(await new Fetcher(sources(cache)).fetch(remote(server.origin, check)), server),
    );
  });

const refused = async (
  behaviours: readonly Behaviour[],
  check?: FileCheck,
): Promise<Error & { readonly code?: string }> =>
  await inTemporaryFolder(
    async (cache) =>
      await withFileServer(
        CONTENT,
        behaviours,
        async (server) =>
          await rejection(new Fetcher(sources(cache)).fetch(remote(server.origin, check))),
      ),
  );

describe('downloading a file', () => {
  it('verifies its SHA-256 or its git blob id and uses the network once', async () => {
    for (const check of [{ sha256: SHA256 }, { gitBlob: BLOB }]) {
      await inTemporaryFolder(async (cache) => {
        await withFileServer(CONTENT, ['whole'], async (server) => {
          const fetcher = new Fetcher(sources(cache));
          const [path, again] = await Promise.all([
            fetcher.fetch(remote(server.origin, check)),
            fetcher.fetch(remote(server.origin, check)),
          ]);
          expect(again).to.equal(path);
          expect((await readFile(path)).equals(CONTENT)).to.equal(true);
          expect(
            await new Fetcher(sources(cache, { offline: true })).fetch(
              remote(server.origin, check),
            ),
          ).to.equal(path);
          expect(server.seen).to.have.length(1);
        });
      });
    }
  });

  it('resumes where a connection broke', async () => {
    await fetched(['cut', 'cut', 'whole'], async (path, { seen }) => {
      expect((await readFile(path)).equals(CONTENT)).to.equal(true);
      expect(seen.map(({ range }) => range === undefined)).to.deep.equal([true, false, false]);
      const starts = seen.slice(1).map(({ range }) => Number(/\d+/.exec(range ?? '')?.[0]));
      expect(starts[0]).to.be.greaterThan(0);
      // the bytes just before a break may be lost
      expect(starts[1]).to.be.at.least(starts[0] as number);
    });
  });

  it('resumes a partial file of an earlier call', async () => {
    await inTemporaryFolder(async (cache) => {
      await mkdir(join(cache, 'files', SHA256), { recursive: true });
      await writeFile(join(cache, 'files', SHA256, 'file.jsonl.part'), CONTENT.subarray(0, 1000));
      await withFileServer(CONTENT, ['whole'], async ({ origin, seen }) => {
        await new Fetcher(sources(cache)).fetch(remote(origin));
        expect(seen.map(({ range }) => range)).to.deep.equal(['bytes=1000-']);
      });
    });
  });

  it('starts again with a server without ranges, and if the partial file is longer than the file', async () => {
    await inTemporaryFolder(async (cache) => {
      for (const [left, behaviour] of [
        [CONTENT.subarray(0, 1000), 'no-ranges'],
        [Buffer.concat([CONTENT, CONTENT]), 'whole'],
      ] as const) {
        const own = join(cache, behaviour);
        await mkdir(join(own, 'files', SHA256), { recursive: true });
        await writeFile(join(own, 'files', SHA256, 'file.jsonl.part'), left);
        await withFileServer(CONTENT, [behaviour], async ({ origin }) => {
          expect(
            (await readFile(await new Fetcher(sources(own)).fetch(remote(origin)))).equals(CONTENT),
          ).to.equal(true);
        });
      }
    });
  });

  it('retries while a server is busy', async () => {
    await fetched(
      ['busy', 'busy', 'whole'],
      async (_path, { seen }) => void expect(seen).to.have.length(3),
    );
  });

  it('downloads a corrupted file again, and rejects it if it stays corrupted', async () => {
    await fetched(
      ['corrupt', 'whole'],
      async (path) => void expect((await readFile(path)).equals(CONTENT)).to.equal(true),
    );
    const error = await refused(['corrupt']);
    expect(error.code).to.equal('RXB3105');
    expect(error.message).to.match(new RegExp(`SHA-256 is [0-9a-f]{64}, expected ${SHA256}`));
  });

  it('rejects a download that was silently truncated', async () => {
    expect((await refused(['no-length-cut'])).code).to.equal('RXB3105');
  });

  it('reads no more than the pinned size, and than the maximum where none is pinned', async () => {
    for (const behaviour of ['endless', 'huge'] as const) {
      const error = await refused([behaviour]);
      expect(error.message)
        .to.match(/^RXB3106 /)
        .and.contain(`${CONTENT.length} bytes`);
    }
    await inTemporaryFolder(async (cache) => {
      await withFileServer(CONTENT, ['huge'], async ({ origin }) => {
        const { bytes: _bytes, ...unknown } = remote(origin);
        const error = await rejection(new Fetcher(sources(cache)).fetch(unknown));
        expect(error.message)
          .to.match(/^RXB3106 /)
          .and.contain(`${64 * 2 ** 30} bytes`);
        expect(await readdir(join(cache, 'files', SHA256))).to.deep.equal([]);
      });
    });
  });

  it('starts again if a server sends another part than the one requested', async () => {
    await inTemporaryFolder(async (cache) => {
      await mkdir(join(cache, 'files', SHA256), { recursive: true });
      await writeFile(join(cache, 'files', SHA256, 'file.jsonl.part'), CONTENT.subarray(0, 1000));
      await withFileServer(CONTENT, ['other-range'], async ({ origin }) => {
        const path = await new Fetcher(sources(cache)).fetch(remote(origin));
        expect((await readFile(path)).equals(CONTENT)).to.equal(true);
      });
    });
  });

  it('downloads once for all that want it at once, in this process and in others', async () => {
    await inTemporaryFolder(async (cache) => {
      await withFileServer(CONTENT, ['whole'], async ({ origin, seen }) => {
        const script = `import { Fetcher } from ${JSON.stringify(import.meta.resolve('../../../../storage/download/fetcher.js'))};
          console.log(await new Fetcher(${JSON.stringify(sources(cache))}).fetch(${JSON.stringify(remote(origin))}));`;
        const inProcess = async (): Promise<string> =>
          await new Fetcher(sources(cache)).fetch(remote(origin));
        const elsewhere = async (): Promise<string> =>
          (await execa(process.execPath, ['--input-type=module', '--eval', script])).stdout.trim();
        const paths = await Promise.all([inProcess(), inProcess(), elsewhere(), elsewhere()]);
        expect(new Set(paths).size).to.equal(1);
        expect((await readFile(paths[0] as string)).equals(CONTENT)).to.equal(true);
        expect(seen).to.have.length(1);
        expect(await readdir(join(cache, 'files', SHA256))).to.deep.equal(['file.jsonl']);
      });
    });
  });

  it('refuses a copy that is no regular file', async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'file.jsonl'));
      const error = await rejection(
        new Fetcher(sources(folder, { dataDirs: [folder] })).fetch(remote('http://127.0.0.1:1')),
      );
      expect(error.code).to.equal('RXB3007');
    });
  });

  it('explains how to download by hand if a server is unreachable or always disconnects', async () => {
    const port = await new Promise<number>((known) => {
      const closed = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = closed.address() as AddressInfo;
        closed.close(() => known(free));
      });
    });
    await inTemporaryFolder(async (cache) => {
      const error = await rejection(
        new Fetcher(sources(cache)).fetch(remote(`http://127.0.0.1:${port}`)),
      );
      expect(error.code).to.equal('RXB3106');
      expect(error.message)
        .to.match(/ECONNREFUSED/)
        .and.contain(join(cache, 'files', SHA256, 'file.jsonl'));
    });
    expect((await refused(['busy'])).message).to.match(/^RXB3106 .*429/);
  });

  it('does not retry a rejected request', async () => {
    expect((await refused(['gone'])).message).to.match(/^RXB3107 .*404/);
    expect((await refused(['forbidden'])).message).to.match(/^RXB3107 .*401.*HF_TOKEN/);
  });

  it('downloads nothing offline, and uses local copies and files put into the cache by hand', async () => {
    await inTemporaryFolder(async (folder) => {
      const offline = (over: Partial<Sources> = {}): Promise<string> =>
        new Fetcher(sources(folder, { offline: true, ...over })).fetch(
          remote('http://127.0.0.1:1'),
        );
      expect((await rejection(offline())).message).to.match(/^RXB3106 .*offline/);
      await mkdir(join(folder, 'checkout/set'), { recursive: true });
      await writeFile(join(folder, 'checkout/set/file.jsonl'), CONTENT);
      expect(
        await offline({ dataDirs: [join(folder, 'none'), join(folder, 'checkout')] }),
      ).to.equal(join(folder, 'checkout/set/file.jsonl'));
      await mkdir(join(folder, 'files', SHA256), { recursive: true });
      await writeFile(join(folder, 'files', SHA256, 'file.jsonl'), CONTENT);
      expect(await offline()).to.equal(join(folder, 'files', SHA256, 'file.jsonl'));
    });
  });

  it('rejects a local copy with other content', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file.jsonl'), `${CONTENT.toString().trimEnd()}\r\n`);
      const error = await rejection(
        new Fetcher(sources(folder, { dataDirs: [folder] })).fetch(
          remote('http://127.0.0.1:1', { gitBlob: BLOB }),
        ),
      );
      expect(error.code).to.equal('RXB3105');
      expect(error.message).to.contain('git blob id').and.contain(join(folder, 'file.jsonl'));
    });
  });

  it('downloads a file of the cache again if its bytes have changed', async () => {
    await inTemporaryFolder(async (cache) => {
      await withFileServer(CONTENT, ['whole'], async ({ origin, seen }) => {
        const path = await new Fetcher(sources(cache)).fetch(remote(origin));
        await writeFile(path, 'spoilt');
        await new Fetcher(sources(cache)).fetch(remote(origin));
        expect((await readFile(path)).equals(CONTENT)).to.equal(true);
        expect(seen).to.have.length(2);
      });
    });
  });

  it('sends the token to Hugging Face only, not to the host of a redirect', async () => {
    await inTemporaryFolder(async (cache) => {
      await withFileServer(CONTENT, ['redirect', 'whole'], async ({ origin, seen }) => {
        await new Fetcher(
          sources(cache, { env: { HF_TOKEN: 'hf_secret', HF_ENDPOINT: origin } }),
        ).fetch(remote(origin));
        expect(seen.map(({ authorization }) => authorization)).to.deep.equal([
          'Bearer hf_secret',
          undefined,
        ]);
      });
      await withFileServer(CONTENT, ['whole'], async ({ origin, seen }) => {
        await new Fetcher(sources(join(cache, 'other'), { env: { HF_TOKEN: 'hf_secret' } })).fetch(
          remote(origin),
        );
        expect(seen.map(({ authorization }) => authorization)).to.deep.equal([undefined]);
      });
    });
  });

  it('uses a proxy if one is configured, except for excluded hosts', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);
    });
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${CONTENT.length}\r\n\r\n`);
        socket.end(CONTENT);
      });
    });
    await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready));
    const http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      await inTemporaryFolder(async (cache) => {
        await new Fetcher(sources(join(cache, 'a'), { env: { http_proxy } })).fetch(
          remote('http://far.example'),
        );
        expect(asked.length).to.be.greaterThan(0);
        expect(asked[0]).to.contain('far.example');
        asked.length = 0;
        await withFileServer(CONTENT, ['whole'], async ({ origin }) => {
          await new Fetcher(
            sources(join(cache, 'b'), { env: { http_proxy, no_proxy: '127.0.0.1' } }),
          ).fetch(remote(origin));
        });
        expect(asked).to.deep.equal([]);
      });
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it('stores files in the system’s cache folder, or in RXB_CACHE', () => {
    expect(cacheFolder({ HOME: '/home/a' }, 'linux')).to.equal('/home/a/.cache/routerxbench');
    expect(cacheFolder({ HOME: '/home/a', XDG_CACHE_HOME: '/x' }, 'linux')).to.equal(
      '/x/routerxbench',
    );
    expect(cacheFolder({ HOME: '/Users/a' }, 'darwin')).to.equal(
      '/Users/a/Library/Caches/routerxbench',
    );
    expect(cacheFolder({ HOME: '/u', LOCALAPPDATA: '/l' }, 'win32')).to.equal('/l/routerxbench');
    expect(cacheFolder({ HOME: '/home/a', RXB_CACHE: '/mine' }, 'linux')).to.equal('/mine');
  });
});
