/** Conformance cases of inputs, constants and random numbers. */

import { type DType, dtypes, hostArrayFrom, keyFromSeed, type Shape, sizeOf } from "../../src/core/base/index.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { ConformanceCases } from "./cases-table.ts";
import { float, inf, integers, nan } from "./cases-values.ts";

/** Numbers at the edges of each type's range (int64: of what float64 holds). */
const edges: Record<DType, readonly number[]> = {
  float32: [nan, inf, -inf, -0, 3.4028234663852886e38, 1.1754943508222875e-38],
  float16: [nan, inf, -inf, -0, 65504, 2 ** -24],
  int32: [-2147483648, 2147483647, 0],
  int64: [-(2 ** 53 - 1), 2 ** 53 - 1, 0],
  uint32: [4294967295, 0],
  uint8: [255, 0],
  bool: [1, 0],
};

function edgeValue(dtype: DType): HostValue {
  return hostValue(dtype, [edges[dtype].length], edges[dtype]);
}

function inputCase(name: string, value: HostValue): ConformanceCases["input"][number] {
  return { name, attrs: { name: "x", dtype: value.dtype, shape: value.shape }, inputs: [value] };
}

function constantCase(name: string, { dtype, shape, data }: HostValue): ConformanceCases["constant"][number] {
  return { name, attrs: { dtype, shape, data: hostArrayFrom(dtype, data) }, inputs: [] };
}

function uniformCase(seed: number, shape: Shape): ConformanceCases["randomUniform"][number] {
  const name = `seed ${seed}, ${sizeOf(shape)} numbers of rank ${shape.length}`;
  return { name, attrs: { shape }, inputs: [hostValue("uint32", [2], keyFromSeed(seed))] };
}

function foldCase(seed: number, data: number): ConformanceCases["foldKey"][number] {
  const key = hostValue("uint32", [2], keyFromSeed(seed));
  return { name: `seed ${seed}, stream ${data}`, attrs: {}, inputs: [key, hostValue("uint32", [], [data])] };
}

export const sourceCases: Pick<ConformanceCases, "input" | "constant" | "randomUniform" | "foldKey"> = {
  input: [
    inputCase("a scalar", float([], [2.5])),
    ...dtypes.map((dtype) => inputCase(`${dtype} at the edges of its range`, edgeValue(dtype))),
    inputCase("an empty axis", float([2, 0, 3], [])),
  ],
  constant: [
    constantCase("a scalar", float([], [2.5])),
    ...dtypes.map((dtype) => constantCase(`${dtype} at the edges of its range`, edgeValue(dtype))),
    constantCase("an empty axis", float([2, 0, 3], [])),
    constantCase("many numbers", integers("int32", [10, 20], -1000, 1000)),
  ],
  randomUniform: [
    uniformCase(0, []),
    uniformCase(1, [1]),
    uniformCase(2, [7, 11]),
    uniformCase(2 ** 40 + 3, [2, 3, 4, 5]),
    uniformCase(4, [0, 3]),
    // More than 2^16 counters, so that products of their halves matter.
    uniformCase(5, [70_000]),
    {
      name: "a key of ones",
      attrs: { shape: [64] },
      inputs: [hostValue("uint32", [2], [4294967295, 4294967295])],
    },
  ],
  foldKey: [foldCase(0, 0), foldCase(1, 1), foldCase(2, 65_537), foldCase(3, 2147483648), foldCase(4, 4294967295)],
};
