/** conv2d and its gradient by the image as blocked convolutions. */

import type { Shape } from "../../base/index.ts";
import { constantValue, emitValue, type Value, type Window2d } from "../../graph/index.ts";
import { convolve, takeTaps } from "./blocked-convolve.ts";
import { blockFilters, blockTransposedWeight, blockWeight } from "./blocked-layout.ts";
import type { BlockedValues } from "./blocked-values.ts";
import { concat, pad, reshape, slice, swapFirstTwo, take } from "./layout-nodes.ts";

/** The plain image of `channels` channels that stands for blocks. */
function plainImage(value: Value, channels: number, values: BlockedValues, path: string): Value {
  return slice(values.plain({ value, axis: 1 }, path), 1, 0, channels, path);
}

/** The image as a convolution reads it: one of few channels stays as it is. */
function imageFor(x: Value, values: BlockedValues, path: string): Value {
  return x.shape[1] < values.block ? x : values.blocked(x, 1, path);
}

export function blockedConv2d(x: Value, weight: Value, window: Window2d, values: BlockedValues, path: string): Value {
  const kernel = x.shape[1] < values.block ? blockFilters : blockWeight;
  const y = convolve(imageFor(x, values, path), kernel(weight, values.block, path), window, path);
  return plainImage(y, weight.shape[0], values, path);
}

/** The rows of x (or its columns) that are `residue` more than a multiple of the stride, as a convolution of g. */
interface Phase {
  /** Places in the kernel, in the order in which they meet g. */
  readonly taps: readonly number[];
  /** Row m of the phase reads g from row m + first on, `dilation` apart. */
  readonly first: number;
  readonly dilation: number;
}

/**
 * x[s m + a] = sum over i of g[m + (a + p - d i) / s] w[i], over those i that leave no remainder.
 *
 * Source: Shi et al., "Is the deconvolution layer the same as a convolutional layer?" (2016).
 */
function phaseOf(residue: number, kernel: number, axis: 0 | 1, { stride, padding, dilation }: Window2d): Phase {
  const reach = (tap: number): number => (residue + padding[axis] - dilation[axis] * tap) / stride[axis];
  const taps = Array.from({ length: kernel }, (_, i) => kernel - 1 - i).filter((i) => Number.isInteger(reach(i)));
  const [first, second] = taps.map(reach);
  return { taps, first: first ?? 0, dilation: second === undefined ? 1 : second - first };
}

/** Zeros before and after g, so that a phase has `count` rows. */
function paddingOf({ taps, first, dilation }: Phase, rows: number, count: number): readonly [number, number] {
  return [-first, count - 1 + first + dilation * (taps.length - 1) - (rows - 1)];
}

interface InputGradient {
  readonly g: Value;
  readonly weight: Value;
  readonly window: Window2d;
  /** Height and width of x. */
  readonly size: readonly [number, number];
  readonly path: string;
}

/** The weight for images of O channels, [C/b, O/b, h, w, b, b] or for few of them [C/b, O, h, w, b]. */
function transposedKernel(weight: Value, block: number, path: string): Value {
  return weight.shape[0] < block
    ? blockFilters(swapFirstTwo(weight, path), block, path)
    : blockTransposedWeight(weight, block, path);
}

function zerosOf(shape: Shape, path: string): Value {
  return emitValue("expand", [constantValue("float32", [], [0])], { shape }, path);
}

/** Values of one shape [..., M, N, b], as [..., M, count * N, b] with their columns one by one. */
function interleave(parts: readonly Value[], axis: 2 | 3, path: string): Value {
  const [first] = parts;
  const before = first.shape.slice(0, axis + 1).reduce((product, size) => product * size, 1);
  const after = first.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const joined = concat(
    parts.map((part) => reshape(part, [before, after], path)),
    1,
    path,
  );
  const shape = first.shape.map((size, i) => (i === axis ? size * parts.length : size));
  return reshape(joined, shape, path);
}

/** One convolution of g for each phase of rows and columns, then their results interleaved. */
function byPhases({ g, weight, window, size, path }: InputGradient, values: BlockedValues): Value {
  const [, channels, kernelHeight, kernelWidth] = weight.shape;
  const { stride } = window;
  const image = imageFor(g, values, path);
  const kernel = transposedKernel(weight, values.block, path);
  const [height, width] = ([0, 1] as const).map((axis) => Math.ceil(size[axis] / stride[axis]));
  const rows = Array.from({ length: stride[0] }, (_, a) => phaseOf(a, kernelHeight, 0, window));
  const columns = Array.from({ length: stride[1] }, (_, a) => phaseOf(a, kernelWidth, 1, window));
  const result = (row: Phase, column: Phase): Value => {
    if (row.taps.length === 0 || column.taps.length === 0) {
      return zerosOf([g.shape[0], kernel.shape[0], height, width, values.block], path);
    }
    const [top, bottom] = paddingOf(row, g.shape[2], height);
    const [left, right] = paddingOf(column, g.shape[3], width);
    const phase: Window2d = {
      stride: [1, 1],
      padding: [top, left, bottom, right],
      dilation: [row.dilation, column.dilation],
    };
    return convolve(image, takeTaps(kernel, row.taps, column.taps, path), phase, path);
  };
  const byRow = rows.map((row) =>
    interleave(
      columns.map((column) => result(row, column)),
      3,
      path,
    ),
  );
  const whole = interleave(byRow, 2, path);
  const cropped = slice(slice(whole, 2, 0, size[0], path), 3, 0, size[1], path);
  return plainImage(cropped, channels, values, path);
}

/** All phases of an axis as one convolution with a window that covers theirs. */
interface Cover {
  /** The first residue; the others follow. */
  readonly start: number;
  readonly first: number;
  readonly window: number;
  /** For each phase and place of the window the tap that stands there, if any. */
  readonly taps: readonly (readonly (number | undefined)[])[];
}

/** The residues from `start` on; a later start lets the phases' windows lie closer together. */
function coverFrom(start: number, kernel: number, axis: 0 | 1, window: Window2d): Cover {
  const phases = Array.from({ length: window.stride[axis] }, (_, i) => phaseOf(start + i, kernel, axis, window));
  const placesOf = ({ taps, first, dilation }: Phase): number[] => taps.map((_, i) => first + i * dilation);
  const places = phases.flatMap(placesOf);
  const first = Math.min(...places);
  const length = Math.max(...places) - first + 1;
  const taps = phases.map((phase) => {
    const at = placesOf(phase).map((place) => place - first);
    return Array.from({ length }, (_, place) => phase.taps[at.indexOf(place)]);
  });
  return { start, first, window: length, taps };
}

function smallestCover(kernel: number, axis: 0 | 1, window: Window2d): Cover {
  const covers = Array.from({ length: window.stride[axis] }, (_, i) => coverFrom(-i, kernel, axis, window));
  return covers.reduce((best, cover) => (cover.window < best.window ? cover : best));
}

/**
 * All phases as channels of one convolution: for few channels, of which all phases together fill a block.
 */
function byOneConvolution({ g, weight, window, size, path }: InputGradient, values: BlockedValues): Value {
  const [outputs, channels, kernelHeight, kernelWidth] = weight.shape;
  const { stride } = window;
  const rows = smallestCover(kernelHeight, 0, window);
  const columns = smallestCover(kernelWidth, 1, window);
  const none = kernelHeight * kernelWidth;
  const taps = rows.taps.flatMap((ofRow) =>
    columns.taps.flatMap((ofColumn) =>
      ofRow.flatMap((row) =>
        ofColumn.map((column) => (row === undefined || column === undefined ? none : row * kernelWidth + column)),
      ),
    ),
  );
  const phases = stride[0] * stride[1];
  const places = rows.window * columns.window;
  const flat = reshape(weight, [outputs, channels, none], path);
  const source = taps.includes(none) ? pad(flat, 2, 0, 1, path) : flat;
  const taken = reshape(take(source, 2, taps, path), [outputs, channels, phases, places], path);
  const byPhase = emitValue("transpose", [taken], { permutation: [0, 2, 1, 3] }, path);
  const merged = reshape(byPhase, [outputs, phases * channels, rows.window, columns.window], path);
  const kernel = transposedKernel(merged, values.block, path);
  const [height, width] = [rows, columns].map(({ start }, axis) => Math.ceil((size[axis] - start) / stride[axis]));
  const paddingAlong = (cover: Cover, length: number, count: number): readonly [number, number] => [
    -cover.first,
    count - 1 + cover.first + cover.window - 1 - (length - 1),
  ];
  const [top, bottom] = paddingAlong(rows, g.shape[2], height);
  const [left, right] = paddingAlong(columns, g.shape[3], width);
  const once: Window2d = { stride: [1, 1], padding: [top, left, bottom, right], dilation: [1, 1] };
  const y = plainImage(convolve(imageFor(g, values, path), kernel, once, path), phases * channels, values, path);
  const parted = reshape(y, [g.shape[0], stride[0], stride[1], channels, height, width], path);
  const ordered = emitValue("transpose", [parted], { permutation: [0, 3, 4, 1, 5, 2] }, path);
  const whole = reshape(ordered, [g.shape[0], channels, height * stride[0], width * stride[1]], path);
  return slice(slice(whole, 2, -rows.start, size[0], path), 3, -columns.start, size[1], path);
}

/** Products for each place of g, in blocks: what the two ways cost. */
function costs({ weight, window }: InputGradient, block: number): { phases: number; one: number } {
  const [, channels, height, width] = weight.shape;
  const covered = smallestCover(height, 0, window).window * smallestCover(width, 1, window).window;
  const phases = window.stride[0] * window.stride[1];
  return {
    phases: height * width * Math.ceil(channels / block),
    one: covered * Math.ceil((channels * phases) / block),
  };
}

export function blockedConv2dInputGradient(gradient: InputGradient, values: BlockedValues): Value {
  const { phases, one } = costs(gradient, values.block);
  return one < phases ? byOneConvolution(gradient, values) : byPhases(gradient, values);
}
