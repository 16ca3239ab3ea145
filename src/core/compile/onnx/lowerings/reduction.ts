/** Ops that join the elements along axes, in ONNX. */

import type { LoweringContext, SomeLowerings } from "./lowering.ts";

function reduce(opType: string): (context: LoweringContext<"reduceSum" | "reduceMax">) => void {
  return ({ onnx, inputs, attrs, output, path }) => {
    const { axes, keepDims } = attrs;
    // Without axes ONNX reduces all of them; ours then reduces none.
    if (axes.length === 0) onnx.node("Identity", inputs, { output, path });
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
