/** Functions that make tensors or join several. */

import { GalateaError, type HostArray, type Key, type Shape, sizeOf } from "../base/index.ts";
import { constantOf, constantValue, type TensorType } from "../graph/index.ts";
import { apply, constant, Tensor, type TensorLike } from "./tensor.ts";

/** A constant tensor over row-major numbers. */
export function tensor(numbers: ArrayLike<number>, shape: Shape, dtype: TensorType["dtype"] = "float32"): Tensor {
  return new Tensor(constantValue(dtype, shape, numbers));
}

/** A constant tensor over a host array, which must not change afterwards. */
export function tensorOver(data: HostArray, type: TensorType): Tensor {
  return new Tensor(constantOf(type, data));
}

/** A tensor of one repeated number. */
export function full(shape: Shape, number: number, dtype: TensorType["dtype"] = "float32"): Tensor {
  return constant(number, dtype).expand(shape);
}

export function zeros(shape: Shape): Tensor {
  return full(shape, 0);
}

export function ones(shape: Shape): Tensor {
  return full(shape, 1);
}

/** 0, 1, ..., count - 1 as [count]. */
export function range(count: number, dtype: TensorType["dtype"] = "float32"): Tensor {
  return tensor(
    Array.from({ length: count }, (_, index) => index),
    [count],
    dtype,
  );
}

/** Tensors one after the other along an axis. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 0) throw new GalateaError("shape", "", "concat: got no tensors", "it takes at least one");
  return apply("concat", tensors, { axis: axis < 0 ? axis + tensors[0].rank : axis });
}

/** Tensors of one shape along a new first axis. */
export function stack(tensors: readonly Tensor[]): Tensor {
  return concat(tensors.map((t) => t.reshape([1, ...t.shape])));
}

/** `a` where the bool condition holds, else `b`; a number takes the other branch's element type. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : "float32";
  const lift = (branch: TensorLike): Tensor => (branch instanceof Tensor ? branch : constant(branch, dtype));
  return apply("where", [condition, lift(a), lift(b)], {});
}

/** float32 [..., classes] with a 1 at each index; indices outside 0 .. classes-1 give zeros. */
export function oneHot(indices: Tensor, classes: number): Tensor {
  if (indices.dtype === "bool") {
    throw new GalateaError("dtype", indices.path, "oneHot: its index is bool", "cast it to int32");
  }
  return indices
    .reshape([...indices.shape, 1])
    .equal(range(classes, indices.dtype))
    .cast("float32");
}

/** A key known while tracing. */
export function constantKey(key: Key): Tensor {
  return tensor(key, [2], "uint32");
}

/** The key of stream `data` below `key`: a number, or a uint32 scalar such as the step. */
export function foldKey(key: Tensor, data: number | Tensor): Tensor {
  return apply("foldKey", [key, data instanceof Tensor ? data : constant(data, "uint32")], {});
}

/** Independent keys below `key`. */
export function splitKey(key: Tensor, count: number): Tensor[] {
  return Array.from({ length: count }, (_, index) => foldKey(key, index));
}

/** Uniform numbers in (low, high): the same bits on every backend for (0, 1). */
export function randomUniform(key: Tensor, shape: Shape, low = 0, high = 1): Tensor {
  const unit = apply("randomUniform", [key], { shape });
  return low === 0 && high === 1 ? unit : unit.mul(high - low).add(low);
}

/**
 * Standard normal numbers by Box and Muller's transform; |x| stays below 5.77, as uniform numbers have 23 bits.
 *
 * Equal on every backend but for the rounding of log, sqrt, sin and cos.
 */
export function randomNormal(key: Tensor, shape: Shape): Tensor {
  const count = sizeOf(shape);
  const pairs = Math.ceil(count / 2);
  const uniform = randomUniform(key, [2, pairs]);
  const radius = uniform.slice(0, 0, 1).log().mul(-2).sqrt();
  const angle = uniform.slice(0, 1, 1).mul(2 * Math.PI);
  const both = concat([radius.mul(angle.cos()), radius.mul(angle.sin())]).reshape([2 * pairs]);
  return (count === 2 * pairs ? both : both.slice(0, 0, count)).reshape(shape);
}

/** 1 with the given probability (a number, or a tensor that broadcasts to `shape`), else 0, as float32. */
export function randomBernoulli(key: Tensor, shape: Shape, probability: TensorLike): Tensor {
  return randomUniform(key, shape).less(probability).cast("float32");
}
