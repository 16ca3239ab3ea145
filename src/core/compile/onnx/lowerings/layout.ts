/** Ops that move elements, in ONNX. */

import { hostArrayFrom, type Shape, sizeOf } from "../../../base/index.ts";
import {
  hasKernel,
  type Lowering,
  type LoweringContext,
  lowerCopy,
  lowerEmpty,
  type SomeLowerings,
} from "./lowering.ts";
import { lowerTranspose } from "./transposition.ts";

/** Rows by constant numbers, along one axis. */
function gatherRows(
  { onnx, target, path }: LoweringContext<never>,
  x: string,
  axis: number,
  rows: readonly number[],
  output?: string,
): string {
  // Devices without int64 kernels take int32 numbers too.
  const numbers = target.narrowInt64 ? onnx.constant("int32", [rows.length], Int32Array.from(rows)) : onnx.ints(rows);
  const options = { path, attributes: { axis: { int: axis } }, ...(output !== undefined && { output }) };
  return onnx.node("Gather", [x, numbers], options);
}

/** Whether what follows an axis is more than a single element. */
function hasRows(shape: Shape, axis: number): boolean {
  return sizeOf(shape.slice(axis + 1)) > 1;
}

/**
 * ONNX Runtime's Gather copies rows whole, on all threads, where its Slice walks element by element as soon as a
 * step is not 1: 2 to 4 times faster unless a row is a single element.
 */
const lowerSlice: Lowering<"slice"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, type, path } = context;
  const { starts, sizes } = attrs;
  const { shape } = types[0];
  const steps = starts.map((_, axis) => (sizes[axis] > 1 ? (attrs.steps?.[axis] ?? 1) : 1));
  const cut = sizes.flatMap((size, axis) => (size === shape[axis] ? [] : [axis]));
  const hasSlice = hasKernel(target, "Slice", type.dtype);
  if (!hasSlice || (cut.length === 1 && steps[cut[0]] > 1 && hasRows(shape, cut[0]))) {
    const rows = cut.reduce((x, axis) => {
      const places = Array.from({ length: sizes[axis] }, (_, i) => starts[axis] + i * steps[axis]);
      return gatherRows(context as LoweringContext<never>, x, axis, places);
    }, inputs[0]);
    lowerCopy(context, rows, type, { output, path });
    return;
  }
  const ends = starts.map((start, axis) => start + (sizes[axis] - 1) * steps[axis] + 1);
  const bounds = [starts, ends, starts.map((_, axis) => axis), ...(steps.some((step) => step > 1) ? [steps] : [])];
  onnx.node("Slice", [inputs[0], ...bounds.map((numbers) => onnx.ints(numbers))], { output, path });
};

/** Beyond the first element, wherever that is. */
const beforeFirst = -(2 ** 31);

const lowerReverse: Lowering<"reverse"> = (context) => {
  const { onnx, target, inputs, type, attrs, output, path } = context;
  const axes = attrs.axes.filter((axis) => type.shape[axis] > 1);
  if (axes.length === 0 || sizeOf(type.shape) === 0) lowerCopy(context, inputs[0], type, { output, path });
  else if (!hasKernel(target, "Slice", type.dtype) || (axes.length === 1 && hasRows(type.shape, axes[0]))) {
    const rows = axes.reduce((x, axis) => {
      const size = type.shape[axis];
      return gatherRows(
        context as LoweringContext<never>,
        x,
        axis,
        Array.from({ length: size }, (_, i) => size - 1 - i),
      );
    }, inputs[0]);
    lowerCopy(context, rows, type, { output, path });
  } else {
    const bounds = [axes.map((axis) => type.shape[axis] - 1), axes.map(() => beforeFirst), axes, axes.map(() => -1)];
    onnx.node("Slice", [inputs[0], ...bounds.map((numbers) => onnx.ints(numbers))], { output, path });
  }
};

export const layout = {
  reshape: ({ onnx, inputs, attrs, output, path }) => onnx.reshape(inputs[0], attrs.shape, { output, path }),
  expand: (context) => {
    const { onnx, inputs, attrs, output, type, path } = context;
    const { shape } = attrs;
    if (sizeOf(shape) === 0) lowerEmpty(context, type, { output, path });
    else onnx.node("Expand", [...inputs, onnx.ints(shape)], { output, path });
  },
  transpose: lowerTranspose,
  slice: lowerSlice,
  reverse: lowerReverse,
  pad: ({ onnx, inputs: [x], attrs: { low, high, value = 0, mode }, output, type, path }) => {
    const pads = onnx.ints([...low, ...high]);
    const attributes = { mode: { string: mode ?? "constant" } };
    if (mode || value === 0) onnx.node("Pad", [x, pads], { output, path, ...(mode && { attributes }) });
    else {
      const around = onnx.constant(type.dtype, [], hostArrayFrom(type.dtype, [value]));
      onnx.node("Pad", [x, pads, around], { output, path });
    }
  },
  concat: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("Concat", inputs, { output, path, attributes: { axis: { int: attrs.axis } } });
  },
} satisfies SomeLowerings;
