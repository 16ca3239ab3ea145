/** Ops that read or write at places that are computed. */

import { formatShape, sameShape } from "../../base/index.ts";
import { OpProblem, op, requireAxis, requireDType, requireInputs } from "./definition.ts";

export const indexing = {
  gather: op<{ readonly axis: number }>({
    doc: "Rows by number: (x, indices) -> x with `axis` replaced by the axes of the int32 or int64 indices.",
    shapes: "[A..., N, B...] x [I...] -> [A..., I..., B...]",
    infer: (inputs, { axis }) => {
      requireInputs(inputs, 2);
      const [x, indices] = inputs;
      requireAxis(axis, x);
      requireDType(indices, ["int32", "int64"], "its index");
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
      requireDType(indices, ["int32", "int64"], "its index");
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
};
