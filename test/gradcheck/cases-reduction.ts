/** Points of gradient checks of ops that join the elements along axes. */

import type { HostValue } from "../../src/engine/interpreter/index.ts";
import { spread, uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

const x234 = uniform([2, 3, 4], -1, 1);

function reductions(x: HostValue): GradientCases["reduceSum"] {
  return [
    { name: "the last axis", attrs: { axes: [2], keepDims: false }, inputs: [x] },
    { name: "outer axes, kept", attrs: { axes: [0, 2], keepDims: true }, inputs: [x] },
    { name: "outer axes", attrs: { axes: [0, 2], keepDims: false }, inputs: [x] },
    { name: "all axes", attrs: { axes: [0, 1, 2], keepDims: false }, inputs: [x] },
    { name: "no axis", attrs: { axes: [], keepDims: false }, inputs: [x] },
  ];
}

export const reductionCases = {
  reduceSum: reductions(x234),
  reduceMax: reductions(spread([2, 3, 4])),
  reduceMin: reductions(spread([2, 3, 4])),
  cumulativeSum: [
    { name: "forwards", attrs: { axis: 1, reverse: false, exclusive: false }, inputs: [x234] },
    { name: "backwards", attrs: { axis: 0, reverse: true, exclusive: false }, inputs: [x234] },
    { name: "without itself", attrs: { axis: 2, reverse: false, exclusive: true }, inputs: [x234] },
    { name: "backwards without itself", attrs: { axis: 2, reverse: true, exclusive: true }, inputs: [x234] },
  ],
  topK: [
    { name: "some", attrs: { axis: 1, k: 2, largest: true }, inputs: [spread([2, 4, 3])] },
    { name: "the smallest", attrs: { axis: 0, k: 3, largest: false }, inputs: [spread([5])] },
    { name: "all, along the last axis", attrs: { axis: 1, k: 4, largest: true }, inputs: [spread([2, 4])] },
  ],
} satisfies Partial<GradientCases>;
