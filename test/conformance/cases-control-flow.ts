/** Conformance cases of loops. */

import { inputValue, type Node, type OpName } from "../../src/core/graph/index.ts";
import type { controlFlow } from "../../src/core/graph/ops/control-flow.ts";
import { checkpoint, concat, loop, scan, Tensor, where } from "../../src/core/trace/index.ts";
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
  return { name, attrs: node.attrs as CaseOf<"scan">["attrs"], inputs: inputsOf(node, numbers) };
}

/** The numbers that a node reads: of tensors, or constants. */
function inputsOf({ inputs }: Node, numbers: ReadonlyMap<Tensor, HostValue>): HostValue[] {
  return inputs.map((input) => {
    const [, known] = [...numbers].find(([{ value }]) => value === input) ?? [];
    return known ?? interpret({ inputs: [], outputs: [{ name: "", value: input }] }, [])[0];
  });
}

/** A case of the op that a function of tensors ends with. */
function caseOf<N extends OpName>(
  name: string,
  values: readonly HostValue[],
  compute: (...tensors: readonly Tensor[]) => readonly Tensor[],
): CaseOf<N> {
  const numbers = new Map(values.map((value, i) => [new Tensor(inputValue(`x${i}`, value)), value] as const));
  const [{ value }] = compute(...numbers.keys());
  return { name, attrs: value.node.attrs as CaseOf<N>["attrs"], inputs: inputsOf(value.node, numbers) };
}

type LoopStep = (carry: readonly Tensor[], outer: readonly Tensor[]) => ReturnType<Parameters<typeof loop>[0]>;

/** A case of `loop`. */
function loopCase(
  name: string,
  { carry, outer = [], most }: { carry: readonly HostValue[]; outer?: readonly HostValue[]; most: number },
  step: LoopStep,
): CaseOf<"loop"> {
  return caseOf(name, [...carry, ...outer], (...tensors) =>
    loop<readonly Tensor[]>(
      (state) => step(state, tensors.slice(carry.length)) as never,
      tensors.slice(0, carry.length),
      { most },
    ),
  );
}

/** A case of `checkpoint`; `inputs` are handed in, and what is in `outer` is read from around. */
export function checkpointCase(
  name: string,
  { inputs, outer = [] }: { inputs: readonly HostValue[]; outer?: readonly HostValue[] },
  compute: (xs: readonly Tensor[], outer: readonly Tensor[]) => readonly Tensor[],
): CaseOf<"checkpoint"> {
  return caseOf(name, [...inputs, ...outer], (...tensors) =>
    checkpoint<readonly Tensor[], readonly Tensor[]>(
      (xs) => compute(xs, tensors.slice(inputs.length)),
      tensors.slice(0, inputs.length),
    ),
  );
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
  loop: [
    loopCase("stops early", { carry: [float([2], [1, 3])], most: 20 }, ([x]) => {
      const next = x.mul(2);
      return { carry: [next], goesOn: next.sum().less(40) };
    }),
    loopCase("stops where it must", { carry: [float([], [1])], most: 5 }, ([x]) => ({
      carry: [x.mul(2)],
      goesOn: x.less(1e6),
    })),
    loopCase("takes one step at least", { carry: [float([], [1])], most: 5 }, ([x]) => ({
      carry: [x.mul(2)],
      goesOn: x.less(0),
    })),
    loopCase("takes no step where none is allowed", { carry: [float([2], [1, -2])], most: 0 }, ([x]) => ({
      carry: [x.mul(2)],
      goesOn: x.sum().less(9),
    })),
    loopCase("NaN ends a comparison", { carry: [floats(1, inf)], most: 9 }, ([x]) => {
      const next = x.sub(x.mul(0.5).mul(2)).add(x.mul(0));
      return { carry: [next], goesOn: next.sum().less(1) };
    }),
    loopCase(
      "counts its steps, exchanges carries and reads from around it",
      {
        carry: [uniform([3]), uniform([3], 2, 3), integers("int32", [], 0, 1)],
        outer: [uniform([3], 0.2, 0.4)],
        most: 30,
      },
      ([a, b, steps], [rate]) => ({
        carry: [b, a.sub(b).mul(rate).add(b), steps.add(1)],
        goesOn: a.sub(b).abs().max().greater(1e-2),
      }),
    ),
    loopCase("a loop inside a loop", { carry: [float([], [1]), float([], [0])], most: 6 }, ([x, total]) => {
      const inner = loop((y: Tensor) => ({ carry: y.mul(2), goesOn: y.less(x.mul(4)) }), x, { most: 9 });
      return { carry: [x.add(1), total.add(inner)], goesOn: total.add(inner).less(60) };
    }),
  ],
  checkpoint: [
    checkpointCase("layers", { inputs: [uniform([2, 3])], outer: [weight] }, ([x], [w]) => {
      const h = x.matmul(w).tanh();
      return [h.matmul(w).sin(), h];
    }),
    checkpointCase("what goes in comes out", { inputs: [uniform([2]), integers("int64", [2], -9, 9)] }, ([x, at]) => [
      x,
      at.add(1),
      x.mul(at.cast("float32")),
    ]),
    checkpointCase("one inside another", { inputs: [uniform([3])], outer: [uniform([3])] }, ([x], [w]) => [
      checkpoint((y: Tensor) => y.mul(w).exp(), x.mul(w)).add(1),
    ]),
  ],
  barrier: [
    { name: "numbers", attrs: {}, inputs: [uniform([2, 3]), uniform([4])] },
    { name: "scalars", attrs: {}, inputs: [float([], [2]), float([], [3])] },
    { name: "special numbers", attrs: {}, inputs: [floats(0, -0, nan, inf, -inf), float([], [nan])] },
    { name: "after nothing", attrs: {}, inputs: [uniform([2]), float([0, 2], [])] },
    { name: "of nothing", attrs: {}, inputs: [float([0, 3], []), uniform([2])] },
  ],
};
