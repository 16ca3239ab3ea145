/** Points of gradient checks of pooling: no two elements of a window are near each other. */

import { spread, uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

const tiles = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] } as const;
const uneven = { kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1] } as const;
const dense = { kernel: [2, 3], stride: [1, 1], padding: [1, 1, 0, 1] } as const;

export const poolingCases = {
  maxPool2d: [
    { name: "tiles", attrs: tiles, inputs: [spread([1, 2, 4, 5])] },
    {
      name: "tiles that leave something over",
      attrs: { ...tiles, kernel: [1, 3], stride: [1, 3] },
      inputs: [spread([1, 2, 3, 5])],
    },
    { name: "uneven", attrs: uneven, inputs: [spread([2, 1, 4, 3])] },
  ],
  averagePool2d: [
    { name: "tiles", attrs: { ...tiles, divisor: "window" }, inputs: [uniform([1, 2, 4, 5])] },
    { name: "uneven, by what is inside", attrs: { ...uneven, divisor: "image" }, inputs: [uniform([2, 1, 4, 3])] },
    { name: "dense sums", attrs: { ...dense, divisor: "none" }, inputs: [uniform([1, 1, 3, 3])] },
  ],
  averagePool2dGradient: [
    { name: "tiles", attrs: { ...tiles, divisor: "none", size: [5, 4] }, inputs: [uniform([1, 2, 2, 2])] },
    { name: "uneven", attrs: { ...uneven, divisor: "image", size: [4, 3] }, inputs: [uniform([2, 1, 3, 3])] },
    { name: "dense", attrs: { ...dense, divisor: "window", size: [3, 3] }, inputs: [uniform([1, 1, 3, 3])] },
  ],
} satisfies Partial<GradientCases>;
