import { describe, expect, test } from "vitest";
import { isOp, printGraph } from "../graph/index.ts";
import { concat, full, oneHot, range, stack, tensor, tensorOver, where } from "./functions.ts";

describe("shapes and types", () => {
  test("of what is made", () => {
    expect(tensor([1, 2, 3, 4], [2, 2], "int64")).toMatchObject({ shape: [2, 2], dtype: "int64" });
    expect(full([2, 3], 7, "int32")).toMatchObject({ shape: [2, 3], dtype: "int32" });
    expect(range(5, "int64")).toMatchObject({ shape: [5], dtype: "int64" });
  });
  test("of what is joined", () => {
    const x = tensor([1, 2], [1, 2]);
    expect(concat([x, x, x]).shape).toEqual([3, 2]);
    expect(concat([x, x], -1).shape).toEqual([1, 4]);
    expect(stack([x, x]).shape).toEqual([2, 1, 2]);
    expect(oneHot(tensor([0, 1, 2], [3], "int32"), 5).shape).toEqual([3, 5]);
  });
});

test("tensorOver keeps the array", () => {
  const data = Float32Array.of(1, 2);
  const { node } = tensorOver(data, { dtype: "float32", shape: [2] }).value;
  expect(isOp(node, "constant") && node.attrs.data).toBe(data);
});

test("a number in where takes the other branch's type", () => {
  const holds = tensor([1, 0], [2], "bool");
  const labels = tensor([1, 2], [2], "int64");
  expect([where(holds, labels, 0), where(holds, 0, labels), where(holds, 0, 1)].map(({ dtype }) => dtype)).toEqual([
    "int64",
    "int64",
    "float32",
  ]);
});

test("a graph without inputs prints", () => {
  const value = full([2], 1).value;
  expect(printGraph({ inputs: [], outputs: [{ name: "ones", value }] })).toBe(
    "%0 = constant() {1} : float32[]\n%1 = expand(%0) {shape=[2]} : float32[2]\nreturn ones = %1\n",
  );
});

describe("errors", () => {
  test.each([
    [() => concat([]), "concat: got no tensors; it takes at least one"],
    [() => stack([]), "concat: got no tensors; it takes at least one"],
    [() => concat([tensor([1], [1])], -2), "concat: axis -1 is outside [1]; it counts from 0 here"],
    [
      () => stack([tensor([1], [1]), tensor([1, 2], [2])]),
      "concat: [1, 1] and [1, 2] along axis 0; all other sizes must be equal",
    ],
    [() => tensor([1, 2, 3], [2]), "constant: 3 numbers for shape [2]; the counts must be equal"],
    [() => full([2], 0.5, "int32"), "the number 0.5 is no int32; cast the tensor to float32"],
    [() => full([-1], 1), "expand: its result would have shape [-1]; sizes are whole numbers from 0 up"],
    [() => where(tensor([1], [1]), 1, 2), "where: its condition is float32; it must be bool"],
    [() => oneHot(tensor([1], [1], "bool"), 3), "oneHot: its index is bool; cast it to int32"],
  ])("%#", (act, message) => {
    expect(act).toThrow(message);
  });
});
