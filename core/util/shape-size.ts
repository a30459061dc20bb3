/** How many values a tensor of this shape holds. */
export const shapeSize = (shape: readonly number[]): number =>
  shape.reduce((size, extent) => size * extent, 1);
