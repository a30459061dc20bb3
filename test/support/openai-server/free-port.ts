import { createServer, type AddressInfo } from 'node:net';

/** A port that was free just now. */
export const freePort = async (): Promise<number> =>
  await new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
