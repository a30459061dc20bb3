/** The maths library as this folder uses it: mathjs with numbers of 34 digits. */
import { createRequire } from 'node:module';
import type { BigNumber, Complex, Fraction, MathJsInstance } from 'mathjs';

export type { BigNumber, Complex, Fraction };

/**
 * The value of a scalar: an exact fraction, a real number of 34 digits, or a complex number of
 * double precision.
 */
export type Value = BigNumber | Complex;

/**
 * The bundled build is one file: it loads in a tenth of the time of the module build with its 600
 * files.
 */
const bundled = createRequire(import.meta.url)('mathjs/lib/browser/math.js') as {
  readonly create: (factories: object, config: object) => MathJsInstance;
  readonly all: object;
};

export const math = bundled.create(bundled.all, { number: 'BigNumber', precision: 34 });

export const isComplex = (value: unknown): value is Complex => math.typeOf(value) === 'Complex';
export const isBig = (value: unknown): value is BigNumber => math.typeOf(value) === 'BigNumber';
