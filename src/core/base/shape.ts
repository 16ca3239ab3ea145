/** Shapes: lists of axis sizes, row-major. The empty list is a scalar. */

import { GalateaError } from "./errors.ts";

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const axis of shape) size *= axis;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The NumPy broadcast of two shapes, or `undefined` where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const sizeA = i <= a.length ? a[a.length - i] : 1;
    const sizeB = i <= b.length ? b[b.length - i] : 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) return undefined;
    out[rank - i] = sizeA === 1 ? sizeB : sizeA;
  }
  return out;
}

/**
 * An axis counted from the front; negative axes count from the back.
 * @throws GalateaError `shape` when the axis is outside the rank.
 */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  const fromFront = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || fromFront < 0 || fromFront >= rank) {
    throw new GalateaError("shape", where, `axis ${axis} is outside a tensor of rank ${rank}`, rangeOfAxes(rank));
  }
  return fromFront;
}

function rangeOfAxes(rank: number): string {
  return rank === 0 ? "a scalar has no axes" : `axes run from ${-rank} to ${rank - 1}`;
}
