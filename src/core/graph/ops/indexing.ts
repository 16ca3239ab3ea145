/** Ops that read or write at places that are computed.
 *
 * An index counts from 0, a negative one from the end: -1 is the last. With any other index a run fails. */

import { formatShape, type Shape, sameShape } from "../../base/index.ts";
import { OpProblem, op, requireAxis, requireDType, requireInputs, type TensorType } from "./definition.ts";

function requireIndex(indices: TensorType): void {
  requireDType(indices, ["int32", "int64"], "its index");
}

function withSize(shape: Shape, axis: number, size: number): number[] {
  return shape.map((other, i) => (i === axis ? size : other));
}

/** Sizes may differ along one axis only. */
function requireSameBut(axis: number, a: TensorType, b: TensorType, what: string): void {
  requireAxis(axis, a);
  if (a.shape.length === b.shape.length && sameShape(withSize(a.shape, axis, 0), withSize(b.shape, axis, 0))) return;
  throw new OpProblem(
    "shape",
    `${what} ${formatShape(b.shape)} for ${formatShape(a.shape)} along axis ${axis}`,
    "all other sizes must be equal",
  );
}

function requireStart(start: TensorType): void {
  requireDType(start, ["int32", "int64"], "its start");
  if (start.shape.length !== 0) {
    throw new OpProblem("shape", `its start has shape ${formatShape(start.shape)}`, "it must be a scalar");
  }
}

function requireWithin(size: number, axis: number, { shape }: TensorType): void {
  if (size > shape[axis]) {
    throw new OpProblem("shape", `${size} elements along axis ${axis} of ${formatShape(shape)}`, "it has fewer");
  }
}

export const indexing = {
  gather: op<{ readonly axis: number }>({
    doc: "Rows by number: (x, indices) -> x with `axis` replaced by the axes of the int32 or int64 indices.",
    shapes: "[A..., N, B...] x [I...] -> [A..., I..., B...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 2);
      const [x, indices] = inputs;
      requireAxis(axis, x);
      requireIndex(indices);
      return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
    },
  }),
  scatterAdd: op<{ readonly axis: number; readonly size: number }>({
    doc: "The transpose of gather: (updates, indices) -> zeros of `size` rows along `axis`, each update added to its row.",
    shapes: "[A..., I..., B...] x [I...] -> [A..., size, B...]",
    infer: (inputs, { axis, size }) => {
      requireInputs(inputs, 2);
      const [updates, indices] = inputs;
      requireDType(updates, ["float32"], "its update");
      requireIndex(indices);
      const rank = indices.shape.length;
      if (!Number.isInteger(axis) || axis < 0 || axis > updates.shape.length - rank) {
        throw new OpProblem(
          "shape",
          `axis ${axis} for updates ${formatShape(updates.shape)} and indices ${formatShape(indices.shape)}`,
          "from the axis on, the updates need as many axes as the indices have",
        );
      }
      if (!sameShape(updates.shape.slice(axis, axis + rank), indices.shape)) {
        throw new OpProblem(
          "shape",
          `updates ${formatShape(updates.shape)} for indices ${formatShape(indices.shape)} at axis ${axis}`,
          "the indices' axes must stand in the updates' shape from that axis on",
        );
      }
      return [
        { dtype: "float32", shape: [...updates.shape.slice(0, axis), size, ...updates.shape.slice(axis + rank)] },
      ];
    },
  }),
  takeAlongAxis: op<{ readonly axis: number }>({
    doc: "Along an axis, the elements by number: (x, indices) -> the indices' shape, equal to x's but for the axis.",
    shapes: "[A..., N, B...] x [A..., I, B...] -> [A..., I, B...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 2);
      const [x, indices] = inputs;
      requireIndex(indices);
      requireSameBut(axis, x, indices, "indices");
      return [{ dtype: x.dtype, shape: indices.shape }];
    },
  }),
  scatterAddAlongAxis: op<{ readonly axis: number; readonly size: number }>({
    doc: "The transpose of takeAlongAxis: (updates, indices of their shape) -> zeros, `size` along the axis, each update added.",
    shapes: "[A..., I, B...] x [A..., I, B...] -> [A..., size, B...]",
    infer: (inputs, { axis, size }) => {
      requireInputs(inputs, 2);
      const [updates, indices] = inputs;
      requireDType(updates, ["float32"], "its update");
      requireIndex(indices);
      requireAxis(axis, updates);
      if (!sameShape(updates.shape, indices.shape)) {
        const seen = `updates ${formatShape(updates.shape)} for indices ${formatShape(indices.shape)}`;
        throw new OpProblem("shape", seen, "their shapes must be equal");
      }
      return [{ dtype: "float32", shape: withSize(updates.shape, axis, size) }];
    },
  }),
  dynamicSlice: op<{ readonly axis: number; readonly size: number }>({
    doc: "`size` elements along an axis from a computed int32 or int64 scalar on: (x, start); a start that would leave x is moved inside.",
    shapes: "[A..., N, B...] x [] -> [A..., size, B...]",
    infer: (inputs, { axis, size }) => {
      requireInputs(inputs, 2);
      const [x, start] = inputs;
      requireAxis(axis, x);
      requireStart(start);
      requireWithin(size, axis, x);
      return [{ dtype: x.dtype, shape: withSize(x.shape, axis, size) }];
    },
  }),
  dynamicUpdateSlice: op<{ readonly axis: number }>({
    doc: "x with the elements that dynamicSlice would take replaced: (x, update, start).",
    shapes: "[A..., N, B...] x [A..., U, B...] x [] -> [A..., N, B...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 3);
      const [x, update, start] = inputs;
      requireSameBut(axis, x, update, "an update");
      requireStart(start);
      requireWithin(update.shape[axis], axis, x);
      if (x.dtype !== update.dtype) {
        throw new OpProblem("dtype", `types differ, ${x.dtype} and ${update.dtype}`, "cast one of them");
      }
      return [{ dtype: x.dtype, shape: x.shape }];
    },
  }),
};
