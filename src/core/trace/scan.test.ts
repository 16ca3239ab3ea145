import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { isOp, printGraph } from "../graph/index.ts";
import { tensor, zeros } from "./functions.ts";
import { scan } from "./scan.ts";
import type { Tensor } from "./tensor.ts";
import { trace } from "./trace.ts";

const xs = tensor([1, 2, 3, 4], [4]);

describe("scan", () => {
  test("hands a carry from step to step and stacks results", () => {
    const { carry, ys } = scan(
      (total: Tensor, x: Tensor) => ({ carry: total.mul(10).add(x), y: { before: total, x } }),
      zeros([]),
      xs,
    );
    expect(numbersOf(carry)).toEqual([1234]);
    expect(numbersOf(ys.before)).toEqual([0, 1, 12, 123]);
    expect(numbersOf(ys.x)).toEqual([1, 2, 3, 4]);
  });
  test("in reverse it starts at the end and stacks results at their slices' places", () => {
    const { carry, ys } = scan(
      (total: Tensor, x: Tensor) => ({ carry: total.mul(10).add(x), y: total }),
      zeros([]),
      xs,
      { reverse: true },
    );
    expect(numbersOf(carry)).toEqual([4321]);
    expect(numbersOf(ys)).toEqual([432, 43, 4, 0]);
  });
  test("trees are kept; with nothing to scan, length says how often", () => {
    const { carry, ys } = scan(
      ({ fibonacci: [a, b] }: { fibonacci: [Tensor, Tensor] }) => ({
        carry: { fibonacci: [b, a.add(b)] as [Tensor, Tensor] },
        y: a,
      }),
      { fibonacci: [tensor([0], []), tensor([1], [])] },
      {},
      { length: 7 },
    );
    expect(numbersOf(carry.fibonacci[0])).toEqual([13]);
    expect(numbersOf(ys)).toEqual([0, 1, 1, 2, 3, 5, 8]);
  });
  test("what the step computes from outer tensors alone stands outside of the loop, constants too", () => {
    const types = {
      params: { cell: { weight: { dtype: "float32", shape: [2] } } },
      xs: { dtype: "float32", shape: [3, 2] },
    } as const;
    const { graph } = trace(types, (args) => {
      const { weight } = args.params.cell;
      return scan((h: Tensor, x: Tensor) => ({ carry: h.mul(weight.exp()).add(x.mul(2)), y: {} }), zeros([2]), args.xs)
        .carry;
    });
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "%0 = constant() {0} : float32[]
      %1 = expand(%0) {shape=[2]} : float32[2]
      %2 = input() "xs" : float32[3, 2]
      %3 = input() "params.cell.weight" : float32[2]  # cell
      %4 = exp(%3) : float32[2]  # cell
      %5 = constant() {2} : float32[]
      %6 = scan(%1, %2, %4, %5) {carries=1, scanned=1, length=3, reverse=false} : float32[2]  # cell
        body:
          %0 = input() "carry" : float32[2]
          %1 = input() "outer.0" : float32[2]  # cell
          %2 = mul(%0, %1) : float32[2]  # cell
          %3 = input() "x" : float32[2]
          %4 = input() "outer.1" : float32[]
          %5 = mul(%3, %4) : float32[2]
          %6 = add(%2, %5) : float32[2]  # cell
          return carry = %6
      return output = %6
      "
    `);
  });
});

describe("errors name the layer, what changed and both types", () => {
  const types = {
    params: { decoder: { cell: { weight: { dtype: "float32", shape: [3, 4] } } } },
    xs: { dtype: "float32", shape: [5, 2] },
    ys: { dtype: "float32", shape: [6, 2] },
  } as const;
  type Args = { readonly weight: Tensor; readonly xs: Tensor; readonly ys: Tensor };
  const tracing = (fn: (args: Args) => unknown) => () =>
    trace(types, ({ params, xs, ys }) => {
      fn({ weight: params.decoder.cell.weight, xs, ys });
      return xs;
    });
  const same = (carry: Tensor) => ({ carry, y: {} });

  test("a carry of another shape or element type", () => {
    const wide = tracing(({ weight, xs }) =>
      scan(({ h }: { h: Tensor }) => ({ carry: { h: h.matmul(weight) }, y: {} }), { h: zeros([2, 3]) }, xs),
    );
    expect(wide).toThrow("decoder.cell: scan: carry h becomes float32[2, 4]; it must stay float32[2, 3]");
    const counted = tracing(({ xs }) => scan((h: Tensor) => same(h.argMax(0)), zeros([2]), xs));
    expect(counted).toThrow("scan: the carry becomes int64[]; it must stay float32[2]");
  });
  test("a carry of another structure", () => {
    const lost = tracing(({ xs }) =>
      scan(({ h }: { h: Tensor; c?: Tensor }) => ({ carry: { h }, y: {} }), { h: zeros([]), c: zeros([]) }, xs),
    );
    expect(lost).toThrow("scan: the carry becomes {h}; it must stay {h, c}");
  });
  test("lengths that differ, that are not there, and that are no lengths", () => {
    expect(tracing(({ xs, ys }) => scan((h: Tensor) => same(h), zeros([]), { xs, ys }))).toThrow(
      "scan: ys is float32[6, 2] for 5 steps; its first axis must be 5",
    );
    expect(tracing(({ xs }) => scan((h: Tensor) => same(h), zeros([]), xs, { length: 4 }))).toThrow(
      "scan: what is scanned is float32[5, 2] for 4 steps; its first axis must be 4",
    );
    expect(tracing(() => scan((h: Tensor) => same(h), zeros([]), zeros([])))).toThrow(
      "scan: what is scanned is float32[]; it needs a first axis, of the steps",
    );
    expect(tracing(() => scan((h: Tensor) => same(h), zeros([]), {}))).toThrow(
      "scan: nothing is scanned; give `length`, a whole number from 0 up",
    );
    expect(tracing(() => scan((h: Tensor) => same(h), zeros([]), {}, { length: 1.5 }))).toThrow(
      "scan: a length of 1.5; give `length`, a whole number from 0 up",
    );
  });
  test("a misfit inside the step", () => {
    const misfit = tracing(({ weight, xs }) => scan((h: Tensor) => same(h.matmul(weight)), zeros([2]), xs));
    expect(misfit).toThrow(
      "decoder.cell: matmul: inner sizes differ, [1, 2] x [3, 4]; the right operand must be [2, n]",
    );
  });
  test("a step's tensor that is used after the loop", () => {
    let leaked = zeros([2]);
    const leak = () =>
      trace(types, (args) => {
        scan(
          (h: Tensor, x: Tensor) => {
            leaked = h.mul(x);
            return same(leaked);
          },
          zeros([2]),
          args.xs,
        );
        return leaked.exp();
      });
    expect(leak).toThrow("a tensor of a loop's step is used outside of it; return it from the step");
  });
});

test("the node says what its body is", () => {
  const { node } = scan((h: Tensor, x: Tensor) => ({ carry: h, y: x }), zeros([2]), zeros([3, 2])).ys.value;
  expect(isOp(node, "scan") && [node.attrs.carries, node.attrs.scanned, node.attrs.length]).toEqual([1, 1, 3]);
});
