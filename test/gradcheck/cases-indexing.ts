/** Points of gradient checks of ops that read or write at computed places. */

import { hostValue } from "../../src/engine/interpreter/index.ts";
import { uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

export const indexingCases = {
  gather: [
    { name: "duplicates", attrs: { axis: 0 }, inputs: [uniform([4, 2]), hostValue("int32", [5], [3, 1, 3, 3, 0])] },
    {
      name: "indices of rank 2",
      attrs: { axis: 1 },
      inputs: [uniform([2, 3, 2]), hostValue("int64", [2, 2], [2, 2, 0, 2])],
    },
    { name: "a scalar index", attrs: { axis: 1 }, inputs: [uniform([2, 3]), hostValue("int32", [], [1])] },
  ],
  scatterAdd: [
    {
      name: "duplicates",
      attrs: { axis: 0, size: 3 },
      inputs: [uniform([4, 2]), hostValue("int32", [4], [2, 0, 2, 2])],
    },
    {
      name: "indices of rank 2",
      attrs: { axis: 1, size: 3 },
      inputs: [uniform([2, 2, 2, 2]), hostValue("int64", [2, 2], [2, 2, 0, 2])],
    },
    { name: "a scalar index", attrs: { axis: 1, size: 2 }, inputs: [uniform([3]), hostValue("int32", [], [1])] },
  ],
} satisfies Partial<GradientCases>;
