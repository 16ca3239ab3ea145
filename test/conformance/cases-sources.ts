/** Conformance cases of inputs, constants and random numbers. */

import {
  type DType,
  dtypes,
  hostArrayFrom,
  type Key,
  keyFromSeed,
  type Shape,
  sizeOf,
} from "../../src/core/base/index.ts";
import type { sources as sourceOps } from "../../src/core/graph/ops/sources.ts";
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

const keys: readonly (readonly [seed: string, key: Key])[] = [
  ["seed 0", keyFromSeed(0)],
  ["seed 2^40 + 3", keyFromSeed(2 ** 40 + 3)],
  ["a key of ones", [4294967295, 4294967295]],
  ["a key of zeros", [0, 0]],
];

/** Ranks 0 and 1, sizes 0 and 1, counts that no word divides, and more words than are mixed at once. */
const drawnShapes: readonly Shape[] = [[], [1], [2], [3], [7, 11], [2, 3, 4, 5], [0, 3], [1025], [70_001], [140_003]];

/** Cases of an op that draws numbers: each shape, and each key. */
function drawn<Attrs>(name: string, attrs: (shape: Shape) => Attrs) {
  const one = (shape: Shape, [seed, key]: (typeof keys)[number]) => ({
    name: `${name}${sizeOf(shape)} numbers of rank ${shape.length}, ${seed}`,
    attrs: attrs(shape),
    inputs: [hostValue("uint32", [2], key)],
  });
  const [first, ...others] = keys;
  return [
    one([64], first),
    ...drawnShapes.map((shape) => one(shape, first)),
    ...others.map((key) => one([64], key)),
  ] as const;
}

function foldCase(seed: number, data: number): ConformanceCases["foldKey"][number] {
  const key = hostValue("uint32", [2], keyFromSeed(seed));
  return { name: `seed ${seed}, stream ${data}`, attrs: {}, inputs: [key, hostValue("uint32", [], [data])] };
}

export const sourceCases: Pick<ConformanceCases, keyof typeof sourceOps> = {
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
    ...drawn("23 bits, ", (shape) => ({ shape, bits: 23 }) as const),
    ...drawn("16 bits, ", (shape) => ({ shape, bits: 16 }) as const),
  ],
  randomBernoulli: [
    ...drawn("", (shape) => ({ shape, probability: 0.3 })),
    ...[0, 1, 2 ** -16, 1 - 2 ** -16, 2 ** -18, 0.5].map((probability) => ({
      name: `probability ${probability}`,
      attrs: { shape: [5000], probability },
      inputs: [hostValue("uint32", [2], keyFromSeed(3))],
    })),
  ],
  randomNormal: drawn("", (shape) => ({ shape })),
  foldKey: [foldCase(0, 0), foldCase(1, 1), foldCase(2, 65_537), foldCase(3, 2147483648), foldCase(4, 4294967295)],
};
