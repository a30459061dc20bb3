const ofFloat16 = (half: number): number => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

let table: Float32Array | undefined;

/**
 * Half precision (IEEE 754 binary16) to single precision. `into` may contain the halves themselves
 * in its last half.
 */
export function float16ToFloat32(
  halves: Uint16Array,
  into: Float32Array = new Float32Array(halves.length),
): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => ofFloat16(half));
  for (let i = 0; i < halves.length; i++) into[i] = table[halves[i] as number] as number;
  return into;
}

/**
 * bfloat16, the upper half of a float32, to single precision. `into` may contain the halves
 * themselves in its last half.
 */
export function bfloat16ToFloat32(
  halves: Uint16Array,
  into: Float32Array = new Float32Array(halves.length),
): Float32Array {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
  return into;
}
