/** Tensors and weights with their channels in blocks of b, and back.
 *
 * Each way is made of exchanges of two neighbouring axes, one of them of size b, between reshapes: the runtime has
 * fast kernels for just these (../onnx/lowerings/transposition.ts). */

import { type Shape, sizeOf } from "../../base/index.ts";
import type { Value } from "../../graph/index.ts";
import { pad, reshape, slice, swapFirstTwo, swapLastTwo } from "./layout-nodes.ts";

/** A tensor [before..., C, after...] as [before..., C/b, after..., b]. */
export interface Blocked {
  readonly value: Value;
  /** Which axis of the plain tensor the channels are. */
  readonly axis: number;
}

export function blockOf({ value }: Blocked): number {
  return value.shape[value.shape.length - 1];
}

/** The shape of the plain tensor. */
export function plainShape({ value: { shape }, axis }: Blocked): Shape {
  const block = shape[shape.length - 1];
  return shape.slice(0, -1).map((size, i) => (i === axis ? size * block : size));
}

/** The shape that a plain shape becomes. */
export function blockedShape(shape: Shape, axis: number, block: number): Shape {
  return [...shape.map((size, i) => (i === axis ? size / block : size)), block];
}

export function roundUp(size: number, block: number): number {
  return Math.ceil(size / block) * block;
}

export function toBlocked(x: Value, axis: number, block: number, path: string): Value {
  const { shape } = x;
  const groups = sizeOf(shape.slice(0, axis)) * (shape[axis] / block);
  const parted = reshape(x, [groups, block, sizeOf(shape.slice(axis + 1))], path);
  return reshape(swapLastTwo(parted, path), blockedShape(shape, axis, block), path);
}

export function fromBlocked(blocked: Blocked, path: string): Value {
  const { value, axis } = blocked;
  const block = blockOf(blocked);
  const after = sizeOf(value.shape.slice(axis + 1, -1));
  const parted = reshape(value, [sizeOf(value.shape.slice(0, axis + 1)), after, block], path);
  return reshape(swapLastTwo(parted, path), plainShape(blocked), path);
}

/** [O, C, h, w] as [O/b, C/b, h, w, b of C, b of O], with zeros where channels are no multiples of b. */
export function blockWeight(weight: Value, block: number, path: string): Value {
  const [filters, channels] = weight.shape.slice(0, 2).map((size) => roundUp(size, block));
  const [, , height, width] = weight.shape;
  const padded = padChannels(weight, filters, channels, path);
  const inner = toBlocked(padded, 1, block, path); // [O, C/b, h, w, b of C]
  const flat = reshape(inner, [filters, channels * height * width], path);
  const outer = toBlocked(flat, 0, block, path); // [O/b, C/b h w b, b of O]
  return reshape(outer, [filters / block, channels / block, height, width, block, block], path);
}

/** [O, C, h, w] for the way back, from O to C channels: [C/b, O/b, h, w, b of O, b of C]. */
export function blockTransposedWeight(weight: Value, block: number, path: string): Value {
  const [filters, channels] = weight.shape.slice(0, 2).map((size) => roundUp(size, block));
  const [, , height, width] = weight.shape;
  const taps = height * width;
  const padded = padChannels(weight, filters, channels, path);
  const inner = toBlocked(reshape(padded, [filters, channels * taps], path), 0, block, path); // [O/b, C h w, b of O]
  const flat = reshape(inner, [filters / block, channels, taps * block], path);
  const outer = toBlocked(flat, 1, block, path); // [O/b, C/b, h w b of O, b of C]
  const exchanged = swapFirstTwo(reshape(outer, [filters / block, channels / block, taps * block * block], path), path);
  return reshape(exchanged, [channels / block, filters / block, height, width, block, block], path);
}

/** [O, C, h, w] for images of few channels, which stay as they are: [O/b, C, h, w, b]. */
export function blockFilters(weight: Value, block: number, path: string): Value {
  const [filters, channels] = weight.shape;
  return toBlocked(padChannels(weight, roundUp(filters, block), channels, path), 0, block, path);
}

function padChannels(weight: Value, filters: number, channels: number, path: string): Value {
  const wider = pad(weight, 0, 0, filters - weight.shape[0], path);
  return pad(wider, 1, 0, channels - weight.shape[1], path);
}

/**
 * A weight's gradient as a convolution gives it, [C/b, O/b, h, w b of C, b of O] with the kernel's columns and C
 * as one axis, as [O, C, h, w]; channels that were added are left out.
 */
export function unblockWeight(gradient: Value, filters: number, channels: number, path: string): Value {
  const [inner, outer, height, columns, block] = gradient.shape;
  const width = columns / block;
  const taps = height * width;
  const rows = fromBlocked({ value: reshape(gradient, [inner, outer, taps * block, block], path), axis: 1 }, path);
  const exchanged = swapFirstTwo(rows, path); // [O, C/b, h w b]
  const parted = reshape(exchanged, [outer * block, inner, taps, block], path);
  const whole = reshape(
    fromBlocked({ value: parted, axis: 1 }, path),
    [outer * block, inner * block, height, width],
    path,
  );
  return slice(slice(whole, 0, 0, filters, path), 1, 0, channels, path);
}
