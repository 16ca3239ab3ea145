/** Ops that move elements, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import { lowerEmpty, type SomeLowerings, withInts } from "./lowering.ts";

export const layout = {
  reshape: ({ onnx, inputs, attrs, output, path }) => onnx.reshape(inputs[0], attrs.shape, { output, path }),
  expand: ({ onnx, inputs, attrs: { shape }, output, type, path }) => {
    if (sizeOf(shape) === 0) lowerEmpty(onnx, type, { output, path });
    else onnx.node("Expand", [...inputs, onnx.ints(shape)], { output, path });
  },
  transpose: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Transpose", inputs, { output, path, attributes: { perm: { ints: attrs.permutation } } });
  },
  slice: ({ onnx, inputs, attrs: { starts, sizes }, output, path }) => {
    const ends = starts.map((start, axis) => start + sizes[axis]);
    const axes = starts.map((_, axis) => axis);
    onnx.node("Slice", [inputs[0], onnx.ints(starts), onnx.ints(ends), onnx.ints(axes)], { output, path });
  },
  pad: withInts<"pad">("Pad", ({ low, high }) => [...low, ...high]),
  concat: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Concat", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
} satisfies SomeLowerings;
