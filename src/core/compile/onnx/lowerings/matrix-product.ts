/** Matrix products in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import { isOp, type Value } from "../../../graph/index.ts";
import { type Lowering, type LoweringContext, lowerZeros } from "./lowering.ts";

/** Whether a value is a product of two matrices, which Gemm computes and to which it can add a row. */
export function isMatrixProduct({ node }: Value): boolean {
  return isOp(node, "matmul") && node.inputs.every(({ shape }) => shape.length === 2);
}

/** alpha op(a) op(b) [+ row]: Gemm, with the bias as its third input where one is given. */
export function lowerMatrixProduct(context: LoweringContext<"matmul">, bias: readonly string[] = []): void {
  const { onnx, inputs, attrs, output, path } = context;
  onnx.node("Gemm", [...inputs, ...bias], {
    output,
    path,
    attributes: {
      alpha: { float: attrs.alpha },
      transA: { int: Number(attrs.transposeA) },
      transB: { int: Number(attrs.transposeB) },
    },
  });
}

function swapLastTwo(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
}

export const lowerMatmul: Lowering<"matmul"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  if (types.every(({ shape }) => shape.length === 2)) {
    lowerMatrixProduct(context);
    return;
  }
  // ONNX Runtime's MatMul sets only the first matrix of a stack to 0 where the sums have no terms.
  if (types.some(({ shape }) => sizeOf(shape) === 0)) {
    lowerZeros(onnx, type, { output, path });
    return;
  }
  if (target.contrib) {
    onnx.node("FusedMatMul", inputs, {
      output,
      path,
      domain: "com.microsoft",
      attributes: {
        alpha: { float: attrs.alpha },
        transA: { int: Number(attrs.transposeA) },
        transB: { int: Number(attrs.transposeB) },
      },
    });
    return;
  }
  const operand = (i: number, flipped: boolean): string => {
    if (!flipped) return inputs[i];
    return onnx.node("Transpose", [inputs[i]], {
      path,
      attributes: { perm: { ints: swapLastTwo(types[i].shape.length) } },
    });
  };
  const operands = [operand(0, attrs.transposeA), operand(1, attrs.transposeB)];
  if (attrs.alpha === 1) onnx.node("MatMul", operands, { output, path });
  else onnx.node("Mul", [onnx.node("MatMul", operands, { path }), onnx.float(attrs.alpha)], { output, path });
};
