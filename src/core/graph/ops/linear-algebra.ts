/** Matrix products. */

import { broadcastShapes, formatShape } from "../../base/index.ts";
import { OpProblem, op, requireDType, requireInputs, type TensorType } from "./definition.ts";

export interface MatmulAttrs {
  /** Whether the last two axes of the left (right) operand are exchanged first. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** A factor on the product. */
  readonly alpha: number;
}

export const linearAlgebra = {
  matmul: op<MatmulAttrs>({
    doc: "alpha * op(a) @ op(b) over the last two axes, leading axes broadcast; op transposes where asked.",
    shapes: "[..., M, K] x [..., K, N] -> [..., M, N]",
    infer: (inputs, attrs) => {
      requireInputs(inputs, 2);
      const [a, b] = inputs;
      requireDType(a, ["float32"], "its left operand");
      requireDType(b, ["float32"], "its right operand");
      if (a.shape.length < 2 || b.shape.length < 2) {
        throw new OpProblem(
          "shape",
          `operands are ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
          "each needs at least two axes",
        );
      }
      const [rows, inner] = attrs.transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
      const [innerB, columns] = attrs.transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)];
      if (inner !== innerB) {
        const seen = (type: TensorType, flipped: boolean): string => formatShape(type.shape) + (flipped ? "^T" : "");
        throw new OpProblem(
          "shape",
          `inner sizes differ, ${seen(a, attrs.transposeA)} x ${seen(b, attrs.transposeB)}`,
          `the right operand must be ${attrs.transposeB ? `[n, ${inner}]` : `[${inner}, n]`}`,
        );
      }
      const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
      if (leading === undefined) {
        throw new OpProblem(
          "shape",
          `leading axes do not broadcast, ${formatShape(a.shape)} x ${formatShape(b.shape)}`,
          "sizes must be equal or 1",
        );
      }
      return [{ dtype: "float32", shape: [...leading, rows as number, columns as number] }];
    },
  }),
};
