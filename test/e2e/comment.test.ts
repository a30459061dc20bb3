import { expect } from 'chai';
import { execa } from 'execa';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTemporaryFolder, writeFiles } from '../core/temporary.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

describe('the action', () => {
  it('keeps one comment on a pull request', async () => {
    const comments: { id: number; body: string }[] = Array.from({ length: 100 }, (_, id) => ({ id, body: 'somebody else' }));
    const seen: string[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'http://localhost');
        seen.push(`${request.method ?? ''} ${url.pathname} ${request.headers.authorization ?? ''}`);
        const body = text === '' ? null : (JSON.parse(text) as { readonly body: string });
        const reply = (value: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
        if (request.method === 'GET') return reply(comments.slice(100 * (Number(url.searchParams.get('page')) - 1)).slice(0, 100));
        if (request.method === 'POST') return reply(comments[comments.push({ id: 100 + comments.length, body: body?.body ?? '' }) - 1]);
        const own = comments.find(({ id }) => url.pathname.endsWith(`/comments/${id}`));
        if (own !== undefined) own.body = body?.body ?? '';
        return reply(own);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await inTemporaryFolder(async (folder) => {
        const comment = async (event: object, text: string): Promise<string> => {
          await writeFiles(folder, { 'event.json': JSON.stringify(event), 'check.md': text });
          const { stdout } = await execa('node', [join(repository, 'action/comment.js'), 'check.md'], {
            cwd: folder,
            env: { GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, GITHUB_REPOSITORY: 'a/b', GITHUB_TOKEN: 'secret', GITHUB_EVENT_PATH: 'event.json' },
          });
          return stdout;
        };
        expect(await comment({}, '<!-- routerxbench check -->\nred')).to.contain('no pull request');
        expect(await comment({ pull_request: { number: 7 } }, '<!-- routerxbench check -->\nred')).to.contain('Made comment');
        expect(await comment({ pull_request: { number: 7 } }, '<!-- routerxbench check -->\ngreen')).to.contain('Renewed comment');
      });
      expect(comments.filter(({ body }) => body.includes('routerxbench')).map(({ body }) => body)).to.deep.equal(['<!-- routerxbench check -->\ngreen']);
      expect(seen[0]).to.equal('GET /repos/a/b/issues/7/comments Bearer secret');
    } finally {
      server.close();
    }
  });
});
