/** Conformance cases of ops that read or write at computed places. */

import { formatShape } from "../../src/core/base/index.ts";
import type { indexing } from "../../src/core/graph/ops/indexing.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, halves, inf, integers, nan, spread, uniform } from "./cases-values.ts";

function gatherCase(axis: number, x: HostValue, indices: HostValue): CaseOf<"gather"> {
  const name = `${x.dtype}${formatShape(x.shape)} axis ${axis} by ${indices.dtype}${formatShape(indices.shape)}`;
  return { name, attrs: { axis }, inputs: [x, indices] };
}

function scatterCase(axis: number, size: number, updates: HostValue, indices: HostValue): CaseOf<"scatterAdd"> {
  const into = `into ${size} rows at axis ${axis}`;
  const name = `${formatShape(updates.shape)} by ${indices.dtype}${formatShape(indices.shape)} ${into}`;
  return { name, attrs: { axis, size }, inputs: [updates, indices] };
}

function takeCase(axis: number, x: HostValue, indices: HostValue): CaseOf<"takeAlongAxis"> {
  const name = `${x.dtype}${formatShape(x.shape)} axis ${axis} by ${indices.dtype}${formatShape(indices.shape)}`;
  return { name, attrs: { axis }, inputs: [x, indices] };
}

function scatterAlongCase(
  axis: number,
  size: number,
  updates: HostValue,
  indices: HostValue,
): CaseOf<"scatterAddAlongAxis"> {
  const name = `${formatShape(updates.shape)} by ${indices.dtype} into ${size} at axis ${axis}`;
  return { name, attrs: { axis, size }, inputs: [updates, indices] };
}

function dynamicSliceCase(axis: number, size: number, x: HostValue, start: HostValue): CaseOf<"dynamicSlice"> {
  const name = `${size} of ${x.dtype}${formatShape(x.shape)} along ${axis} from ${start.dtype} ${start.data[0]}`;
  return { name, attrs: { axis, size }, inputs: [x, start] };
}

function dynamicUpdateCase(
  axis: number,
  x: HostValue,
  update: HostValue,
  start: HostValue,
): CaseOf<"dynamicUpdateSlice"> {
  const into = `into ${x.dtype}${formatShape(x.shape)} along ${axis} from ${start.dtype} ${start.data[0]}`;
  return { name: `${formatShape(update.shape)} ${into}`, attrs: { axis }, inputs: [x, update, start] };
}

function at(start: number, dtype: "int32" | "int64" = "int64"): HostValue {
  return hostValue(dtype, [], [start]);
}

export const indexingCases: Pick<ConformanceCases, keyof typeof indexing> = {
  gather: [
    gatherCase(0, spread([5, 3]), hostValue("int32", [4], [4, 0, 0, 2])),
    gatherCase(1, spread([3, 5]), hostValue("int32", [4], [4, 0, 0, 2])),
    gatherCase(0, spread([5, 3]), hostValue("int64", [2, 3], [1, 1, 1, 4, 3, 0])),
    gatherCase(1, spread([2, 4, 3]), hostValue("int64", [2, 2], [3, 3, 0, 1])),
    gatherCase(2, spread([2, 2, 4]), hostValue("int32", [2, 2], [3, 3, 0, 1])),
    gatherCase(0, spread([5, 3]), hostValue("int32", [], [2])),
    gatherCase(1, spread([2, 4]), hostValue("int64", [], [3])),
    gatherCase(0, spread([4]), hostValue("int32", [], [1])),
    gatherCase(0, spread([5, 2]), hostValue("int32", [0], [])),
    gatherCase(0, spread([3, 0]), hostValue("int32", [2], [2, 1])),
    gatherCase(0, integers("int64", [6], -99, 99), integers("int32", [8], 0, 6)),
    gatherCase(0, integers("int32", [6, 2], -99, 99), integers("int64", [3], 0, 6)),
    gatherCase(0, bools([6]), integers("int32", [8], 0, 6)),
    gatherCase(0, spread([5, 3]), hostValue("int64", [4], [-1, -5, 0, -2])),
    gatherCase(1, float([1, 2], [nan, inf]), hostValue("int32", [3], [1, -2, 0])),
    gatherCase(0, halves([6, 2]), integers("int32", [8], 0, 6)),
    gatherCase(0, spread([65, 16]), integers("int32", [4, 32], 0, 65)),
  ],
  scatterAdd: [
    scatterCase(0, 5, uniform([4, 3]), hostValue("int32", [4], [4, 0, 0, 2])),
    scatterCase(1, 5, uniform([3, 4]), hostValue("int32", [4], [4, 0, 0, 2])),
    scatterCase(2, 3, uniform([2, 2, 4]), hostValue("int64", [4], [2, 2, 0, 2])),
    scatterCase(0, 5, uniform([2, 3, 2]), hostValue("int64", [2, 3], [1, 1, 1, 4, 3, 1])),
    scatterCase(1, 4, uniform([2, 2, 2, 3]), hostValue("int32", [2, 2], [3, 3, 0, 1])),
    scatterCase(0, 4, uniform([3]), hostValue("int32", [], [2])),
    scatterCase(1, 3, uniform([4]), hostValue("int64", [], [0])),
    scatterCase(0, 3, float([0, 2], []), hostValue("int32", [0], [])),
    scatterCase(0, 1, uniform([9, 2]), integers("int32", [9], 0, 1)),
    scatterCase(0, 5, uniform([4, 3]), hostValue("int64", [4], [-1, 4, -5, 0])),
    scatterCase(1, 5, uniform([3, 4]), hostValue("int64", [4], [-1, 4, -5, 0])),
    // Many updates of few rows: lost updates show here (ONNX Runtime issue 18048).
    scatterCase(0, 3, uniform([4096, 8], 0, 1), integers("int32", [4096], 0, 3)),
    scatterCase(0, 400, uniform([4096, 8], 0, 1), integers("int64", [4096], 0, 3)),
    scatterCase(1, 300, uniform([4, 2048], 0, 1), integers("int32", [2048], 0, 2)),
    scatterCase(0, 65, uniform([8, 64, 16]), integers("int32", [8, 64], 0, 65)),
  ],
  takeAlongAxis: [
    takeCase(0, spread([5]), hostValue("int32", [3], [4, 0, 0])),
    takeCase(1, spread([3, 5]), hostValue("int64", [3, 2], [4, 0, 1, 1, -1, -5])),
    takeCase(0, spread([3, 4]), integers("int32", [5, 4], -3, 3)),
    takeCase(1, spread([2, 4, 3]), integers("int64", [2, 6, 3], 0, 4)),
    takeCase(2, spread([2, 1, 7]), integers("int64", [2, 1, 1], 0, 7)),
    takeCase(0, spread([3]), hostValue("int32", [0], [])),
    takeCase(1, float([0, 3], []), hostValue("int32", [0, 2], [])),
    takeCase(0, float([2, 0], []), hostValue("int32", [3, 0], [])),
    takeCase(0, float([3], [nan, inf, 1]), hostValue("int32", [3], [2, 1, 0])),
    takeCase(1, integers("int64", [2, 3], -9, 9), integers("int32", [2, 4], 0, 3)),
    takeCase(0, integers("int32", [4, 2], -9, 9), integers("int64", [3, 2], 0, 4)),
    takeCase(0, bools([4, 2]), integers("int64", [3, 2], 0, 4)),
    takeCase(1, spread([64, 65]), integers("int64", [64, 1], 0, 65)),
  ],
  scatterAddAlongAxis: [
    scatterAlongCase(0, 5, uniform([4]), hostValue("int32", [4], [4, 0, 0, 2])),
    scatterAlongCase(1, 5, uniform([2, 3]), hostValue("int64", [2, 3], [4, -5, 0, 1, -1, 4])),
    scatterAlongCase(0, 3, uniform([5, 4]), integers("int32", [5, 4], -3, 3)),
    scatterAlongCase(1, 4, uniform([2, 6, 3]), integers("int64", [2, 6, 3], 0, 4)),
    scatterAlongCase(2, 1, uniform([2, 2, 3]), integers("int64", [2, 2, 3], 0, 1)),
    scatterAlongCase(0, 3, float([0], []), hostValue("int32", [0], [])),
    scatterAlongCase(1, 3, float([2, 0], []), hostValue("int64", [2, 0], [])),
    scatterAlongCase(1, 3, float([0, 2], []), hostValue("int64", [0, 2], [])),
    scatterAlongCase(0, 2, float([3], [nan, inf, 1]), hostValue("int32", [3], [0, 1, 1])),
    scatterAlongCase(0, 3, uniform([2048, 8], 0, 1), integers("int32", [2048, 8], 0, 3)),
    scatterAlongCase(1, 300, uniform([8, 2048], 0, 1), integers("int64", [8, 2048], 0, 2)),
  ],
  dynamicSlice: [
    dynamicSliceCase(0, 2, spread([5]), at(1)),
    dynamicSliceCase(0, 2, spread([5]), at(0, "int32")),
    dynamicSliceCase(1, 3, spread([2, 5, 3]), at(2, "int32")),
    dynamicSliceCase(2, 1, spread([2, 2, 4]), at(3)),
    dynamicSliceCase(1, 3, spread([2, 5]), at(9)),
    dynamicSliceCase(1, 3, spread([2, 5]), at(-1)),
    dynamicSliceCase(1, 3, spread([2, 5]), at(-9, "int32")),
    dynamicSliceCase(0, 4, spread([4, 2]), at(3)),
    dynamicSliceCase(0, 0, spread([4, 2]), at(3)),
    dynamicSliceCase(0, 2, float([4, 0], []), at(1)),
    dynamicSliceCase(0, 2, float([3], [1, nan, inf]), at(1)),
    dynamicSliceCase(0, 2, integers("int64", [4, 2], -9, 9), at(1)),
    dynamicSliceCase(0, 2, integers("int32", [4], -9, 9), at(1)),
    dynamicSliceCase(0, 2, integers("uint32", [4], 0, 9), at(1)),
    dynamicSliceCase(0, 2, bools([4]), at(1)),
  ],
  dynamicUpdateSlice: [
    dynamicUpdateCase(0, spread([5]), uniform([2]), at(1)),
    dynamicUpdateCase(0, spread([5]), uniform([2]), at(0, "int32")),
    dynamicUpdateCase(1, spread([2, 5, 3]), uniform([2, 2, 3]), at(2, "int32")),
    dynamicUpdateCase(2, spread([2, 2, 4]), uniform([2, 2, 1]), at(3)),
    dynamicUpdateCase(1, spread([2, 5]), uniform([2, 3]), at(9)),
    dynamicUpdateCase(1, spread([2, 5]), uniform([2, 3]), at(-9)),
    dynamicUpdateCase(0, spread([4, 2]), uniform([4, 2]), at(3)),
    dynamicUpdateCase(0, spread([4, 2]), float([0, 2], []), at(3)),
    dynamicUpdateCase(0, float([4, 0], []), float([2, 0], []), at(3)),
    dynamicUpdateCase(0, float([3], [1, nan, inf]), float([1], [nan]), at(0)),
    // An update below the sixteenth part is written into a copy.
    dynamicUpdateCase(1, spread([2, 40, 3]), uniform([2, 1, 3]), at(39)),
    dynamicUpdateCase(1, spread([2, 40, 3]), uniform([2, 2, 3]), at(77, "int32")),
    dynamicUpdateCase(0, spread([40]), uniform([1]), at(-3)),
    dynamicUpdateCase(0, integers("int64", [40, 2], -9, 9), integers("int64", [1, 2], 50, 99, "update"), at(7)),
    dynamicUpdateCase(0, integers("uint32", [5], 0, 9), integers("uint32", [2], 50, 99, "update"), at(1)),
    dynamicUpdateCase(0, bools([40]), bools([2], "update"), at(30)),
  ],
};
