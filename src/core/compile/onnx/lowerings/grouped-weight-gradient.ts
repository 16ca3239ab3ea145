/** The gradient of a grouped convolution by its weights, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import { type Lowering, type LoweringContext, lowerZeros } from "./lowering.ts";

type Context = LoweringContext<"conv2dWeightGradient">;

/** Channels and filters of one group, times the width of a padded row, up to which products of rows are faster. */
const largestRowProduct = 128;

/** Sizes that both ways need. */
function sizesOf({ types, attrs }: Context) {
  const [batch, channels, height, width] = types[0].shape;
  const [, filters, rows, columns] = types[1].shape;
  const { groups, padding } = attrs;
  return {
    batch,
    /** Of one group. */
    channels: channels / groups,
    filters: filters / groups,
    /** Of a padded image. */
    height: height + padding[0] + padding[2],
    width: width + padding[1] + padding[3],
    /** Of the gradient. */
    rows,
    columns,
  };
}

/** Stacks of matrices, the first and the second transposed where asked. */
function product(context: Context, a: string, b: string, transposed: 0 | 1): string {
  const { onnx, target, path } = context;
  if (target.contrib) {
    const attributes = { [transposed === 0 ? "transA" : "transB"]: { int: 1 } };
    return onnx.node("FusedMatMul", [a, b], { path, domain: "com.microsoft", attributes });
  }
  const flip = (x: string): string => onnx.node("Transpose", [x], { path, attributes: { perm: { ints: [0, 2, 1] } } });
  return onnx.node("MatMul", transposed === 0 ? [flip(a), b] : [a, flip(b)], { path });
}

function padded(context: Context, images: string, low: readonly number[], high: readonly number[]): string {
  const { onnx, path } = context;
  if ([...low, ...high].every((count) => count === 0)) return images;
  return onnx.node("Pad", [images, onnx.ints([...low, ...high])], { path });
}

/**
 * For few channels a group. For each row of the kernel, one product of each group's rows of images,
 * [B H', channels W], with its rows of the gradient, [B H', filters W']: it holds, for each pair of a channel and
 * a filter, the products of all columns with all columns, of which those at the kernel's distances are summed.
 * That is more arithmetic than needed, but it reads each image once a kernel row, not once a kernel place.
 */
function lowerByRows(context: Context): void {
  const { onnx, inputs, attrs, output, path } = context;
  const { groups, padding, stride, dilation, size } = attrs;
  const { batch, channels, filters, height, width, rows, columns } = sizesOf(context);
  /** [B, groups n, H, W] -> [groups, B, H, n W]. */
  const byGroup = (x: string, n: number, shape: readonly [number, number], pads: readonly number[]): string => {
    const parted = onnx.reshape(x, [batch, groups, n, ...shape], { path });
    const attributes = { perm: { ints: [1, 0, 3, 2, 4] } };
    const moved = onnx.node("Transpose", [parted], { path, attributes });
    const [top, left, bottom, right] = pads;
    const wider = padded(context, moved, [0, 0, top, 0, left], [0, 0, bottom, 0, right]);
    return onnx.reshape(wider, [groups, batch, shape[0] + top + bottom, n * (shape[1] + left + right)], { path });
  };
  const imageSize = [height - padding[0] - padding[2], width - padding[1] - padding[3]] as const;
  const images = byGroup(inputs[0], channels, imageSize, padding);
  const gradientRows = byGroup(inputs[1], filters, [rows, columns], [0, 0, 0, 0]);
  const gradient = onnx.reshape(gradientRows, [groups, batch * rows, filters * columns], { path });

  const places = Array.from({ length: columns * size[1] }, (_, i) => {
    const [column, place] = [Math.floor(i / size[1]), i % size[1]];
    return (column * stride[1] + place * dilation[1]) * columns + column;
  });
  const pairs = groups * filters * channels;
  const kernelRows = Array.from({ length: size[0] }, (_, row) => {
    const start = row * dilation[0];
    const bounds = [[start], [start + (rows - 1) * stride[0] + 1], [2], [stride[0]]].map((list) => onnx.ints(list));
    const window = onnx.node("Slice", [images, ...bounds], { path });
    const flat = onnx.reshape(window, [groups, batch * rows, channels * width], { path });
    const products = onnx.reshape(product(context, flat, gradient, 0), [groups, channels, width, filters, columns], {
      path,
    });
    const ordered = onnx.node("Transpose", [products], { path, attributes: { perm: { ints: [0, 3, 1, 2, 4] } } });
    const table = onnx.reshape(ordered, [pairs, width * columns], { path });
    const chosen = onnx.node("Gather", [table, onnx.ints(places)], { path, attributes: { axis: { int: 1 } } });
    const terms = onnx.reshape(chosen, [pairs, columns, size[1]], { path });
    const sums = onnx.node("ReduceSum", [terms, onnx.ints([1])], { path, attributes: { keepdims: { int: 0 } } });
    return onnx.reshape(sums, [groups * filters, channels, 1, size[1]], { path });
  });
  onnx.node("Concat", kernelRows, { output, path, attributes: { axis: { int: 2 } } });
}

/**
 * For many channels a group: each kernel place's window of the channel-first image beside the others, as
 * [groups, h w channels, B H' W'], times the gradient [groups, filters, B H' W'].
 */
function lowerByWindows(context: Context): void {
  const { onnx, inputs, attrs, output, path } = context;
  const { groups, padding, stride, dilation, size } = attrs;
  const { batch, channels, filters, rows, columns } = sizesOf(context);
  const channelFirst = { path, attributes: { perm: { ints: [1, 0, 2, 3] } } };
  const [top, left, bottom, right] = padding;
  const moved = onnx.node("Transpose", [inputs[0]], channelFirst); // [C, B, H, W]
  const images = padded(context, moved, [0, 0, top, left], [0, 0, bottom, right]);
  const count = batch * rows * columns;
  const places = Array.from({ length: size[0] * size[1] }, (_, i) => [Math.floor(i / size[1]), i % size[1]]);
  const windows = places.map(([row, column]) => {
    const start = [row * dilation[0], column * dilation[1]];
    const end = [start[0] + (rows - 1) * stride[0] + 1, start[1] + (columns - 1) * stride[1] + 1];
    const bounds = [start, end, [2, 3], stride].map((list) => onnx.ints(list));
    const window = onnx.node("Slice", [images, ...bounds], { path });
    return onnx.reshape(window, [groups, channels, count], { path });
  });
  const joined = onnx.node("Concat", windows, { path, attributes: { axis: { int: 1 } } });
  const gradient = onnx.reshape(onnx.node("Transpose", [inputs[1]], channelFirst), [groups, filters, count], { path });
  const products = product(context, gradient, joined, 1); // [groups, filters, h w channels]
  const parted = onnx.reshape(products, [groups * filters, size[0], size[1], channels], { path });
  onnx.node("Transpose", [parted], { output, path, attributes: { perm: { ints: [0, 3, 1, 2] } } });
}

export const lowerGroupedWeightGradient: Lowering<"conv2dWeightGradient"> = (context) => {
  const { onnx, types, type, output, path } = context;
  const { channels, filters, width } = sizesOf(context);
  if (types.some(({ shape }) => sizeOf(shape) === 0)) lowerZeros(onnx, type, { output, path });
  else if (channels * filters * width <= largestRowProduct) lowerByRows(context);
  else lowerByWindows(context);
};
