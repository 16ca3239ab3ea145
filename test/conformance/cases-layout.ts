/** Conformance cases of ops that move elements. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { layout } from "../../src/core/graph/ops/layout.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, floats, halves, inf, integers, nan, spread, uniform } from "./cases-values.ts";

function reshapeCase(x: HostValue, shape: Shape): CaseOf<"reshape"> {
  return { name: `${x.dtype}${formatShape(x.shape)} to ${formatShape(shape)}`, attrs: { shape }, inputs: [x] };
}

function transposeCase(x: HostValue, permutation: readonly number[]): CaseOf<"transpose"> {
  const name = `${x.dtype}${formatShape(x.shape)} by ${formatShape(permutation)}`;
  return { name, attrs: { permutation }, inputs: [x] };
}

function expandCase(x: HostValue, shape: Shape): CaseOf<"expand"> {
  return { name: `${x.dtype}${formatShape(x.shape)} to ${formatShape(shape)}`, attrs: { shape }, inputs: [x] };
}

function sliceCase(x: HostValue, starts: readonly number[], sizes: readonly number[]): CaseOf<"slice"> {
  const name = `${formatShape(sizes)} from ${formatShape(starts)} of ${x.dtype}${formatShape(x.shape)}`;
  return { name, attrs: { starts, sizes }, inputs: [x] };
}

function padCase(x: HostValue, low: readonly number[], high: readonly number[]): CaseOf<"pad"> {
  const name = `${formatShape(x.shape)}, ${formatShape(low)} before and ${formatShape(high)} after`;
  return { name, attrs: { low, high }, inputs: [x] };
}

function concatCase(axis: number, ...inputs: HostValue[]): CaseOf<"concat"> {
  const shapes = inputs.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`).join(", ");
  return { name: `${shapes} along ${axis}`, attrs: { axis }, inputs };
}

export const layoutCases: Pick<ConformanceCases, keyof typeof layout> = {
  reshape: [
    reshapeCase(uniform([2, 6]), [3, 4]),
    reshapeCase(uniform([]), [1, 1]),
    reshapeCase(uniform([1, 1]), []),
    reshapeCase(float([0, 3], []), [3, 0, 2]),
    reshapeCase(float([2, 0], []), [0]),
    reshapeCase(integers("int64", [4], -5, 5), [2, 2]),
    reshapeCase(integers("uint32", [4], 0, 5), [4, 1]),
    reshapeCase(bools([2, 3]), [6]),
    reshapeCase(halves([2, 3]), [6]),
  ],
  transpose: [
    transposeCase(uniform([2, 3]), [1, 0]),
    transposeCase(uniform([2, 3, 4]), [0, 2, 1]),
    transposeCase(uniform([2, 3, 4]), [2, 0, 1]),
    transposeCase(uniform([2, 3, 4, 5]), [0, 2, 3, 1]),
    transposeCase(uniform([2, 3, 4, 5]), [3, 1, 0, 2]),
    transposeCase(uniform([1, 3, 1, 2]), [2, 1, 3, 0]),
    transposeCase(uniform([]), []),
    transposeCase(uniform([3]), [0]),
    transposeCase(float([0, 3], []), [1, 0]),
    transposeCase(integers("int32", [2, 3], -5, 5), [1, 0]),
    transposeCase(bools([2, 3]), [1, 0]),
    transposeCase(halves([2, 3]), [1, 0]),
  ],
  expand: [
    expandCase(uniform([]), [2, 3]),
    expandCase(uniform([1]), [4]),
    expandCase(uniform([3, 1]), [2, 3, 4]),
    expandCase(uniform([1, 3, 1]), [2, 3, 2]),
    expandCase(uniform([2, 3]), [2, 3]),
    expandCase(uniform([1]), [0]),
    expandCase(uniform([1, 3]), [0, 3]),
    expandCase(float([0], []), [2, 0]),
    expandCase(integers("int64", [2, 1], -5, 5), [2, 3]),
    expandCase(bools([1, 2]), [3, 2]),
    expandCase(halves([1, 2]), [3, 2]),
  ],
  slice: [
    sliceCase(spread([5]), [1], [3]),
    sliceCase(spread([4, 5]), [1, 2], [2, 3]),
    sliceCase(spread([4, 5]), [0, 0], [4, 5]),
    sliceCase(spread([4, 5]), [3, 4], [1, 1]),
    sliceCase(spread([2, 3, 4, 2]), [1, 0, 2, 0], [1, 3, 2, 2]),
    sliceCase(spread([4, 2]), [4, 0], [0, 2]),
    sliceCase(spread([]), [], []),
    sliceCase(integers("int64", [6], -9, 9), [2], [2]),
    sliceCase(integers("uint32", [6], 0, 9), [0], [2]),
    sliceCase(bools([6]), [3], [3]),
    sliceCase(halves([6]), [3], [3]),
  ],
  pad: [
    padCase(uniform([3]), [1], [2]),
    padCase(uniform([2, 3]), [0, 1], [0, 0]),
    padCase(uniform([2, 3]), [0, 0], [0, 0]),
    padCase(uniform([1, 2, 3, 2]), [0, 0, 1, 2], [0, 1, 0, 2]),
    padCase(float([0, 2], []), [1, 0], [1, 1]),
    padCase(uniform([]), [], []),
    padCase(floats(nan, inf, -inf), [1], [1]),
  ],
  concat: [
    concatCase(0, uniform([2, 3]), uniform([1, 3], -2, 2, "b")),
    concatCase(1, uniform([2, 3]), uniform([2, 1], -2, 2, "b"), uniform([2, 2], -2, 2, "c")),
    concatCase(0, uniform([3])),
    concatCase(1, uniform([2, 0]), uniform([2, 3])),
    concatCase(0, float([0], []), float([0], [])),
    concatCase(2, uniform([2, 1, 2]), uniform([2, 1, 3], -2, 2, "b")),
    concatCase(0, ...Array.from({ length: 40 }, (_, i) => uniform([1, 2], -2, 2, `part ${i}`))),
    concatCase(0, integers("int64", [2], -5, 5), integers("int64", [3], -5, 5, "b")),
    concatCase(0, integers("uint32", [2], 0, 5), integers("uint32", [2], 0, 5, "b")),
    concatCase(0, bools([2]), bools([3], "b")),
    concatCase(0, halves([2]), halves([3], "b")),
  ],
};
