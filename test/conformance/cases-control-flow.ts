/** Conformance cases of loops. */

import { inputValue } from "../../src/core/graph/index.ts";
import type { controlFlow } from "../../src/core/graph/ops/control-flow.ts";
import { concat, scan, Tensor, where } from "../../src/core/trace/index.ts";
import { type HostValue, interpret } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { bools, float, floats, inf, integers, nan, uniform } from "./cases-values.ts";

interface Loop {
  readonly carry?: readonly HostValue[];
  readonly xs?: readonly HostValue[];
  /** What the step reads from around it. */
  readonly outer?: readonly HostValue[];
  readonly length?: number;
  readonly reverse?: boolean;
}

type Step = (
  carry: readonly Tensor[],
  x: readonly Tensor[],
  outer: readonly Tensor[],
) => { readonly carry: readonly Tensor[]; readonly y: readonly Tensor[] };

/** A case of `scan` from the step that user code would write. */
export function scanCase(
  name: string,
  { carry = [], xs = [], outer = [], ...options }: Loop,
  step: Step,
): CaseOf<"scan"> {
  const numbers = new Map(
    [...carry, ...xs, ...outer].map((value, i) => [new Tensor(inputValue(`x${i}`, value)), value] as const),
  );
  const tensors = [...numbers.keys()];
  const [first, second] = [carry.length, carry.length + xs.length];
  const result = scan<readonly Tensor[], readonly Tensor[], readonly Tensor[]>(
    (c, x) => step(c, x, tensors.slice(second)),
    tensors.slice(0, first),
    tensors.slice(first, second),
    options,
  );
  const { node } = [...result.carry, ...result.ys][0].value;
  const inputs = node.inputs.map((input) => {
    const tensor = tensors.find(({ value }) => value === input);
    // What is no tensor of ours is a constant.
    return tensor
      ? (numbers.get(tensor) as HostValue)
      : interpret({ inputs: [], outputs: [{ name: "", value: input }] }, [])[0];
  });
  return { name, attrs: node.attrs as CaseOf<"scan">["attrs"], inputs };
}

const weight = uniform([3, 3], -0.5, 0.5, "weight");

/** h' = tanh(x + h W), y = h' summed. */
const cell: Step = ([h], [x], [w]) => {
  const next = x.add(h.matmul(w)).tanh();
  return { carry: [next], y: [next, next.sum(-1)] };
};

const sums: Step = ([total], [x]) => ({ carry: [total.add(x)], y: [total.add(x)] });

export const controlFlowCases: Pick<ConformanceCases, keyof typeof controlFlow> = {
  scan: [
    scanCase("a recurrent cell", { carry: [uniform([2, 3])], xs: [uniform([5, 2, 3])], outer: [weight] }, cell),
    scanCase(
      "a recurrent cell, last step first",
      { carry: [uniform([2, 3])], xs: [uniform([5, 2, 3])], outer: [weight], reverse: true },
      cell,
    ),
    scanCase("one step", { carry: [uniform([2, 3])], xs: [uniform([1, 2, 3])], outer: [weight] }, cell),
    scanCase("no step", { carry: [uniform([2, 3])], xs: [float([0, 2, 3], [])], outer: [weight] }, cell),
    scanCase("no step, last first", { carry: [uniform([2])], xs: [float([0, 2], [])], reverse: true }, sums),
    scanCase("running sums of scalars", { carry: [float([], [1])], xs: [floats(1, 2, 4, 8)] }, sums),
    scanCase("NaN and infinity go on", { carry: [float([], [1])], xs: [floats(1, inf, 2, -inf, 3, nan)] }, sums),
    scanCase("tensors without elements", { carry: [float([0, 2], [])], xs: [float([3, 0, 2], [])] }, sums),
    scanCase("integers", { carry: [integers("int64", [2], -9, 9)], xs: [integers("int64", [4, 2], -9, 9)] }, sums),
    scanCase("nothing is scanned", { carry: [uniform([2])], length: 4 }, ([x]) => ({ carry: [x.mul(2)], y: [x] })),
    scanCase("nothing is scanned, last first", { carry: [uniform([2])], length: 4, reverse: true }, ([x]) => ({
      carry: [x.mul(2)],
      y: [x],
    })),
    scanCase("nothing is carried", { xs: [uniform([4, 2]), uniform([4, 2], -1, 1, "b")] }, (_, [a, b]) => ({
      carry: [],
      y: [a.mul(b), b],
    })),
    scanCase("nothing is stacked", { carry: [uniform([2])], xs: [uniform([3, 2])] }, ([total], [x]) => ({
      carry: [total.mul(x)],
      y: [],
    })),
    scanCase(
      "a carry that stays, one that is exchanged, and results that are inputs, constants or equal",
      { carry: [uniform([2]), uniform([2], 3, 4), uniform([2], 5, 6)], xs: [uniform([3, 2])], outer: [uniform([2])] },
      ([a, b, c], [x], [w]) => {
        const y = x.add(a);
        return { carry: [a, c, b], y: [x, w, y, y, a, b.mul(0).add(1)] };
      },
    ),
    scanCase(
      "conditions in the carry",
      { carry: [bools([4]), uniform([4])], xs: [uniform([5, 4])] },
      ([open, total], [x]) => {
        const stays = where(open, x, 1).greater(-0.5);
        return { carry: [stays, where(stays, total.add(x), total)], y: [stays] };
      },
    ),
    scanCase(
      "a loop inside a loop that reads from both around it",
      { carry: [uniform([2])], xs: [uniform([3, 4, 2])], outer: [uniform([2])] },
      ([h], [rows], [w]) => {
        const inner = scan(
          (total: Tensor, row: Tensor) => {
            const next = total.mul(w).add(row.mul(h));
            return { carry: next, y: next };
          },
          h,
          rows,
          { reverse: true },
        );
        return { carry: [inner.carry.tanh()], y: [inner.ys, concat([h, w])] };
      },
    ),
  ],
};
