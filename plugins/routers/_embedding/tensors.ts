import { HarnessError, type Tensor, type Weights } from '../../../core/index.js';

/**
 * Checks tensors by name; `axes` gives the expected number of axes of each.
 * @throws HarnessError RXB6006 naming the one that is missing, misshapen or empty.
 */
export function tensorsFrom<Name extends string>(
  { tensors }: Weights,
  router: string,
  axes: Readonly<Record<Name, number>>,
): Readonly<Record<Name, Tensor>> {
  for (const [name, wanted] of Object.entries<number>(axes)) {
    const tensor = tensors[name];
    const size = tensor?.shape.reduce((a, b) => a * b, 1);
    if (
      tensor === undefined ||
      tensor.shape.length !== wanted ||
      size !== tensor.data.length ||
      size === 0
    ) {
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router,
        problem: `tensor ${name} is missing or has the wrong shape`,
      });
    }
  }
  return tensors as Readonly<Record<Name, Tensor>>;
}

/**
 * Checks that tensors have the same width.
 * @throws HarnessError RXB6006
 */
export function checkEqual(router: string, what: string, sizes: readonly number[]): void {
  if (sizes.some((size) => size !== sizes[0]))
    throw new HarnessError('weightsMismatch', {
      folder: 'the weights',
      router,
      problem: `${what} differ in width (${sizes.join(', ')})`,
    });
}
