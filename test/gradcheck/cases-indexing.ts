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
    { name: "from the end", attrs: { axis: 0 }, inputs: [uniform([3]), hostValue("int32", [3], [-1, 2, -3])] },
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
  takeAlongAxis: [
    {
      name: "duplicates",
      attrs: { axis: 1 },
      inputs: [uniform([2, 3]), hostValue("int32", [2, 4], [2, 0, 2, 2, -1, 1, 2, 0])],
    },
    {
      name: "the first axis of three",
      attrs: { axis: 0 },
      inputs: [uniform([3, 1, 2]), hostValue("int64", [2, 1, 2], [2, 0, 0, 0])],
    },
  ],
  scatterAddAlongAxis: [
    {
      name: "duplicates",
      attrs: { axis: 1, size: 3 },
      inputs: [uniform([2, 4]), hostValue("int32", [2, 4], [2, 0, 2, 2, -1, 1, 2, 0])],
    },
    {
      name: "the first axis of three",
      attrs: { axis: 0, size: 4 },
      inputs: [uniform([2, 1, 2]), hostValue("int64", [2, 1, 2], [2, 0, 0, 0])],
    },
  ],
  dynamicSlice: [
    { name: "inside", attrs: { axis: 1, size: 2 }, inputs: [uniform([2, 5]), hostValue("int64", [], [1])] },
    { name: "moved inside", attrs: { axis: 0, size: 2 }, inputs: [uniform([3, 2]), hostValue("int32", [], [7])] },
    { name: "all", attrs: { axis: 0, size: 3 }, inputs: [uniform([3, 2]), hostValue("int32", [], [0])] },
  ],
  dynamicUpdateSlice: [
    {
      name: "inside",
      attrs: { axis: 1 },
      inputs: [uniform([2, 5]), uniform([2, 2], -2, 2, "update"), hostValue("int64", [], [1])],
    },
    {
      name: "moved inside",
      attrs: { axis: 0 },
      inputs: [uniform([3, 2]), uniform([2, 2], -2, 2, "update"), hostValue("int32", [], [-4])],
    },
  ],
} satisfies Partial<GradientCases>;
