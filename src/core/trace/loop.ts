/** Loops that stop when they have computed enough. */

import { formatShape, GalateaError, leavesOf, mapTree, type Tree, treeFromLeaves } from "../base/index.ts";
import { bodyInput, closeBody, type Value } from "../graph/index.ts";
import { join, sameTypes } from "./carry.ts";
import { applyAll, Tensor } from "./tensor.ts";
import type { TensorTree } from "./trace.ts";

export interface LoopOptions {
  /** The largest number of steps, a whole number from 0 up. */
  readonly most: number;
}

/**
 * Runs a step again and again, handing it what it gave, until it says that no other one follows: for samplers and
 * solvers that stop early. Which step is the last is found while the program runs, also in an exported file.
 *
 * carry_t+1, goesOn_t+1 = step(carry_t), t = 0 .. most - 1, while goesOn_t
 *
 * The step is traced once. It may read any tensor around it. A number of steps is a carry that counts.
 *
 * Shapes: `goesOn` is a bool scalar; the step must give each leaf of the carry with the type that it has at the start.
 * @throws GalateaError `shape` or `dtype`, with the layer path, where a leaf of the carry changes its type or `goesOn`
 *   is no bool scalar; `config` when `most` is no whole number from 0 up; `gradient` when somebody asks for a gradient
 *   through it: see {@link scan}.
 *
 * @example
 * // The square root of a, by Newton's method.
 * const root = loop(
 *   (x) => {
 *     const next = x.add(a.div(x)).mul(0.5);
 *     return { carry: next, goesOn: next.sub(x).abs().greater(1e-6) };
 *   },
 *   a,
 *   { most: 50 },
 * );
 */
export function loop<C extends TensorTree>(
  step: (carry: C) => { readonly carry: C; readonly goesOn: Tensor },
  carry: C,
  { most }: LoopOptions,
): C {
  const starts = leavesOf<Tensor>(carry);
  const inputs: Value[] = [];
  const carryIn = mapTree<Tensor, Tensor>(carry, ({ value: { dtype, shape } }, path) => {
    const input = bodyInput(join("carry", path), { dtype, shape });
    inputs.push(input);
    return new Tensor(input);
  });
  const { carry: next, goesOn } = step(carryIn as C);
  if (goesOn.dtype !== "bool" || goesOn.rank !== 0) {
    const code = goesOn.dtype === "bool" ? "shape" : "dtype";
    const seen = `loop: goesOn is ${goesOn.dtype}${formatShape(goesOn.shape)}`;
    throw new GalateaError(code, goesOn.path, seen, "it must be a bool scalar");
  }
  const { body, outer } = closeBody(inputs, [
    { name: "goesOn", value: goesOn.value },
    ...sameTypes("loop", starts, leavesOf<Tensor>(next)).map(({ path, value: { value } }) => ({
      name: join("carry", path),
      value,
    })),
  ]);
  const operands = [...starts.map(({ value }) => value), ...outer.map((value) => new Tensor(value))];
  const outputs = applyAll("loop", operands, { body, carries: starts.length, most });
  return treeFromLeaves<Tensor, Tensor>(carry as Tree<Tensor>, outputs) as TensorTree as C;
}
