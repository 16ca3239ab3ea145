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
} satisfies Partial<GradientCases>;
