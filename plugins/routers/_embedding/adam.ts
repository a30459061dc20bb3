/** Adam (Kingma and Ba, 2015) for one array of parameters, changed in place. `decay` is added to the gradient as decay · value. */
export class Adam {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  constructor(
    private readonly values: Float64Array,
    private readonly decay: number,
  ) {
    this.#mean = new Float64Array(values.length);
    this.#square = new Float64Array(values.length);
  }

  step(gradient: Float64Array, rate: number): void {
    const [mean, square, values] = [this.#mean, this.#square, this.values];
    this.#steps++;
    const first = rate / (1 - 0.9 ** this.#steps);
    const second = 1 / (1 - 0.999 ** this.#steps);
    for (let i = 0; i < values.length; i++) {
      const g = (gradient[i] as number) + this.decay * (values[i] as number);
      const m = 0.9 * (mean[i] as number) + 0.1 * g;
      const s = 0.999 * (square[i] as number) + 0.001 * g * g;
      mean[i] = m;
      square[i] = s;
      values[i] = (values[i] as number) - (first * m) / (Math.sqrt(second * s) + 1e-8);
    }
  }
}
