/** Points of gradient checks of compositions. */

import { hostValue } from "../../src/engine/interpreter/index.ts";
import { uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

const parameters = [uniform([4], 0.5, 2, "weight"), uniform([4], -1, 1, "bias")];

export const compositeCases = {
  softmax: [
    { name: "the last axis", attrs: { axis: 1 }, inputs: [uniform([2, 3])] },
    { name: "the first axis", attrs: { axis: 0 }, inputs: [uniform([3, 2])] },
  ],
  logSoftmax: [
    { name: "the last axis", attrs: { axis: 1 }, inputs: [uniform([2, 3])] },
    { name: "a middle axis", attrs: { axis: 1 }, inputs: [uniform([2, 3, 2])] },
  ],
  crossEntropy: [
    { name: "rows", attrs: {}, inputs: [uniform([3, 4]), hostValue("int32", [3], [0, 3, 3])] },
    { name: "a vector", attrs: {}, inputs: [uniform([3]), hostValue("int64", [], [1])] },
  ],
  gelu: [
    { name: "a matrix", attrs: {}, inputs: [uniform([2, 3], -2, 2)] },
    { name: "a scalar", attrs: {}, inputs: [uniform([], -2, 2, "scalar")] },
  ],
  layerNorm: [
    { name: "rows", attrs: { epsilon: 1e-2 }, inputs: [uniform([3, 4]), ...parameters] },
    { name: "rank 3", attrs: { epsilon: 1e-2 }, inputs: [uniform([2, 1, 4]), ...parameters] },
    { name: "a vector", attrs: { epsilon: 0.5 }, inputs: [uniform([4]), ...parameters] },
  ],
} satisfies Partial<GradientCases>;
