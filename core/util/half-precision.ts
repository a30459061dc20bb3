/** Half precision (IEEE 754 binary16) to single precision. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const singles = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) singles[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) singles[i] = fraction === 0 ? sign * Infinity : NaN;
    else singles[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return singles;
}

/** bfloat16, the upper half of a float32, to single precision. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
  return new Float32Array(words.buffer);
}
