/** What the passes leave of multi-head attention and its gradient. */

import { describe, expect, test } from "vitest";
import { grad } from "../../src/core/autodiff/index.ts";
import { optimize } from "../../src/core/compile/index.ts";
import { type Graph, nodesOf, type OpName, printGraph } from "../../src/core/graph/index.ts";
import { einsum, lowerTriangle, type Tensor, trace, where } from "../../src/core/trace/index.ts";
import { evaluateConstants } from "../../src/engine/interpreter/index.ts";

const [batch, time, heads, depth] = [2, 5, 3, 4];
const width = heads * depth;

function float(...shape: number[]) {
  return { dtype: "float32", shape } as const;
}

const types = {
  params: {
    qkv: { weight: float(3 * width, width), bias: float(3 * width) },
    out: { weight: float(width, width), bias: float(width) },
  },
  x: float(batch, time, width),
};

interface Affine {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

function project(x: Tensor, { weight, bias }: Affine): Tensor {
  return x.matmul(weight, { transposeB: true }).add(bias);
}

/** softmax(q k^T / sqrt(depth), masked) v over [batch, heads, time, depth], as most people write it. */
function byMatmul(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const split = (t: Tensor): Tensor => t.reshape([batch, time, heads, depth]).transpose([0, 2, 1, 3]);
  const scores = split(q)
    .matmul(split(k), { transposeB: true })
    .mul(depth ** -0.5);
  const weights = where(lowerTriangle(time), scores, -1e9).softmax();
  return weights.matmul(split(v)).transpose([0, 2, 1, 3]).reshape([batch, time, width]);
}

/** The same with axes by name. */
function byEinsum(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const split = (t: Tensor): Tensor => t.reshape([batch, time, heads, depth]);
  const scores = einsum("bqhd,bkhd->bhqk", split(q), split(k)).mul(depth ** -0.5);
  const weights = where(lowerTriangle(time), scores, -1e9).softmax();
  return einsum("bhqk,bkhd->bqhd", weights, split(v)).reshape([batch, time, width]);
}

function attentionGraph(attend: (q: Tensor, k: Tensor, v: Tensor) => Tensor, withGradient: boolean): Graph {
  const { graph } = trace(types, ({ params, x }) => {
    const [q, k, v] = project(x, params.qkv).split(3);
    const loss = project(attend(q, k, v), params.out)
      .add(x)
      .square()
      .mean();
    return withGradient ? { loss, gradients: grad(loss, { params, x }) } : { loss };
  });
  return optimize(graph, evaluateConstants);
}

function count(graph: Graph, op: OpName): number {
  return nodesOf(graph).filter((node) => node.op === op).length;
}

/** `npx vitest run test/golden -u` writes it again; read the difference. */
test("attention with its gradient", async () => {
  await expect(printGraph(attentionGraph(byMatmul, true))).toMatchFileSnapshot("./attention-gradient.txt");
});

describe.each([
  ["matmul", byMatmul],
  ["einsum", byEinsum],
] as const)("written with %s", (_, attend) => {
  test("q, k, v and the result change their order of axes once, their gradients once", () => {
    expect(count(attentionGraph(attend, false), "transpose")).toBe(4);
    expect(count(attentionGraph(attend, true), "transpose")).toBe(8);
  });
  test("six products forward and back for two projections and two products of heads; biases beside them", () => {
    const graph = attentionGraph(attend, true);
    const products = nodesOf(graph).filter(({ op }) => op === "matmul");
    expect(products.length).toBe(12);
    // A projection is one product of two matrices, which takes its bias along.
    expect(products.filter(({ outputs: [{ shape }] }) => shape.length === 2).length).toBe(6);
  });
  test("the gradients of q, k and v are joined, not added up", () => {
    const graph = attentionGraph(attend, true);
    expect([count(graph, "concat"), count(graph, "pad")]).toEqual([1, 0]);
  });
});
