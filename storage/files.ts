/** Access to files for plugins. */
import { resolve } from 'node:path';
import { Fetcher, type Sources } from './download/fetcher.js';
import { huggingFace } from './download/http.js';
import type { Files } from '../core/tokens.js';
import { readLines, unreadable } from './lines.js';
import { openRegular, readRegular } from './regular-file.js';

async function readBytes(path: string, from: number, to: number): Promise<Uint8Array> {
  const file = await openRegular(path);
  try {
    const bytes = new Uint8Array(to - from);
    for (let offset = 0; offset < bytes.length;) {
      const { bytesRead } = await file.read(bytes, offset, bytes.length - offset, from + offset);
      if (bytesRead === 0) throw new Error(`it ends before byte ${to}`);
      offset += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function readSize(path: string): Promise<number> {
  const file = await openRegular(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** Downloads nothing: for plugins that are tried outside a project. */
const NOWHERE: Sources = { dataDirs: [], cache: '.', env: {}, offline: true };

/** {@link Files} whose relative paths are resolved against `folder`. */
export function filesAt(folder: string, sources: Sources = NOWHERE): Files {
  const fetcher = new Fetcher(sources);
  const resolvePath = (path: string): string => resolve(folder, path);
  const readable = async <T>(path: string, reading: Promise<T>): Promise<T> =>
    await reading.catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  return {
    resolve: resolvePath,
    lines: (path) => readLines(resolvePath(path), path),
    bytes: async (path, from, to) =>
      await readable(
        path,
        from === undefined || to === undefined
          ? readRegular(resolvePath(path))
          : readBytes(resolvePath(path), from, to),
      ),
    size: async (path) => await readable(path, readSize(resolvePath(path))),
    fetch: async (file) => await fetcher.fetch(file),
    huggingFaceUrl: (repository, revision, path) =>
      `${huggingFace(sources.env)}/datasets/${repository}/resolve/${revision}/${path}`,
  };
}
