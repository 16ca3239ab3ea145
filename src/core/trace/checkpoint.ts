/** Time for memory: what is inside is computed a second time when its gradients are. */

import { leavesOf, mapTree, type Tree, treeFromLeaves } from "../base/index.ts";
import { bodyInput, closeBody, type Value } from "../graph/index.ts";
import { join } from "./carry.ts";
import { applyAll, Tensor } from "./tensor.ts";
import type { TensorTree } from "./trace.ts";

/**
 * The results of a function, of which the backward pass keeps the inputs only: everything between is freed, and
 * computed again when the gradients come by. Chains of such parts train in the memory of their ends and of one part.
 *
 * The function may read any tensor around it, such as parameters, and draw random numbers, which are the same both
 * times. Without a gradient it costs nothing.
 *
 * Shapes: any; the results are those of the function.
 *
 * Source: Chen et al., "Training deep nets with sublinear memory cost" (2016).
 *
 * @example
 * const y = checkpoint((x) => block.apply(parameters, x, context), x);
 */
export function checkpoint<X extends TensorTree, Y extends TensorTree>(compute: (xs: X) => Y, xs: X): Y {
  const given = leavesOf<Tensor>(xs).map(({ value }) => value);
  const inputs: Value[] = [];
  const inside = mapTree<Tensor, Tensor>(xs, ({ value: { dtype, shape } }, name) => {
    const input = bodyInput(join("x", name), { dtype, shape });
    inputs.push(input);
    return new Tensor(input);
  });
  const y = compute(inside as X);
  const results = leavesOf<Tensor>(y);
  const { body, outer } = closeBody(
    inputs,
    results.map(({ path, value: { value } }) => ({ name: join("y", path), value })),
  );
  const outputs = applyAll("checkpoint", [...given, ...outer.map((value) => new Tensor(value))], { body });
  return treeFromLeaves<Tensor, Tensor>(y as Tree<Tensor>, outputs) as TensorTree as Y;
}
