import { describe, expect, test } from "vitest";
import { evaluateConstants, hostValue, interpret } from "../../engine/interpreter/index.ts";
import { gradients } from "../autodiff/index.ts";
import { optimize } from "../compile/index.ts";
import { type Graph, nodesOf } from "../graph/index.ts";
import { checkpoint, constantKey, randomUniform, type Tensor, trace } from "./index.ts";

const vector = { dtype: "float32", shape: [3] } as const;
const numbers = [hostValue("float32", [3], [0.5, -1, 2]), hostValue("float32", [3], [1, 0.25, -0.5])];

/** Three layers, each of which may be kept in a part of its own, and the gradients by both inputs. */
function network(keep: (part: (x: Tensor) => Tensor, x: Tensor) => Tensor): Graph {
  return trace({ x: vector, w: vector }, ({ x, w }) => {
    const layer = (y: Tensor): Tensor => y.mul(w).sin().mul(y).tanh();
    const loss = [1, 2, 3].reduce((y) => keep(layer, y), x).sum();
    return { loss, gradients: gradients(loss, [x, w]) };
  }).graph;
}

const plain = network((part, x) => part(x));
const twice = network((part, x) => checkpoint(part, x));
const count = (graph: Graph, name: string): number => nodesOf(graph).filter(({ op }) => op === name).length;

describe("checkpoint", () => {
  test("changes no number", () => {
    const expected = interpret(plain, numbers);
    expect(interpret(twice, numbers)).toEqual(expected);
    interpret(optimize(twice, evaluateConstants), numbers).forEach(({ data }, i) => {
      data.forEach((number, at) => {
        expect(number).toBeCloseTo(expected[i].data[at], 12);
      });
    });
  });
  test("computes each part again for the gradients, whatever the passes do", () => {
    expect(count(plain, "sin")).toBe(3);
    expect(count(optimize(twice, evaluateConstants), "sin")).toBe(6);
  });
  test("keeps nothing of the first time but the ends of the parts", () => {
    const graph = optimize(twice, evaluateConstants);
    const forward = new Set(nodesOf({ ...graph, outputs: graph.outputs.slice(0, 1) }));
    const inside = [...forward].filter(({ op }) => op === "sin" || op === "mul");
    const readers = nodesOf(graph).filter(({ inputs }) => inputs.some(({ node }) => inside.includes(node)));
    expect(readers.every((node) => forward.has(node))).toBe(true);
  });
  test("draws the same random numbers both times", () => {
    const build = (keep: (part: (x: Tensor) => Tensor, x: Tensor) => Tensor): Graph =>
      trace({ x: vector }, ({ x }) => {
        const part = (y: Tensor): Tensor => y.mul(randomUniform(constantKey([1, 2]), [3])).exp();
        return gradients(keep(part, x).sum(), [x])[0];
      }).graph;
    const kept = interpret(
      build((part, x) => part(x)),
      numbers.slice(0, 1),
    );
    const again = build((part, x) => checkpoint(part, x));
    expect(interpret(again, numbers.slice(0, 1))).toEqual(kept);
  });
  test("without gradients is its body", () => {
    const { graph } = trace({ x: vector, w: vector }, ({ x, w }) => checkpoint((y: Tensor) => y.mul(w), x));
    expect(nodesOf(optimize(graph, evaluateConstants)).map(({ op }) => op)).toEqual(["input", "input", "mul"]);
  });
});
