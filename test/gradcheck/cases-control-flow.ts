import { checkpoint, scan, type Tensor, where } from "../../src/core/trace/index.ts";
import { checkpointCase, scanCase } from "../conformance/cases-control-flow.ts";
import { float, integers, uniform } from "../conformance/cases-values.ts";
import type { GradientCases } from "./cases-table.ts";

const h = uniform([2, 2], -1, 1, "h");
const w = uniform([2, 2], -1, 1, "w");

/** tanh(x + h W + b): a matrix and a row from around it. */
const cell: Parameters<typeof scanCase>[2] = ([state], [x], [weight, bias]) => {
  const next = x.add(state.matmul(weight)).add(bias).tanh();
  return { carry: [next], y: [next.square()] };
};

export const controlFlowCases = {
  scan: [
    scanCase("a recurrent cell", { carry: [h], xs: [uniform([3, 2, 2])], outer: [w, uniform([2])] }, cell),
    scanCase(
      "a recurrent cell, last step first",
      { carry: [h], xs: [uniform([3, 2, 2])], outer: [w, uniform([2])], reverse: true },
      cell,
    ),
    scanCase("one step", { carry: [h], xs: [uniform([1, 2, 2])], outer: [w, uniform([2])] }, cell),
    scanCase("no step", { carry: [h], xs: [float([0, 2, 2], [])], outer: [w, uniform([2])] }, cell),
    scanCase("the last carry only", { carry: [uniform([2])], xs: [uniform([4, 2])] }, ([a], [x]) => ({
      carry: [a.mul(x).sin()],
      y: [],
    })),
    scanCase("nothing is carried", { xs: [uniform([3, 2])], outer: [uniform([2])] }, (_, [x], [a]) => ({
      carry: [],
      y: [x.mul(a).exp()],
    })),
    scanCase("nothing is scanned", { carry: [uniform([2])], outer: [uniform([2])], length: 3 }, ([a], _, [b]) => ({
      carry: [a.mul(b).add(a.square().mul(b))],
      y: [a],
    })),
    scanCase(
      "carries that stay, that are exchanged, and that count",
      {
        carry: [uniform([2]), uniform([2], 0.5, 1), uniform([2], 1, 1.5), integers("int32", [], 0, 3)],
        xs: [uniform([3, 2])],
      },
      ([a, b, c, count], [x]) => {
        const y = x.mul(a).add(b.square());
        return { carry: [a, c, b, count.add(1)], y: [y, x, a, y.mul(count.cast("float32"))] };
      },
    ),
    scanCase(
      "a gradient that reaches one carry through another",
      { carry: [uniform([2]), uniform([2], 0.5, 1)], xs: [uniform([3, 2])] },
      ([a, b], [x]) => ({ carry: [a.mul(b), b.mul(x)], y: [] }),
    ),
    scanCase("a choice by condition", { carry: [uniform([3])], xs: [uniform([4, 3])] }, ([total], [x]) => ({
      carry: [where(x.less(0), total.mul(x), total.sub(x))],
      y: [total],
    })),
    scanCase(
      "a loop inside a loop",
      { carry: [uniform([2])], xs: [uniform([2, 3, 2])], outer: [uniform([2])] },
      ([state], [rows], [a]) => {
        const inner = scan(
          (total: Tensor, row: Tensor) => {
            const next = total.mul(a).add(row.mul(state)).tanh();
            return { carry: next, y: next };
          },
          state,
          rows,
        );
        return { carry: [inner.carry.mul(a)], y: [inner.ys] };
      },
    ),
  ],
  checkpoint: [
    checkpointCase("layers", { inputs: [h], outer: [w, uniform([2])] }, ([x], [weight, bias]) => {
      const y = x.matmul(weight).add(bias).tanh();
      return [y.matmul(weight), y.square()];
    }),
    checkpointCase("with what has no gradient", { inputs: [h, integers("int32", [3], 0, 2)] }, ([x, at]) => [
      x.gather(at).sin(),
    ]),
    checkpointCase("one inside another", { inputs: [uniform([2])], outer: [uniform([2])] }, ([x], [a]) => [
      checkpoint((y: Tensor) => y.mul(a).exp(), x.mul(a)).mul(x),
    ]),
  ],
  barrier: [{ name: "of x alone", attrs: {}, inputs: [h, uniform([3])] }],
} satisfies Partial<GradientCases>;
