/** Ops that move elements, in ONNX. */

import { hostArrayFrom, type Shape, sizeOf } from "../../../base/index.ts";
import type { Lowering, LoweringContext, SomeLowerings } from "./lowering.ts";
import { lowerTranspose } from "./transposition.ts";

/**
 * Rows by constant numbers. ONNX Runtime's Gather copies rows whole, on all threads, where its Slice walks element
 * by element as soon as a step is not 1: 2 to 4 times faster unless a row is a single element.
 */
function gatherRows(context: LoweringContext<never>, axis: number, rows: readonly number[]): void {
  const { onnx, inputs, output, path } = context;
  onnx.node("Gather", [inputs[0], onnx.ints(rows)], { output, path, attributes: { axis: { int: axis } } });
}

/** Whether what follows an axis is more than a single element. */
function hasRows(shape: Shape, axis: number): boolean {
  return sizeOf(shape.slice(axis + 1)) > 1;
}

const lowerSlice: Lowering<"slice"> = (context) => {
  const { onnx, inputs, types, attrs, output, path } = context;
  const { starts, sizes } = attrs;
  const { shape } = types[0];
  const steps = starts.map((_, axis) => (sizes[axis] > 1 ? (attrs.steps?.[axis] ?? 1) : 1));
  const cut = sizes.flatMap((size, axis) => (size === shape[axis] ? [] : [axis]));
  if (cut.length === 1 && steps[cut[0]] > 1 && hasRows(shape, cut[0])) {
    const [axis] = cut;
    const rows = Array.from({ length: sizes[axis] }, (_, i) => starts[axis] + i * steps[axis]);
    gatherRows(context as LoweringContext<never>, axis, rows);
    return;
  }
  const ends = starts.map((start, axis) => start + (sizes[axis] - 1) * steps[axis] + 1);
  const bounds = [starts, ends, starts.map((_, axis) => axis), ...(steps.some((step) => step > 1) ? [steps] : [])];
  onnx.node("Slice", [inputs[0], ...bounds.map((numbers) => onnx.ints(numbers))], { output, path });
};

/** Beyond the first element, wherever that is. */
const beforeFirst = -(2 ** 31);

const lowerReverse: Lowering<"reverse"> = (context) => {
  const { onnx, inputs, type, attrs, output, path } = context;
  const axes = attrs.axes.filter((axis) => type.shape[axis] > 1);
  if (axes.length === 0 || sizeOf(type.shape) === 0) onnx.node("Identity", inputs, { output, path });
  else if (axes.length === 1 && hasRows(type.shape, axes[0])) {
    const size = type.shape[axes[0]];
    gatherRows(
      context as LoweringContext<never>,
      axes[0],
      Array.from({ length: size }, (_, i) => size - 1 - i),
    );
  } else {
    const bounds = [axes.map((axis) => type.shape[axis] - 1), axes.map(() => beforeFirst), axes, axes.map(() => -1)];
    onnx.node("Slice", [inputs[0], ...bounds.map((numbers) => onnx.ints(numbers))], { output, path });
  }
};

export const layout = {
  reshape: ({ onnx, inputs, attrs, output, path }) => onnx.reshape(inputs[0], attrs.shape, { output, path }),
  expand: ({ onnx, inputs, attrs: { shape }, output, path }) => {
    onnx.node("Expand", [...inputs, onnx.ints(shape)], { output, path });
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
