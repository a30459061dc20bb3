/** Descriptors that this process was started with, and would pass on. */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';

const O_CLOEXEC = 0o2000000;
/** Standard input, output and errors, which every program gets anew. */
const STANDARD = 3;

/**
 * The descriptors that a program started by this process inherits: Node.js opens its own so that
 * they close, and leaves those from 17 on that it was itself started with. Elsewhere than on Linux,
 * none are.
 */
function listInheritedDescriptors(): readonly number[] {
  const inherited = (descriptor: string): boolean => {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1');
      const flags = /^flags:\s+([0-7]+)/m.exec(info)?.[1] ?? '';
      return (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
    } catch {
      return false; // closed meanwhile
    }
  };
  try {
    return readdirSync('/proc/self/fdinfo')
      .filter(inherited)
      .map(Number)
      .filter((descriptor) => descriptor >= STANDARD);
  } catch {
    return []; // no Linux
  }
}

/** How a program's descriptors are made: a pipe, an open file, or not at all. */
export type Descriptors = ('pipe' | 'ignore' | number)[];

/**
 * Starts a program with some descriptors and no others: where it would inherit one, it finds the
 * null device.
 */
export function withOnly<T>(descriptors: Descriptors, start: (all: Descriptors) => T): T {
  const others = listInheritedDescriptors().filter((one) => one >= descriptors.length);
  if (others.length === 0) return start(descriptors);
  const nothing = openSync(devNull, 'r');
  try {
    const all = [...descriptors];
    for (const descriptor of others) {
      while (all.length < descriptor) all.push('ignore');
      all[descriptor] = nothing;
    }
    return start(all);
  } finally {
    closeSync(nothing);
  }
}
