import { describe, expect, test } from "vitest";
import { graphOf as bodyGraph, type Graph, isOp, nodesOf } from "../../graph/index.ts";
import { loop, type Tensor, tensor, trace } from "../../trace/index.ts";
import { hoistSteps } from "./hoist-steps.ts";
import { simplifyLoops } from "./simplify-loops.ts";

const types = {
  x: { dtype: "float32", shape: [2, 3] },
  w: { dtype: "float32", shape: [3, 3] },
} as const;

type Given = Readonly<Record<keyof typeof types, Tensor>>;

function graphOf(fn: (given: Given) => Tensor): Graph {
  return trace(types, fn).graph;
}

/** Loops of a graph from the outermost one in, in one line each: carries, and ops of the body. */
function loopsOf(graph: Graph): string[] {
  return nodesOf(graph).flatMap((node) => {
    if (!isOp(node, "loop")) return [];
    const body = bodyGraph(node.attrs.body);
    const ops = nodesOf(body).map(({ op }) => op);
    const work = ops.filter((op) => op !== "input" && op !== "constant" && op !== "loop").toSorted();
    return [`${node.attrs.carries}: ${work.join(" ")}`, ...loopsOf(body)];
  });
}

const start = tensor([0], [], "int32");

describe("loops that stop by themselves", () => {
  test("carries that nothing depends on go, of a loop inside a loop too", () => {
    const graph = graphOf(({ x }) => {
      const once = ({ y, log, i }: { y: Tensor; log: Tensor; i: Tensor }) => ({
        carry: { y: y.tanh(), log: log.add(y.exp()), i: i.add(1) },
        goesOn: i.less(3),
      });
      type Carry = Parameters<typeof once>[0];
      const outer = (carry: Carry) => {
        const read = loop(once, carry, { most: 4 });
        return { carry: read, goesOn: read.i.less(10) };
      };
      return loop(outer, { y: x, log: x, i: start } as Carry, { most: 3 }).y;
    });
    expect(loopsOf(graph)).toEqual(["3: less", "3: add add exp less tanh"]);
    expect(loopsOf(simplifyLoops(graph))).toEqual(["2: less", "2: add less tanh"]);
  });

  test("a carry that decides whether to go on stays", () => {
    const graph = graphOf(({ x }) => {
      const step = ({ y, i }: { y: Tensor; i: Tensor }) => ({ carry: { y: y.tanh(), i: i.add(1) }, goesOn: i.less(3) });
      return loop(step, { y: x, i: start }, { most: 9 }).y;
    });
    expect(loopsOf(simplifyLoops(graph))).toEqual(["2: add less tanh"]);
  });

  test("a carry that stays what it is is read from around the loop", () => {
    const graph = graphOf(({ x, w }) => {
      const step = ({ y, held }: { y: Tensor; held: Tensor }) => ({
        carry: { y: y.matmul(held), held },
        goesOn: y.sum().less(3),
      });
      return loop(step, { y: x, held: w }, { most: 9 }).y;
    });
    expect(loopsOf(graph)).toEqual(["2: less matmul reduceSum"]);
    expect(loopsOf(simplifyLoops(graph))).toEqual(["1: less matmul reduceSum"]);
  });

  test("products with a transposed matrix from around it are plain ones with its transpose, in long loops", () => {
    const graphFor = (most: number) =>
      graphOf(({ x, w }) => {
        const step = (y: Tensor) => ({ carry: y.matmul(w, { transposeB: true }), goesOn: y.sum().less(3) });
        return loop(step, x, { most });
      });
    const flagsOf = (graph: Graph): boolean[] =>
      nodesOf(graph).flatMap((node) => {
        if (isOp(node, "loop")) return flagsOf(bodyGraph(node.attrs.body));
        return isOp(node, "matmul") ? [node.attrs.transposeB] : [];
      });
    expect([15, 16].map((most) => flagsOf(hoistSteps(graphFor(most))))).toEqual([[true], [false]]);
  });
});
