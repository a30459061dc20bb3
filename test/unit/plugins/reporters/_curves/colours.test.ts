import { expect } from 'chai';
import { COLOURS } from '../../../../../plugins/reporters/_curves/svg.js';

type Triple = readonly [number, number, number];
const times = (matrix: readonly Triple[], [x, y, z]: Triple): Triple =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;
const linear = (hex: string): Triple =>
  [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as unknown as Triple;

/** Linear RGB as seen by others: Machado, Oliveira and Fernandes (2009), severity 1. */
const VISION: Readonly<Record<string, readonly Triple[]>> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Linear RGB → OKLab (Ottosson 2020), in which distances are about as large as they look. */
const oklab = (rgb: Triple): Triple => {
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb.map((c) => Math.min(1, Math.max(0, c))) as unknown as Triple,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms.map(Math.cbrt) as unknown as Triple,
  );
};
const luminance = (hex: string): number => times([[0.2126, 0.7152, 0.0722]], linear(hex))[0];
const contrast = (a: string, b: string): number =>
  (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);

describe('the colours of curves', () => {
  for (const [theme, ground] of [
    ['light', '#ffffff'],
    ['dark', '#14171a'],
  ] as const) {
    const colours = COLOURS.map((pair) => pair[theme === 'light' ? 0 : 1]);

    it(`stand out from the ${theme} ground`, () => {
      for (const colour of colours) expect(contrast(colour, ground), colour).to.be.at.least(3);
    });

    for (const [vision, matrix] of Object.entries(VISION)) {
      it(`are told apart in ${theme} under ${vision} vision`, () => {
        const seen = colours.map((colour) => oklab(times(matrix, linear(colour))));
        seen.forEach((a, i) =>
          seen
            .slice(0, i)
            .forEach((b, j) =>
              expect(
                Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]),
                `${colours[i]} ${colours[j]}`,
              ).to.be.at.least(0.12),
            ),
        );
      });
    }
  }
});
