/** The two largest values, largest first; −Infinity if there are fewer. */
export function topTwo(values: ArrayLike<number>): readonly [number, number] {
  let first = -Infinity;
  let second = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const z = values[i]!;
    if (z > first) [first, second] = [z, first];
    else if (z > second) second = z;
  }
  return [first, second];
}
