/** What goes from step to step of a loop. */

import { formatShape, GalateaError, sameShape } from "../base/index.ts";
import type { TensorType } from "../graph/index.ts";
import type { Tensor } from "./tensor.ts";

export interface NamedTensor {
  readonly path: string;
  readonly value: Tensor;
}

export function join(role: string, path: string): string {
  return path === "" ? role : `${role}.${path}`;
}

export function format({ dtype, shape }: TensorType): string {
  return `${dtype}${formatShape(shape)}`;
}

function nameOf(path: string): string {
  return path === "" ? "the carry" : `carry ${path}`;
}

/**
 * The next carry, checked against the first one.
 * @param where the function that loops, for the message
 */
export function sameTypes(
  where: string,
  starts: readonly NamedTensor[],
  next: readonly NamedTensor[],
): readonly NamedTensor[] {
  const names = (leaves: readonly NamedTensor[]): string => `{${leaves.map(({ path }) => path).join(", ")}}`;
  if (names(starts) !== names(next)) {
    const seen = `${where}: the carry becomes ${names(next)}`;
    throw new GalateaError("shape", next[0]?.value.path ?? "", seen, `it must stay ${names(starts)}`);
  }
  starts.forEach(({ path, value: start }, i) => {
    const { value } = next[i];
    if (value.dtype === start.dtype && sameShape(value.shape, start.shape)) return;
    const code = value.dtype === start.dtype ? "shape" : "dtype";
    const seen = `${where}: ${nameOf(path)} becomes ${format(value)}`;
    throw new GalateaError(code, value.path || start.path, seen, `it must stay ${format(start)}`);
  });
  return next;
}
