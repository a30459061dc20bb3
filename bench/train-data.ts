/** Made-up hidden states on the disk, and the reader that hands them to a fit block by block. */
import { open, writeFile } from 'node:fs/promises';
import { seededRandom, type FitData, type FitRow, type HiddenStates } from '../core/index.js';

/** A file of hidden states: rows × layers × dim, float32 or float16, and the labels beside it. */
export interface States {
  readonly file: string;
  readonly rows: number;
  readonly layers: number;
  readonly dim: number;
  readonly half: boolean;
}
/**
 * Few enough that a block stays in the processor’s cache until it is used: with 64 rows of 540 KB a
 * mean probe took twice the time.
 */
const BLOCK_ROWS = 16;

/** float16 → float32 by table: 65,536 numbers. */
const HALVES = ((): Float32Array => {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    let size = (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (exponent === 0) size = fraction * 2 ** -24;
    if (exponent === 31) size = NaN;
    table[bits] = sign * size;
  }
  return table;
})();

/**
 * float32 → float16, rounded to nearest; what is below the smallest normal number becomes 0, what
 * is above the largest does not occur here.
 */
function packHalves(bits: Uint32Array, into: Uint16Array): void {
  for (let i = 0; i < bits.length; i++) {
    const own = bits[i] as number;
    const size = (own & 0x7fffffff) + 0x1000;
    into[i] = ((own >>> 16) & 0x8000) | (size < 0x38800000 ? 0 : (size - 0x38000000) >>> 13);
  }
}

/**
 * Noise of a pool with two clouds on top: middle layers tell most. Written in pieces, so that any
 * size fits.
 */
export async function synthesise({ file, rows, layers, dim, half }: States): Promise<void> {
  const random = seededRandom('bench/train');
  const pool = Float32Array.from({ length: 1 << 20 }, () => random.normal());
  const direction = Float32Array.from({ length: dim }, () => random.normal() * 0.03);
  const labels = Float32Array.from({ length: rows }, () => (random.float() < 0.5 ? 1 : 0));
  const handle = await open(file, 'w');
  try {
    const row = new Float32Array(layers * dim);
    const packed = new Uint16Array(row.length);
    for (let r = 0; r < rows; r++) {
      let at = random.int(0, pool.length - 1);
      for (let l = 0; l < layers; l++) {
        const side = (labels[r] === 1 ? 1 : -1) * Math.sin((Math.PI * (l + 1)) / (layers + 1));
        for (let i = 0; i < dim; i++) {
          row[l * dim + i] =
            (pool[at++ & (pool.length - 1)] as number) + side * (direction[i] as number);
        }
      }
      if (half) packHalves(new Uint32Array(row.buffer), packed);
      const bytes = half ? packed : row;
      await handle.writeFile(new Uint8Array(bytes.buffer));
    }
  } finally {
    await handle.close();
  }
  await writeFile(`${file}.labels`, labels);
}

/** Rows [first, first + count) of the file, read anew at every pass. */
export async function buildFitData(
  states: States,
  first: number,
  count: number,
): Promise<FitData<{ hiddenStates: HiddenStates }>> {
  const { file, layers, dim, half } = states;
  const width = layers * dim;
  const labels = new Float32Array(states.rows);
  const labelFile = await open(`${file}.labels`, 'r');
  await labelFile.read(new Uint8Array(labels.buffer), 0, labels.byteLength, 0);
  await labelFile.close();
  return {
    rows: count,
    async *blocks() {
      const handle = await open(file, 'r');
      // one buffer for all blocks: probes copy what they keep
      const block = half
        ? new Uint16Array(BLOCK_ROWS * width)
        : new Float32Array(BLOCK_ROWS * width);
      const floats = block instanceof Float32Array ? block : new Float32Array(BLOCK_ROWS * width);
      try {
        for (let from = first; from < first + count; from += BLOCK_ROWS) {
          const rows = Math.min(BLOCK_ROWS, first + count - from);
          const raw = block.subarray(0, rows * width);
          await handle.read(
            new Uint8Array(raw.buffer, 0, raw.byteLength),
            0,
            raw.byteLength,
            from * width * raw.BYTES_PER_ELEMENT,
          );
          if (raw instanceof Uint16Array)
            for (let i = 0; i < raw.length; i++) floats[i] = HALVES[raw[i] as number] as number;
          yield Array.from({ length: rows }, (_, i): FitRow<{ hiddenStates: HiddenStates }> => ({
            query: { text: '' },
            signals: {
              hiddenStates: { layers, dim, values: floats.subarray(i * width, (i + 1) * width) },
            },
            label: labels[from + i] === 1 ? 1 : 0,
          }));
        }
      } finally {
        await handle.close();
      }
    },
  };
}
