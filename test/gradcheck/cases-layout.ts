import { float, uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

const x234 = uniform([2, 3, 4], -1, 1);

export const layoutCases = {
  reshape: [
    { name: "another rank", attrs: { shape: [3, 2, 1] }, inputs: [uniform([2, 3])] },
    { name: "to a scalar", attrs: { shape: [] }, inputs: [uniform([1, 1])] },
  ],
  transpose: [
    { name: "a cycle of three axes", attrs: { permutation: [2, 0, 1] }, inputs: [x234] },
    { name: "two axes", attrs: { permutation: [1, 0] }, inputs: [uniform([2, 3])] },
  ],
  expand: [
    { name: "an inner axis and a leading one", attrs: { shape: [2, 3, 4] }, inputs: [uniform([3, 1])] },
    { name: "a scalar", attrs: { shape: [2, 2] }, inputs: [uniform([])] },
    { name: "nothing", attrs: { shape: [1, 2] }, inputs: [uniform([1, 2])] },
  ],
  slice: [{ name: "a block", attrs: { starts: [1, 0], sizes: [2, 3] }, inputs: [uniform([4, 4])] }],
  pad: [{ name: "uneven", attrs: { low: [1, 0], high: [0, 2] }, inputs: [uniform([2, 3])] }],
  concat: [
    {
      name: "three along 1",
      attrs: { axis: 1 },
      inputs: [uniform([2, 3]), uniform([2, 1], -2, 2, "b"), float([2, 0], [])],
    },
    { name: "one", attrs: { axis: 0 }, inputs: [uniform([3])] },
  ],
} satisfies Partial<GradientCases>;
