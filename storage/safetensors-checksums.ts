/**
 * CRC-32 checksums within a safetensors file, in its metadata: `crc32` of the header (with zeros in
 * its place), and `crc32:<tensor>` of the rows of a tensor, or of all its bytes where it has many.
 * Other readers of the format ignore them; files of other programs have none.
 */
import { crc32 } from 'node:zlib';

/** Tensors of more rows have one checksum for all of them. */
const MOST_ROWS = 1024;
const DIGITS = 8;
const START = '{"__metadata__":{"crc32":"';
const ZEROS = '0'.repeat(DIGITS);

/** The metadata that a header begins with. */
export const HEADER_CHECKSUM: Readonly<Record<string, string>> = { crc32: ZEROS };
const nameOf = (tensor: string): string => `crc32:${tensor}`;

/** Checksum of bytes: 8 hexadecimal digits. */
export const checksum = (bytes: Uint8Array | string): string =>
  crc32(bytes).toString(16).padStart(DIGITS, '0');

/** The metadata with the checksums of a tensor. */
export function tensorChecksums(
  tensor: string,
  shape: readonly number[],
  bytes: Uint8Array,
): Readonly<Record<string, string>> {
  const [rows = 1] = shape;
  const parts = rows > 0 && rows <= MOST_ROWS ? rows : 1;
  const width = bytes.length / parts;
  const sums = Array.from({ length: parts }, (_, i) =>
    checksum(bytes.subarray(i * width, (i + 1) * width)),
  );
  return { [nameOf(tensor)]: sums.join('') };
}

/** Enters the checksum of a header that begins with {@link HEADER_CHECKSUM}. */
export function signHeader(header: Buffer): void {
  header.write(checksum(header), START.length, 'latin1');
}

/**
 * Compares a header with its own checksum; one without any checksum passes.
 * @throws Error where they differ
 */
export function checkHeader(
  header: Buffer,
  metadata: Readonly<Record<string, string>>,
  names: Iterable<string>,
): void {
  const found = metadata['crc32'];
  if (found === undefined) {
    for (const name of Object.keys(metadata))
      if (name.startsWith(nameOf(''))) throw new Error('the checksum of its header is missing');
    return;
  }
  const unsigned = Buffer.from(header);
  if (unsigned.subarray(0, START.length).toString('latin1') === START)
    unsigned.write(ZEROS, START.length, 'latin1');
  if (checksum(unsigned) !== found) throw new Error('its header does not have its checksum');
  for (const name of names)
    if (metadata[nameOf(name)] === undefined)
      throw new Error(`the checksum of "${name}" is missing`);
}

/** The checksums of a tensor, each of `width` bytes; none where the file has none. */
export interface TensorChecksums {
  readonly width: number;
  readonly sums: readonly string[];
}

/** The checksums of a tensor of some bytes. */
export function getChecksums(
  metadata: Readonly<Record<string, string>>,
  tensor: string,
  bytes: number,
): TensorChecksums {
  const sums = metadata[nameOf(tensor)]?.match(/.{8}/g) ?? [];
  return { width: bytes / Math.max(1, sums.length), sums };
}
