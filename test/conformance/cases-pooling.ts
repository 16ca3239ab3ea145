/** Conformance cases of pooling. */

import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { AveragePool2dAttrs, Pool2dAttrs } from "../../src/core/graph/index.ts";
import type { pooling as poolingOps } from "../../src/core/graph/ops/pooling.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import type { ConformanceCases } from "./cases-table.ts";
import { float, inf, integers, uniform } from "./cases-values.ts";

interface Pooling extends Pool2dAttrs {
  readonly x: Shape;
  readonly y: Shape;
}

function pooled(
  x: Shape,
  y: Shape,
  kernel: Pool2dAttrs["kernel"],
  stride = kernel,
  padding: Pool2dAttrs["padding"] = [0, 0, 0, 0],
): Pooling {
  return { kernel, stride, padding, x, y };
}

const poolings: readonly [Pooling, ...Pooling[]] = [
  pooled([2, 3, 4, 6], [2, 3, 2, 3], [2, 2]),
  // Tiles that leave rows and columns over.
  pooled([2, 1, 7, 8], [2, 1, 2, 4], [3, 2]),
  pooled([1, 1, 1, 1], [1, 1, 1, 1], [1, 1]),
  pooled([2, 2, 5, 4], [2, 2, 1, 1], [5, 4]),
  pooled([2, 3, 8, 8], [2, 3, 4, 4], [3, 3], [2, 2], [1, 1, 1, 1]),
  pooled([1, 2, 9, 7], [1, 2, 9, 7], [3, 3], [1, 1], [1, 1, 1, 1]),
  pooled([1, 2, 5, 6], [1, 2, 6, 4], [2, 3], [1, 1], [1, 0, 1, 0]),
  pooled([2, 1, 7, 9], [2, 1, 4, 5], [3, 2], [2, 2], [2, 1, 0, 0]),
  // Strides beyond the kernel leave gaps.
  pooled([1, 2, 7, 6], [1, 2, 3, 2], [1, 2], [3, 4]),
  pooled([2, 1, 1, 12], [2, 1, 1, 6], [1, 4], [1, 2], [0, 1, 0, 1]),
  pooled([0, 2, 4, 4], [0, 2, 2, 2], [2, 2]),
  pooled([2, 0, 4, 4], [2, 0, 4, 4], [3, 3], [1, 1], [1, 1, 1, 1]),
];

function nameOf({ x, kernel, stride, padding }: Pooling): string {
  return `${formatShape(x)} by ${kernel.join(" x ")}, stride ${stride.join(" ")}, padding ${padding.join(" ")}`;
}

type Cases<T> = readonly [T, ...T[]];

function every<T>(make: (one: Pooling, attrs: Pool2dAttrs) => T): [T, ...T[]] {
  const [first, ...rest] = poolings.map((one) => {
    const { kernel, stride, padding } = one;
    return make(one, { kernel, stride, padding });
  });
  return [first, ...rest];
}

const divisors: Cases<AveragePool2dAttrs["divisor"]> = ["window", "image", "none"];

function everyDivisor<T>(make: (one: Pooling, attrs: AveragePool2dAttrs, name: string) => T): [T, ...T[]] {
  const [first, ...rest] = divisors.flatMap((divisor) =>
    every((one, attrs) => make(one, { ...attrs, divisor }, `${nameOf(one)}, divided by ${divisor}`)),
  );
  return [first, ...rest];
}

/** Few different numbers, so that windows have several largest ones. */
function ties(shape: Shape): HostValue {
  return float(shape, integers("int32", shape, 0, 3, "ties").data);
}

const tile = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] } as const;
const around = { kernel: [2, 2], stride: [1, 1], padding: [1, 1, 1, 1] } as const;
const infinite = float(
  [1, 2, 2, 4],
  [-inf, -inf, 1, -inf, -inf, -inf, inf, 2, 5, inf, -inf, -inf, inf, inf, -inf, -inf],
);

const largest = [
  ...every((one, attrs) => ({ name: nameOf(one), attrs, inputs: [uniform(one.x)] })),
  ...every((one, attrs) => ({ name: `ties, ${nameOf(one)}`, attrs, inputs: [ties(one.x)] })),
  { name: "infinities", attrs: tile, inputs: [infinite] },
  { name: "infinities beside what is outside", attrs: around, inputs: [infinite] },
] as const;

export const poolingCases: Pick<ConformanceCases, keyof typeof poolingOps> = {
  maxPool2d: [largest[0], ...largest.slice(1)],
  maxPool2dPlaces: [largest[0], ...largest.slice(1)],
  averagePool2d: everyDivisor((one, attrs, name) => ({ name, attrs, inputs: [uniform(one.x)] })),
  averagePool2dGradient: everyDivisor((one, attrs, name) => ({
    name,
    attrs: { ...attrs, size: [one.x[2], one.x[3]] as const },
    inputs: [uniform(one.y, -1, 1, "y")],
  })),
};
