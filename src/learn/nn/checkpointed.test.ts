import { describe, expect, test } from "vitest";
import { gradients } from "../../core/autodiff/index.ts";
import { leavesOf } from "../../core/base/index.ts";
import { optimize } from "../../core/compile/index.ts";
import { type Graph, nodesOf } from "../../core/graph/index.ts";
import { constantKey, randomNormal, type Tensor, type TensorTree, trace } from "../../core/trace/index.ts";
import { evaluateConstants, interpret, toHost } from "../../engine/interpreter/index.ts";
import { batchNorm, checkpointed, dropout, linear, type Module, sequential, tanh, trainingContext } from "./index.ts";

const block = sequential(linear({ inputs: 4, outputs: 4 }), batchNorm({ channels: 4 }), dropout(0.5), tanh);

/** A training step's loss, gradients and running statistics of two blocks. */
function step(layer: Module): Graph {
  const network = sequential(layer, layer);
  return trace({}, () => {
    const parameters = network.init(constantKey([1, 2])) as TensorTree;
    const context = trainingContext(constantKey([3, 4]));
    const loss = network
      .apply(parameters as never, randomNormal(constantKey([5, 6]), [8, 4]), context)
      .square()
      .mean();
    const leaves = leavesOf<Tensor>(parameters).map(({ value }) => value);
    const trained = leaves.filter((leaf) => !context.updates.has(leaf));
    return { loss, gradients: gradients(loss, trained), statistics: [...context.updates.values()] };
  }).graph;
}

describe("checkpointed", () => {
  const [plain, twice] = [step(block), step(checkpointed(block))];

  test("gives the same loss, gradients, running statistics and dropped elements", () => {
    const expected = interpret(plain, []).map(toHost);
    const seen = interpret(twice, []).map(toHost);
    expect(seen.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
    seen.forEach(({ data }, i) => {
      Array.from(data as Float32Array).forEach((number, at) => {
        expect(number).toBeCloseTo((expected[i].data as Float32Array)[at], 6);
      });
    });
  });
  test("computes the block twice", () => {
    const count = (graph: Graph): number =>
      nodesOf(optimize(graph, evaluateConstants)).filter(({ op }) => op === "tanh").length;
    expect(count(plain)).toBe(2);
    expect(count(twice)).toBe(4);
  });
});
