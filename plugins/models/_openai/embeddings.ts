import { RequestFailure } from './failure.js';
import type { Reply } from './reply.js';

/**
 * The vector in a reply for one text: a list of numbers, or base64 of little-endian float32.
 * @throws RequestFailure if it has another width.
 */
export function parseEmbedding({ data }: Reply, dim: number): Float32Array {
  const given =
    Array.isArray(data) && data.length === 1
      ? (data[0] as { readonly embedding?: readonly number[] | string }).embedding
      : undefined;
  if (given === undefined) throw new RequestFailure('broken', 'the reply has no embedding');
  const vector = typeof given === 'string' ? decodeFloats(given) : Float32Array.from(given);
  if (vector.length !== dim)
    throw new RequestFailure(
      'rejected',
      `the embedding has ${vector.length} numbers, but the options declare ${dim}`,
    );
  if (!vector.every(Number.isFinite))
    throw new RequestFailure('rejected', 'the embedding contains a value that is not finite');
  return vector;
}

const decodeFloats = (text: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
};
