/** Functions that make tensors or join several. */

import { GalateaError, type HostArray, type Shape } from "../base/index.ts";
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
