/** Matrix products and systems of equations in ONNX. */

import type { SomeLowerings } from "./lowering.ts";
import { lowerMatmul } from "./matrix-product.ts";
import { lowerTriangularSolve } from "./triangular-solve.ts";

export const linearAlgebra = {
  matmul: lowerMatmul,
  triangularSolve: lowerTriangularSolve,
} satisfies SomeLowerings;
