/**
 * Confidences of a dataset as packed ranks: everything that the order of routing needs, in one to
 * two bytes per row.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * Base64 of the deflated ranks, little-endian, 16 bits each if they fit, else 32: equal confidences
 * share a rank, larger ones have larger ranks from 1, and 0 means no confidence. Metrics that use
 * only the order give the same values on ranks.
 */
export function packRanks(confidences: Float64Array): string {
  const distinct = [...new Set(confidences.filter((value) => !Number.isNaN(value)))].sort(
    (a, b) => a - b,
  );
  const ranks = new Map(distinct.map((value, i) => [value, i + 1]));
  const wide = distinct.length > 0xffff;
  const bytes = new Uint8Array(confidences.length * (wide ? 4 : 2));
  const view = new DataView(bytes.buffer);
  confidences.forEach((value, i) => {
    const rank = ranks.get(value) ?? 0;
    if (wide) view.setUint32(4 * i, rank, true);
    else view.setUint16(2 * i, rank, true);
  });
  return `${wide ? 4 : 2}:${deflateRawSync(bytes, { level: 9 }).toString('base64')}`;
}

/**
 * Decodes ranks, NaN for no confidence.
 * @throws Error if the text is not output of `packRanks`.
 */
export function unpackRanks(text: string): Float64Array {
  const [width, data] = [Number(text.slice(0, 1)), text.slice(2)];
  if ((width !== 2 && width !== 4) || text[1] !== ':') throw new RangeError('not a list of ranks');
  const bytes = inflateRawSync(Buffer.from(data, 'base64'));
  if (bytes.length % width !== 0) throw new RangeError('a list of ranks ends inside a rank');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from(
    { length: bytes.length / width },
    (_, i) => (width === 4 ? view.getUint32(4 * i, true) : view.getUint16(2 * i, true)) || NaN,
  );
}
