import { expect } from 'chai';
import { bfloat16ToFloat32, float16ToFloat32 } from '../../../../storage/util/half-precision.js';

/** Halves in the last half of the memory that they are widened into. */
const inPlace = (
  halves: readonly number[],
  widen: (halves: Uint16Array, into: Float32Array) => Float32Array,
): readonly number[] => {
  const into = new Float32Array(halves.length);
  const lying = new Uint16Array(into.buffer, 2 * halves.length, halves.length);
  lying.set(halves);
  return [...widen(lying, into)];
};

describe('half precision', () => {
  it('is widened exactly, into other memory or in place', () => {
    const halves = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x3555];
    const singles = [1, -2, 2 ** -24, 65504, Infinity, -Infinity, 0.333251953125];
    expect([...float16ToFloat32(Uint16Array.from(halves))]).to.deep.equal(singles);
    expect(inPlace(halves, float16ToFloat32)).to.deep.equal(singles);
    expect(float16ToFloat32(Uint16Array.of(0x7e00))[0]).to.be.NaN;
  });

  it('is widened from bfloat16 likewise', () => {
    const halves = [0x3f80, 0xc000, 0x3eab, 0x7f80];
    const singles = [1, -2, 0.333984375, Infinity];
    expect([...bfloat16ToFloat32(Uint16Array.from(halves))]).to.deep.equal(singles);
    expect(inPlace(halves, bfloat16ToFloat32)).to.deep.equal(singles);
  });
});
