/** Conformance cases of ops that read or write at computed places. */

import { formatShape } from "../../src/core/base/index.ts";
import type { indexing } from "../../src/core/graph/ops/indexing.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, halves, integers, spread, uniform } from "./cases-values.ts";

function gatherCase(axis: number, x: HostValue, indices: HostValue): CaseOf<"gather"> {
  const name = `${x.dtype}${formatShape(x.shape)} axis ${axis} by ${indices.dtype}${formatShape(indices.shape)}`;
  return { name, attrs: { axis }, inputs: [x, indices] };
}

function scatterCase(axis: number, size: number, updates: HostValue, indices: HostValue): CaseOf<"scatterAdd"> {
  const into = `into ${size} rows at axis ${axis}`;
  const name = `${formatShape(updates.shape)} by ${indices.dtype}${formatShape(indices.shape)} ${into}`;
  return { name, attrs: { axis, size }, inputs: [updates, indices] };
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
    // Many updates of few rows: lost updates show here (ONNX Runtime issue 18048).
    scatterCase(0, 3, uniform([4096, 8], 0, 1), integers("int32", [4096], 0, 3)),
    scatterCase(0, 400, uniform([4096, 8], 0, 1), integers("int64", [4096], 0, 3)),
    scatterCase(1, 300, uniform([4, 2048], 0, 1), integers("int32", [2048], 0, 2)),
    scatterCase(0, 65, uniform([8, 64, 16]), integers("int32", [8, 64], 0, 65)),
  ],
};
