/** Ops that join the elements of windows, in ONNX. */

import { type Shape, sizeOf } from "../../../base/index.ts";
import type { AveragePool2dAttrs, Pool2dAttrs } from "../../../graph/index.ts";
import { onnxDType } from "../schema.ts";
import type { Lowering, LoweringContext, SomeLowerings } from "./lowering.ts";

function poolAttributes({ kernel, stride, padding }: Pool2dAttrs) {
  return { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: padding } };
}

/** For each window, by row and column, what `place` makes of its first place inside the image. */
function grid(rows: number, columns: number, place: (row: number, column: number) => number): Int32Array {
  return Int32Array.from({ length: rows * columns }, (_, i) => place(Math.floor(i / columns), i % columns));
}

/**
 * Places without MaxPool's own: kernel place by kernel place, in order, a larger element takes over. Places outside
 * the image are -infinity, which is larger than nothing; a window starts at its first place inside.
 */
function lowerPlacesByComparison({
  onnx,
  inputs,
  types,
  attrs,
  output,
  type,
  path,
}: LoweringContext<"maxPool2dPlaces">) {
  const { kernel, stride, padding } = attrs;
  const [top, left, bottom, right] = padding;
  const [batch, channels, height, width] = types[0].shape;
  const [, , rows, columns] = type.shape;
  const node = (opType: string, operands: readonly string[]): string => onnx.node(opType, operands, { path });
  const lowest = onnx.float(Number.NEGATIVE_INFINITY);
  const padded = node("Pad", [inputs[0], onnx.ints([0, 0, top, left, 0, 0, bottom, right]), lowest]);
  const windows = Array.from(
    { length: kernel[0] * kernel[1] },
    (_, k): { readonly values: string; readonly places: string } => {
      const start = [Math.floor(k / kernel[1]), k % kernel[1]];
      const end = [start[0] + (rows - 1) * stride[0] + 1, start[1] + (columns - 1) * stride[1] + 1];
      const values = node("Slice", [padded, ...[start, end, [2, 3], stride].map((list) => onnx.ints(list))]);
      const inside = (at: number, axis: 0 | 1): number => Math.max(0, at * stride[axis] - padding[axis]);
      const places = grid(rows, columns, (row, column) => {
        const h = row * stride[0] - top + start[0];
        const w = column * stride[1] - left + start[1];
        const isInside = h >= 0 && h < height && w >= 0 && w < width;
        return isInside ? h * width + w : inside(row, 0) * width + inside(column, 1);
      });
      return { values, places: onnx.constant("int32", [rows, columns], places) };
    },
  );
  const { places } = windows.reduce((best, next) => ({
    places: node("Where", [node("Less", [best.values, next.values]), next.places, best.places]),
    values: node("Max", [best.values, next.values]),
  }));
  // Of a kernel of 1 x 1 the places have no batch yet.
  onnx.node("Expand", [places, onnx.ints([batch, channels, rows, columns])], { output, path });
}

const lowerMaxPool2dPlaces: Lowering<"maxPool2dPlaces"> = (context) => {
  const { onnx, target, inputs, types, attrs, output, path } = context;
  if (target.lacksPoolPlaces) {
    lowerPlacesByComparison(context);
    return;
  }
  const [values, places] = ["MaxPool", "places"].map((stem) => onnx.freshName(stem));
  onnx.node("MaxPool", inputs, { outputs: [values, places], path, attributes: poolAttributes(attrs) });
  const narrow = onnx.node("Cast", [places], { path, attributes: { to: { int: onnxDType.int32 } } });
  // ONNX counts through all images and channels.
  const [batch, channels, height, width] = types[0].shape;
  const firsts = grid(batch, channels, (b, c) => (b * channels + c) * height * width);
  onnx.node("Sub", [narrow, onnx.constant("int32", [batch, channels, 1, 1], firsts)], { output, path });
};

const lowerAveragePool2d: Lowering<"averagePool2d"> = ({ onnx, inputs, attrs, output, path }) => {
  const attributes = { ...poolAttributes(attrs), count_include_pad: { int: Number(attrs.divisor !== "image") } };
  if (attrs.divisor !== "none") {
    onnx.node("AveragePool", inputs, { output, path, attributes });
    return;
  }
  const average = onnx.node("AveragePool", inputs, { path, attributes });
  onnx.node("Mul", [average, onnx.float(sizeOf(attrs.kernel))], { output, path });
};

/** How many places of each window lie inside the image, [H', W']. */
function counts(rows: number, columns: number, size: Shape, { kernel, stride, padding }: AveragePool2dAttrs) {
  const along = (at: number, axis: 0 | 1): number => {
    const start = at * stride[axis] - padding[axis];
    return Math.min(start + kernel[axis], size[axis]) - Math.max(start, 0);
  };
  return grid(rows, columns, (row, column) => along(row, 0) * along(column, 1));
}

const lowerAveragePool2dGradient: Lowering<"averagePool2dGradient"> = (context) => {
  const { onnx, inputs, types, attrs, output, type, path } = context;
  const { kernel, stride, padding, size, divisor } = attrs;
  const [batch, channels, rows, columns] = types[0].shape;
  const area = sizeOf(kernel);
  const times = (x: string, factor: string): string => onnx.node("Mul", [x, factor], { path });
  if (divisor !== "image" && stride.every((step) => step === 1)) {
    // Windows that contain a place are windows around it: pooling once more. Its divisor is the kernel's area.
    const around = [0, 1, 2, 3].map((side) => kernel[side % 2] - 1 - padding[side]) as [number, number, number, number];
    const attributes = { ...poolAttributes({ kernel, stride, padding: around }), count_include_pad: { int: 1 } };
    const scaled = divisor === "none" ? times(inputs[0], onnx.float(area)) : inputs[0];
    onnx.node("AveragePool", [scaled], { output, path, attributes });
    return;
  }
  const shares = (): string => {
    if (divisor === "none") return inputs[0];
    if (divisor === "window") return times(inputs[0], onnx.float(1 / area));
    const inverse = Float32Array.from(counts(rows, columns, size, attrs), (count) => 1 / count);
    return times(inputs[0], onnx.constant("float32", [rows, columns], inverse));
  };
  if (kernel.every((extent, axis) => extent === stride[axis]) && padding.every((count) => count === 0)) {
    const scales = onnx.constant("float32", [4], Float32Array.of(1, 1, ...kernel));
    const attributes = {
      mode: { string: "nearest" },
      coordinate_transformation_mode: { string: "asymmetric" },
      nearest_mode: { string: "floor" },
    };
    const left = ([0, 1] as const).map((axis) => size[axis] - types[0].shape[axis + 2] * kernel[axis]);
    const name = left.some((count) => count > 0) ? onnx.freshName("Resize") : output;
    onnx.node("Resize", [shares(), "", scales], { output: name, path, attributes });
    if (name !== output) onnx.node("Pad", [name, onnx.ints([0, 0, 0, 0, 0, 0, ...left])], { output, path });
    return;
  }
  const planes = onnx.reshape(shares(), [batch * channels, 1, rows, columns], { path });
  const ones = onnx.constant("float32", [1, 1, ...kernel], new Float32Array(area).fill(1));
  const uncovered = ([0, 1] as const).map((axis) => {
    const reached = (types[0].shape[axis + 2] - 1) * stride[axis] + kernel[axis] - padding[axis] - padding[axis + 2];
    return size[axis] - reached;
  });
  const attributes = { ...poolAttributes(attrs), output_padding: { ints: uncovered } };
  const spread = onnx.node("ConvTranspose", [planes, ones], { path, attributes });
  onnx.reshape(spread, type.shape, { output, path });
};

export const pooling = {
  maxPool2d: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("MaxPool", inputs, { output, path, attributes: poolAttributes(attrs) });
  },
  maxPool2dPlaces: lowerMaxPool2dPlaces,
  averagePool2d: lowerAveragePool2d,
  averagePool2dGradient: lowerAveragePool2dGradient,
} satisfies SomeLowerings;
