/** The part of GitHub's API for comments, over HTTP, with its status codes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A comment on an issue or a pull request. */
export interface Comment {
  readonly id: number;
  body: string;
}

/** A server with the comments of one pull request, number 7 of a/b. */
export class GitHubComments {
  readonly comments: Comment[] = Array.from({ length: 100 }, (_, id) => ({
    id,
    body: 'somebody else',
  }));
  /** Whether tokens may write. */
  mayWrite = true;
  /** The next requests, as many as given, fail with 502. */
  hiccups = 0;
  /** Method and path of each request. */
  readonly seen: string[] = [];
  readonly #server: Server;

  constructor(private readonly token: string) {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'http://localhost');
        this.seen.push(`${request.method ?? ''} ${url.pathname}`);
        const { status, value } = this.#answer(
          request.method ?? '',
          url,
          request.headers.authorization,
          text,
        );
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(value));
      });
    });
  }

  #answer(
    method: string,
    url: URL,
    authorization: string | undefined,
    text: string,
  ): { readonly status: number; readonly value: unknown } {
    if (this.hiccups > 0) {
      this.hiccups--;
      return { status: 502, value: { message: 'Server Error' } };
    }
    if (authorization !== `Bearer ${this.token}`)
      return { status: 401, value: { message: 'Bad credentials' } };
    const list = url.pathname === '/repos/a/b/issues/7/comments';
    if (method === 'GET' && list) {
      const [size, page] = [
        Number(url.searchParams.get('per_page') ?? 30),
        Number(url.searchParams.get('page') ?? 1),
      ];
      return { status: 200, value: this.comments.slice(size * (page - 1), size * page) };
    }
    const own = this.comments.find(
      ({ id }) => method === 'PATCH' && url.pathname === `/repos/a/b/issues/comments/${id}`,
    );
    if (!(method === 'POST' && list) && own === undefined)
      return { status: 404, value: { message: 'Not Found' } };
    if (!this.mayWrite)
      return { status: 403, value: { message: 'Resource not accessible by integration' } };
    const { body } = JSON.parse(text) as { readonly body: string };
    if (body.length > 65_536) return { status: 422, value: { message: 'Validation Failed' } };
    if (own !== undefined) own.body = body;
    const comment = own ?? { id: 1000 + this.comments.length, body };
    if (own === undefined) this.comments.push(comment);
    return {
      status: own === undefined ? 201 : 200,
      value: {
        ...comment,
        html_url: `https://github.example/a/b/pull/7#issuecomment-${comment.id}`,
      },
    };
  }

  /** The comments of the gate. */
  get ours(): readonly string[] {
    return this.comments.flatMap(({ body }) =>
      body.startsWith('<!-- routerxbench check -->') ? [body] : [],
    );
  }

  /** Starts; returns the address. */
  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}
