/** Matrix products, and systems of equations over triangular matrices. */

import { broadcastShapes, formatShape } from "../../base/index.ts";
import { OpProblem, op, requireDType, requireInputs, type TensorType } from "./definition.ts";

export interface MatmulAttrs {
  /** Whether the last two axes of the left (right) operand are exchanged first. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** A factor on the product. */
  readonly alpha: number;
}

export interface TriangularSolveAttrs {
  /** Which triangle of the matrix is read; the other one may hold anything. */
  readonly lower: boolean;
  /** Whether the triangle is transposed first. */
  readonly transpose: boolean;
  /** Whether the diagonal is taken for 1, whatever it holds. */
  readonly unitDiagonal: boolean;
}

function requireMatrices(a: TensorType, b: TensorType): void {
  if (a.shape.length >= 2 && b.shape.length >= 2) return;
  throw new OpProblem(
    "shape",
    `operands are ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    "each needs at least two axes",
  );
}

/** The broadcast of all axes before the last two. */
function leadingAxes(a: TensorType, b: TensorType): readonly number[] {
  const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (leading) return leading;
  throw new OpProblem(
    "shape",
    `leading axes do not broadcast, ${formatShape(a.shape)} x ${formatShape(b.shape)}`,
    "sizes must be equal or 1",
  );
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
      requireMatrices(a, b);
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
      const leading = leadingAxes(a, b);
      return [{ dtype: "float32", shape: [...leading, rows as number, columns as number] }];
    },
  }),
  triangularSolve: op<TriangularSolveAttrs>({
    doc: "The x of op(a) x = b for a triangle of a, over the last two axes, leading axes broadcast; op transposes where asked.",
    shapes: "[..., N, N] x [..., N, M] -> [..., N, M]",
    infer: (inputs) => {
      requireInputs(inputs, 2);
      const [a, b] = inputs;
      requireDType(a, ["float32"], "its matrix");
      requireDType(b, ["float32"], "its right side");
      requireMatrices(a, b);
      const [rows, columns] = a.shape.slice(-2);
      if (rows !== columns || b.shape.at(-2) !== rows) {
        throw new OpProblem(
          "shape",
          `matrix ${formatShape(a.shape)} for right sides ${formatShape(b.shape)}`,
          "it must be square, with as many rows as they have",
        );
      }
      return [{ dtype: "float32", shape: [...leadingAxes(a, b), ...b.shape.slice(-2)] }];
    },
  }),
};
