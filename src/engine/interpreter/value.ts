/** What the interpreter computes with. */

import {
  type DType,
  formatShape,
  GalateaError,
  hostArrayFrom,
  numbersOf,
  type Shape,
  sizeOf,
} from "../../core/base/index.ts";
import type { HostTensor } from "../backend.ts";

/**
 * A tensor of any element type as float64 numbers, row-major; `bool` is 0 or 1.
 *
 * int64 numbers are exact up to 2^53 in magnitude, which is as far as the interpreter goes.
 */
export interface HostValue {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: Float64Array;
}

/**
 * A value from row-major numbers.
 * @throws GalateaError `internal` when their count is not that of the shape.
 */
export function hostValue(dtype: DType, shape: Shape, numbers: ArrayLike<number>): HostValue {
  if (numbers.length !== sizeOf(shape)) {
    const seen = `${numbers.length} numbers for shape ${formatShape(shape)}`;
    throw new GalateaError("internal", "interpreter", seen, "the counts must be equal");
  }
  return { dtype, shape, data: Float64Array.from(numbers) };
}

/**
 * A value from numbers in host memory.
 * @throws GalateaError `internal` for an int64 number beyond 2^53.
 */
export function fromHost({ dtype, shape, data }: HostTensor): HostValue {
  return hostValue(
    dtype,
    shape,
    data instanceof BigInt64Array ? Array.from(data, exactNumber) : numbersOf(dtype, data),
  );
}

/** The value in host memory, rounded to its element type. */
export function toHost({ dtype, shape, data }: HostValue): HostTensor {
  return { dtype, shape, data: hostArrayFrom(dtype, data) };
}

function exactNumber(wide: bigint): number {
  const number = Number(wide);
  if (!Number.isSafeInteger(number)) {
    throw new GalateaError("internal", "interpreter", `the int64 number ${wide}`, "it must lie within 2^53");
  }
  return number;
}
