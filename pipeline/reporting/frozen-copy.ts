/**
 * A frozen copy of plain data, so that no plugin can change what another one gets. Functions are
 * shared, and typed arrays, which cannot be frozen, are copied.
 */
export function frozenCopy<T>(value: T): T {
  const copies = new Map<unknown, unknown>();
  const copy = (original: unknown): unknown => {
    if (typeof original !== 'object' || original === null) return original;
    if (ArrayBuffer.isView(original)) return structuredClone(original);
    const known = copies.get(original);
    if (known !== undefined) return known;
    const made: unknown[] | Record<string, unknown> = Array.isArray(original) ? [] : {};
    copies.set(original, made);
    for (const [key, member] of Object.entries(original))
      Object.defineProperty(made, key, { value: copy(member), enumerable: true });
    return Object.freeze(made);
  };
  return copy(value) as T;
}
