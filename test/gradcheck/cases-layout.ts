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
  slice: [
    { name: "a block", attrs: { starts: [1, 0], sizes: [2, 3] }, inputs: [uniform([4, 4])] },
    { name: "every third", attrs: { starts: [1], sizes: [3], steps: [3] }, inputs: [uniform([9])] },
    { name: "every second, to the end", attrs: { starts: [0], sizes: [3], steps: [2] }, inputs: [uniform([5])] },
    {
      name: "steps along two axes of three",
      attrs: { starts: [1, 0, 0], sizes: [2, 2, 2], steps: [2, 1, 3] },
      inputs: [uniform([5, 2, 4])],
    },
    {
      name: "a step beyond the end",
      attrs: { starts: [1, 1], sizes: [1, 2], steps: [5, 2] },
      inputs: [uniform([3, 4])],
    },
  ],
  reverse: [
    { name: "one axis", attrs: { axes: [0] }, inputs: [uniform([4, 2])] },
    { name: "two axes of three", attrs: { axes: [0, 2] }, inputs: [x234] },
    { name: "no axis", attrs: { axes: [] }, inputs: [uniform([2])] },
  ],
  pad: [
    { name: "uneven", attrs: { low: [1, 0], high: [0, 2] }, inputs: [uniform([2, 3])] },
    { name: "with a number", attrs: { low: [1, 0], high: [0, 2], value: -2 }, inputs: [uniform([2, 3])] },
    ...(["reflect", "edge"] as const).flatMap((mode) => [
      { name: `${mode}, one axis`, attrs: { low: [3], high: [2], mode }, inputs: [uniform([4])] },
      { name: `${mode}, before only`, attrs: { low: [1, 2], high: [0, 0], mode }, inputs: [uniform([2, 3])] },
      { name: `${mode}, after only`, attrs: { low: [0, 0], high: [1, 2], mode }, inputs: [uniform([2, 3])] },
      { name: `${mode}, two axes of three`, attrs: { low: [0, 2, 1], high: [0, 1, 3], mode }, inputs: [x234] },
      { name: `${mode}, nothing`, attrs: { low: [0], high: [0], mode }, inputs: [uniform([1])] },
    ]),
    { name: "edge, a single element", attrs: { low: [2], high: [1], mode: "edge" }, inputs: [uniform([1])] },
  ],
  concat: [
    {
      name: "three along 1",
      attrs: { axis: 1 },
      inputs: [uniform([2, 3]), uniform([2, 1], -2, 2, "b"), float([2, 0], [])],
    },
    { name: "one", attrs: { axis: 0 }, inputs: [uniform([3])] },
  ],
} satisfies Partial<GradientCases>;
