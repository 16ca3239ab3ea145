/** Loops over the steps of a sequence. */

import { GalateaError, leavesOf, mapTree, type Tree, treeFromLeaves } from "../base/index.ts";
import { bodyInput, closeBody, type TensorType, type Value } from "../graph/index.ts";
import { format, join, type NamedTensor, sameTypes } from "./carry.ts";
import { applyAll, Tensor } from "./tensor.ts";
import type { TensorTree } from "./trace.ts";

export interface ScanOptions {
  /** Number of steps; needed only where nothing is scanned. */
  readonly length?: number;
  /** Whether the last slices come first; results stay at the places of the slices that they belong to. */
  readonly reverse?: boolean;
}

/**
 * Runs a step once for each slice along the first axis, handing a carry from step to step.
 *
 * (carry_t+1, y_t) = step(carry_t, xs[t]), t = 0 .. T-1; where `reverse`, t = T-1 .. 0
 *
 * The step is traced once. It may read any tensor around it. What it computes from those alone is computed once.
 *
 * Shapes: each leaf of xs [T, ...], of which the step gets [...]; a leaf of ys is [T, ...y]. The step must give each
 * leaf of the carry with the type that it has at the start.
 * @throws GalateaError `shape` or `dtype`, with the layer path, where a leaf of the carry changes its type or
 * lengths differ.
 *
 * @example
 * const { carry: h } = scan((h, x) => ({ carry: h.mul(0.9).add(x), y: {} }), zeros([8]), xs); // xs [T, 8]
 */
export function scan<C extends TensorTree, X extends TensorTree, Y extends TensorTree>(
  step: (carry: C, x: X) => { readonly carry: C; readonly y: Y },
  carry: C,
  xs: X,
  { length, reverse = false }: ScanOptions = {},
): { readonly carry: C; readonly ys: Y } {
  const starts = leavesOf<Tensor>(carry);
  const sequences = leavesOf<Tensor>(xs);
  const steps = lengthOf(sequences, length);
  const inputs: Value[] = [];
  const declare = (role: string, { dtype, shape }: TensorType, path: string): Tensor => {
    const input = bodyInput(join(role, path), { dtype, shape });
    inputs.push(input);
    return new Tensor(input);
  };
  const carryIn = mapTree<Tensor, Tensor>(carry, ({ value }, path) => declare("carry", value, path));
  const slices = mapTree<Tensor, Tensor>(xs, ({ value: { dtype, shape } }, path) =>
    declare("x", { dtype, shape: shape.slice(1) }, path),
  );
  const { carry: next, y } = step(carryIn as C, slices as X);
  const results = leavesOf<Tensor>(y);
  const { body, outer } = closeBody(inputs, [
    ...sameTypes("scan", starts, leavesOf<Tensor>(next)).map(({ path, value: { value } }) => ({
      name: join("carry", path),
      value,
    })),
    ...results.map(({ path, value: { value } }) => ({ name: join("y", path), value })),
  ]);
  const outputs = applyAll(
    "scan",
    [...starts, ...sequences].map(({ value }) => value).concat(outer.map((value) => new Tensor(value))),
    { body, carries: starts.length, scanned: sequences.length, length: steps, reverse },
  );
  const put = (like: TensorTree, leaves: readonly Tensor[]): TensorTree =>
    treeFromLeaves<Tensor, Tensor>(like as Tree<Tensor>, leaves);
  return {
    carry: put(carry, outputs.slice(0, starts.length)) as C,
    ys: put(y, outputs.slice(starts.length)) as Y,
  };
}

function lengthOf(sequences: readonly NamedTensor[], asked: number | undefined): number {
  for (const { path, value } of sequences) {
    if (value.rank > 0) continue;
    const seen = `scan: ${path || "what is scanned"} is ${format(value)}`;
    throw new GalateaError("shape", value.path, seen, "it needs a first axis, of the steps");
  }
  const length = asked ?? sequences[0]?.value.shape[0];
  if (length === undefined || !Number.isInteger(length) || length < 0) {
    const seen = length === undefined ? "scan: nothing is scanned" : `scan: a length of ${length}`;
    throw new GalateaError("shape", "", seen, "give `length`, a whole number from 0 up");
  }
  const other = sequences.find(({ value }) => value.shape[0] !== length);
  if (other) {
    const seen = `scan: ${other.path || "what is scanned"} is ${format(other.value)} for ${length} steps`;
    throw new GalateaError("shape", other.value.path, seen, `its first axis must be ${length}`);
  }
  return length;
}
