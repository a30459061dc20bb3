/**
 * Values with arrays of floats as JSON: an array is one member with the base64 of its little-endian
 * bytes.
 */

const MEMBER = '$float32';

/** Converts a value to one that JSON can represent. */
export function packed(value: unknown): unknown {
  if (value instanceof Float32Array)
    return {
      [MEMBER]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    };
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, packed(member)]));
}

/** The inverse of {@link packed}. */
export function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  const text = (value as Readonly<Record<string, unknown>>)[MEMBER];
  if (typeof text === 'string')
    return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unpacked(member)]));
}
