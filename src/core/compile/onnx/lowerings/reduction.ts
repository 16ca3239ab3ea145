/** Ops that join the elements along axes, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import { type LoweringContext, lowerCopy, lowerEmpty, type SomeLowerings } from "./lowering.ts";

function reduce(opType: string): (context: LoweringContext<"reduceSum" | "reduceMax">) => void {
  return (context) => {
    const { onnx, inputs, attrs, output, type, path } = context;
    const { axes, keepDims } = attrs;
    // Without axes ONNX reduces all of them; ours then reduces none.
    if (axes.length === 0) lowerCopy(context, inputs[0], type, { output, path });
    else if (sizeOf(type.shape) === 0) lowerEmpty(context, type, { output, path });
    else {
      const attributes = { keepdims: { int: Number(keepDims) } };
      onnx.node(opType, [inputs[0], onnx.ints(axes)], { output, path, attributes });
    }
  };
}

export const reduction = {
  reduceSum: reduce("ReduceSum"),
  reduceMax: reduce("ReduceMax"),
  argMax: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("ArgMax", inputs, { output, path, attributes: { axis: { int: attrs.axis }, keepdims: { int: 0 } } });
  },
} satisfies SomeLowerings;
