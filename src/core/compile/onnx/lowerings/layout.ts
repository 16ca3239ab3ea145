/** Ops that move elements, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import { hasKernel, type Lowering, lowerCopy, lowerEmpty, type SomeLowerings, withInts } from "./lowering.ts";

const lowerSlice: Lowering<"slice"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  const { starts, sizes } = attrs;
  if (hasKernel(target, "Slice", type.dtype)) {
    const ends = starts.map((start, axis) => start + sizes[axis]);
    const axes = starts.map((_, axis) => axis);
    onnx.node("Slice", [inputs[0], onnx.ints(starts), onnx.ints(ends), onnx.ints(axes)], { output, path });
    return;
  }
  // Row by row along each axis that is cut.
  const cut = sizes.flatMap((size, axis) => (size === types[0].shape[axis] ? [] : [axis]));
  const rows = cut.reduce((x, axis) => {
    const numbers = Int32Array.from({ length: sizes[axis] }, (_, i) => starts[axis] + i);
    const indices = onnx.constant("int32", [sizes[axis]], numbers);
    return onnx.node("Gather", [x, indices], { path, attributes: { axis: { int: axis } } });
  }, inputs[0]);
  lowerCopy(context, rows, type, { output, path });
};

export const layout = {
  reshape: ({ onnx, inputs, attrs, output, path }) => onnx.reshape(inputs[0], attrs.shape, { output, path }),
  expand: (context) => {
    const { onnx, inputs, attrs, output, type, path } = context;
    const { shape } = attrs;
    if (sizeOf(shape) === 0) lowerEmpty(context, type, { output, path });
    else onnx.node("Expand", [...inputs, onnx.ints(shape)], { output, path });
  },
  transpose: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Transpose", inputs, { output, path, attributes: { perm: { ints: attrs.permutation } } });
  },
  slice: lowerSlice,
  pad: withInts<"pad">("Pad", ({ low, high }) => [...low, ...high]),
  concat: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Concat", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
} satisfies SomeLowerings;
