import { open } from 'node:fs/promises';

const BYTES = 16 * 2 ** 10;

/** The last non-empty lines of a log; none if it does not exist yet. */
export async function logTail(file: string, lines: number): Promise<readonly string[]> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return [];
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(BYTES, size));
    await handle.read(bytes, 0, bytes.length, size - bytes.length);
    // progress bars rewrite one line many times
    return bytes
      .toString('utf8')
      .split('\n')
      .map((line) => (line.trimEnd().split('\r').at(-1) ?? '').trimEnd())
      .filter((line) => line !== '')
      .slice(-lines);
  } finally {
    await handle.close();
  }
}
