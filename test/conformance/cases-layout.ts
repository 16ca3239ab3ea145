/** Conformance cases of ops that move elements. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { PadAttrs } from "../../src/core/graph/index.ts";
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

function sliceCase(
  x: HostValue,
  starts: readonly number[],
  sizes: readonly number[],
  steps?: readonly number[],
): CaseOf<"slice"> {
  const every = steps ? ` every ${formatShape(steps)}` : "";
  const name = `${formatShape(sizes)} from ${formatShape(starts)}${every} of ${x.dtype}${formatShape(x.shape)}`;
  return { name, attrs: { starts, sizes, ...(steps && { steps }) }, inputs: [x] };
}

function reverseCase(x: HostValue, axes: readonly number[]): CaseOf<"reverse"> {
  return { name: `${x.dtype}${formatShape(x.shape)} along ${formatShape(axes)}`, attrs: { axes }, inputs: [x] };
}

function padCase(
  x: HostValue,
  low: readonly number[],
  high: readonly number[],
  options: Pick<PadAttrs, "mode" | "value"> = {},
): CaseOf<"pad"> {
  const { value, mode } = options;
  const what = `${mode ? ` by ${mode}` : ""}${value === undefined ? "" : ` with ${Object.is(value, -0) ? "-0" : value}`}`;
  const name = `${x.dtype}${formatShape(x.shape)}, ${formatShape(low)} before and ${formatShape(high)} after${what}`;
  return { name, attrs: { low, high, ...options }, inputs: [x] };
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
    // Matrices with as many rows or columns as a block of channels has.
    transposeCase(uniform([3, 16, 5]), [0, 2, 1]),
    transposeCase(uniform([3, 5, 16]), [0, 2, 1]),
    transposeCase(uniform([16, 16]), [1, 0]),
    transposeCase(uniform([4, 8, 9]), [0, 2, 1]),
    transposeCase(uniform([9, 8]), [1, 0]),
    transposeCase(uniform([2, 16, 3, 1, 5]), [0, 2, 3, 4, 1]),
    transposeCase(uniform([2, 3, 5, 16]), [0, 3, 1, 2]),
    transposeCase(uniform([2, 16, 3, 4]), [2, 3, 1, 0]),
    transposeCase(float([0, 16, 5], []), [0, 2, 1]),
    transposeCase(float([16, 2], Array<number>(16).fill(nan).concat(Array<number>(16).fill(-0))), [1, 0]),
    transposeCase(integers("int32", [2, 16, 3], -5, 5), [0, 2, 1]),
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
    sliceCase(spread([7]), [1], [3], [2]),
    sliceCase(spread([7]), [0], [3], [3]),
    sliceCase(spread([7]), [6], [1], [9]),
    sliceCase(spread([7]), [7], [0], [2]),
    sliceCase(spread([9, 4]), [1, 0], [3, 4], [3, 1]),
    sliceCase(spread([9, 4]), [2, 1], [2, 2], [4, 2]),
    sliceCase(spread([2, 5, 6]), [0, 1, 0], [2, 2, 3], [1, 2, 2]),
    sliceCase(spread([2, 5, 3]), [0, 0, 1], [2, 3, 1], [1, 2, 1]),
    sliceCase(spread([6, 0]), [1, 0], [2, 0], [3, 1]),
    sliceCase(integers("int64", [6, 2], -9, 9), [1, 0], [3, 2], [2, 1]),
    sliceCase(bools([6, 2]), [0, 0], [2, 2], [3, 1]),
  ],
  reverse: [
    reverseCase(spread([5]), [0]),
    reverseCase(spread([3, 4]), [0]),
    reverseCase(spread([3, 4]), [1]),
    reverseCase(spread([3, 4]), [0, 1]),
    reverseCase(spread([2, 3, 4, 2]), [1, 2]),
    reverseCase(spread([2, 3, 4]), []),
    reverseCase(spread([1, 4]), [0]),
    reverseCase(spread([4, 1]), [0]),
    reverseCase(spread([]), []),
    reverseCase(float([0, 3], []), [0, 1]),
    reverseCase(float([3, 0], []), [0]),
    reverseCase(floats(nan, inf, -inf, 0), [0]),
    reverseCase(integers("int32", [4], -9, 9), [0]),
    reverseCase(integers("int64", [4, 2], -9, 9), [0]),
    reverseCase(integers("uint32", [4], 0, 9), [0]),
    reverseCase(integers("uint8", [4, 2], 0, 9), [0, 1]),
    reverseCase(bools([5]), [0]),
  ],
  pad: [
    padCase(uniform([3]), [1], [2]),
    padCase(uniform([2, 3]), [0, 1], [0, 0]),
    padCase(uniform([2, 3]), [0, 0], [0, 0]),
    padCase(uniform([1, 2, 3, 2]), [0, 0, 1, 2], [0, 1, 0, 2]),
    padCase(float([0, 2], []), [1, 0], [1, 1]),
    padCase(uniform([]), [], []),
    padCase(floats(nan, inf, -inf), [1], [1]),
    padCase(uniform([2, 3]), [1, 0], [0, 2], { value: -0.5 }),
    padCase(uniform([2]), [1], [1], { value: nan }),
    padCase(uniform([2]), [1], [1], { value: -inf }),
    padCase(float([0, 2], []), [2, 0], [0, 1], { value: 3 }),
    padCase(uniform([]), [], [], { value: 3 }),
    ...(["int32", "int64", "uint32", "uint8"] as const).flatMap((dtype) => [
      padCase(integers(dtype, [2, 2], 0, 9), [1, 0], [0, 2]),
      padCase(integers(dtype, [2, 2], 0, 9), [1, 0], [0, 2], { value: 7 }),
    ]),
    padCase(bools([2, 2]), [1, 0], [0, 2]),
    padCase(bools([2, 2]), [1, 0], [0, 2], { value: 1 }),
    padCase(spread([5]), [2], [4], { mode: "reflect" }),
    padCase(spread([3, 4]), [2, 3], [1, 0], { mode: "reflect" }),
    padCase(spread([2, 1, 4, 5]), [0, 0, 1, 2], [0, 0, 3, 1], { mode: "reflect" }),
    padCase(spread([1, 3]), [0, 2], [0, 2], { mode: "reflect" }),
    padCase(float([0, 3], []), [0, 1], [0, 2], { mode: "reflect" }),
    padCase(spread([]), [], [], { mode: "reflect" }),
    padCase(floats(nan, 1, inf), [2], [2], { mode: "reflect" }),
    padCase(spread([3]), [2], [4], { mode: "edge" }),
    padCase(spread([3, 4]), [2, 3], [5, 0], { mode: "edge" }),
    padCase(spread([2, 1, 4, 5]), [0, 3, 1, 2], [0, 2, 3, 1], { mode: "edge" }),
    padCase(float([0, 3], []), [0, 1], [0, 2], { mode: "edge" }),
    padCase(spread([]), [], [], { mode: "edge" }),
    padCase(floats(nan, 1, inf), [2], [2], { mode: "edge" }),
    ...(["int32", "int64", "uint32", "uint8", "bool"] as const).flatMap((dtype) =>
      (["reflect", "edge"] as const).map((mode) =>
        padCase(integers(dtype, [3, 2], 0, dtype === "bool" ? 2 : 9), [2, 0], [1, 1], { mode }),
      ),
    ),
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
