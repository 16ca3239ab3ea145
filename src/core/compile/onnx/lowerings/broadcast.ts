/** Operands that are repeated along the way. */

import { type Shape, sameShape, sizeOf } from "../../../base/index.ts";
import type { Lowering, LoweringContext } from "./lowering.ts";

/** ONNX Runtime walks in runs over which no operand is repeated; shorter ones than this cost more than they compute. */
const shortRun = 256;
/** An operand so much smaller than the result is repeated in no time. */
const muchSmaller = 8;

/**
 * The operand repeated along its last axes of size 1 but the very last axis, so that runs become longer: numbers for each
 * channel, [C/b, 1, 1, b], become [C/b, 1, W, b] beside an image [B, C/b, H, W, b].
 */
function longerRuns(shape: Shape, result: Shape): Shape {
  const missing = result.length - shape.length;
  const last = shape.length - 1;
  if (last < 1 || shape[last] === 1 || shape[last] !== result[last + missing]) return shape;
  let longer = shape;
  for (let axis = last - 1; axis >= 0 && shape[axis] === 1; axis--) {
    const next = longer.map((size, i) => (i === axis ? result[i + missing] : size));
    if (sizeOf(longer.slice(axis + 1)) >= shortRun || sizeOf(next) * muchSmaller > sizeOf(result)) break;
    longer = next;
  }
  return sameShape(longer, shape) ? shape : longer;
}

/** An elementwise operator with operands that may broadcast. */
export function broadcasting(opType: string): Lowering<never> {
  return ({ onnx, target, inputs, types, type, output, path }: LoweringContext<never>) => {
    const operands = inputs.map((input, i) => {
      if (target.convolutionBlock === undefined) return input;
      const longer = longerRuns(types[i].shape, type.shape);
      return longer === types[i].shape ? input : onnx.node("Expand", [input, onnx.ints(longer)], { path });
    });
    onnx.node(opType, operands, { output, path });
  };
}
