import { expect, expectTypeOf, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, type Tensor, tensor, trace, typesOf } from "../../core/trace/index.ts";
import { evaluationContext } from "./context.ts";
import { ones, zeros } from "./initializers.ts";
import { linear } from "./linear.ts";

const key = constantKey(keyFromSeed(1));
const weight = tensor([1, 2, 3, -4, 5, 6], [2, 3]);
const bias = tensor([10, 20], [2]);

test("computes x W^T + b over the last axis, whatever the rank", () => {
  const layer = linear({ inputs: 3, outputs: 2 });
  const rows = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1];
  const expected = [11, 16, 12, 25, 13, 26, 16, 27];
  for (const leading of [[4], [2, 2], [1, 2, 1, 2]]) {
    const y = layer.apply({ weight, bias }, tensor(rows, [...leading, 3]), evaluationContext());
    expect(y.shape).toEqual([...leading, 2]);
    expect(numbersOf(y)).toEqual(expected);
  }
  expect(numbersOf(layer.apply({ weight, bias }, tensor([1, 1, 1], [3]), evaluationContext()))).toEqual([16, 27]);
});

test("goes without a bias where it is declined", () => {
  const layer = linear({ inputs: 3, outputs: 2, bias: false });
  const parameters = layer.init(key);
  expectTypeOf(parameters).toEqualTypeOf<{ readonly weight: Tensor }>();
  expect(Object.keys(parameters)).toEqual(["weight"]);
  expect(numbersOf(layer.apply({ weight }, tensor([1, 1, 1], [1, 3]), evaluationContext()))).toEqual([6, 7]);
});

test("a bias that only the config knows is typed as perhaps there", () => {
  const decided: boolean = Math.random() < 2;
  const parameters = linear({ inputs: 3, outputs: 2, bias: decided }).init(key);
  expectTypeOf(parameters).toEqualTypeOf<{ readonly weight: Tensor; readonly bias?: Tensor }>();
  expect(Object.keys(parameters)).toEqual(["weight", "bias"]);
});

test("starts as PyTorch's layer does, or as told", () => {
  const { weight, bias } = linear({ inputs: 25, outputs: 40 }).init(key);
  expect([weight.shape, bias.shape]).toEqual([[40, 25], [40]]);
  for (const parameter of [weight, bias]) {
    const sizes = numbersOf(parameter).map(Math.abs);
    expect(Math.max(...sizes)).toBeLessThan(1 / Math.sqrt(25));
    expect(Math.max(...sizes)).toBeGreaterThan(0.9 / Math.sqrt(25));
  }
  expect(numbersOf(bias)).not.toEqual(numbersOf(weight).slice(0, 40));
  const told = linear({ inputs: 2, outputs: 1, init: ones, biasInit: zeros }).init(key);
  expect([numbersOf(told.weight), numbersOf(told.bias)]).toEqual([[1, 1], [0]]);
});

test("an input of another size is refused, with the layer's path", () => {
  const layer = linear({ inputs: 3, outputs: 2 });
  const types = { params: { head: typesOf(layer.init(key)) }, x: { dtype: "float32", shape: [5, 4] } } as const;
  expect(() => trace(types, ({ params, x }) => layer.apply(params.head, x, evaluationContext()))).toThrow(
    "head: matmul: inner sizes differ, [5, 4] x [2, 3]^T; the right operand must be [n, 4]",
  );
});
