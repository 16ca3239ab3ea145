/** The analytic counts of bench/workloads/flops.ts against the products in the traced steps themselves. */

import { describe, expect, test } from "vitest";
import type { FamilyProgram } from "../../bench/family-contender.ts";
import { flopsOf } from "../../bench/workloads/flops.ts";
import {
  grad,
  leavesOf,
  mapTree,
  type Node,
  nodesOf,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorTree,
  type TensorType,
  type Tree,
  trace,
} from "../../src/core/index.ts";
import { trainingContext } from "../../src/learn/nn/index.ts";
import { batchTypes } from "../../src/run/index.ts";

/** 2 m k n of a matrix product, with however many of them are stacked. */
function productOf({ inputs: [a, b], outputs: [y] }: Node): number {
  // Of a [.., m, k] and b [.., k, n], whichever are turned, the elements of a, b and y multiply to (m k n)^2.
  const matrix = (shape: Shape): number => sizeOf(shape.slice(-2));
  const stacked = sizeOf(y.shape.slice(0, -2));
  return 2 * stacked * Math.round(Math.sqrt(matrix(a.shape) * matrix(b.shape) * matrix(y.shape)));
}

/** Of the three tensors of a convolution the kernel and the smaller image say it all. */
function convolutionOf({ op, inputs: [a, b], outputs: [y] }: Node): number {
  const tensors = { conv2d: [b, y], conv2dInputGradient: [b, a], conv2dWeightGradient: [y, b] } as const;
  const [kernel, image] = tensors[op as keyof typeof tensors];
  const [batch, , height, width] = image.shape;
  return 2 * sizeOf(kernel.shape) * batch * height * width;
}

function flopsIn(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => {
    if (node.op === "matmul") return sum + productOf(node);
    return node.op.startsWith("conv2d") ? sum + convolutionOf(node) : sum;
  }, 0);
}

/** Operations of a whole step: each phase forward, and its gradients by what it trains. */
function stepFlops({ family, sizes }: FamilyProgram): number {
  const key: TensorType = { dtype: "uint32", shape: [2] };
  const parameterTypes = trace({ key }, (args) => family.init(args.key as Tensor)).output;
  const parameters = mapTree<Tensor, TensorType>(parameterTypes as Tree<Tensor>, ({ value: { dtype, shape } }) => ({
    dtype,
    shape,
  }));
  return family.phases.reduce((total, phase) => {
    const types = { parameters: parameters as never, key, ...batchTypes(family, sizes.batch) };
    const { graph } = trace(types, (args) => {
      const { parameters: tree, key: drawn, ...batch } = args as unknown as Record<string, Tensor>;
      const { loss } = phase.loss(tree as never, batch, trainingContext(drawn));
      const trained = leavesOf<Tensor>(tree as unknown as TensorTree).filter(({ path }) => phase.trains(path));
      return grad(loss, Object.fromEntries(trained.map(({ path, value }) => [path, value])));
    });
    return total + flopsIn(nodesOf(graph));
  }, 0);
}

// The products of an LSTM stand in the bodies of its loops.
const counted = ["vae", "conv-vae", "dcgan", "flow", "gpt", "seq2seq", "unet"] as const;

describe("operations of a step, counted from sizes and in the traced graph", () => {
  test.each(counted)("%s", async (name) => {
    const { program } = (await import(`../../bench/workloads/${name}.ts`)) as { readonly program: FamilyProgram };
    expect(flopsOf[name]).toBe(stepFlops(program));
  });
});
