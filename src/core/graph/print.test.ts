import { expect, test } from "vitest";
import { constantValue, emitValue, inputValue } from "./node.ts";
import { printGraph } from "./print.ts";

test("one line a node: names, attributes, types, layer; then what is returned", () => {
  const x = inputValue("batch.x", { dtype: "float32", shape: [2, 3] });
  const weight = inputValue("params.linear.weight", { dtype: "float32", shape: [4, 3] });
  const product = emitValue("matmul", [x, weight], { transposeA: false, transposeB: true, alpha: 0.5 });
  const many = constantValue("float32", [8], [1, 2, 3, 4, 5, 6, 7, 8]);
  const few = constantValue("int64", [2], [0, 1]);
  const half = constantValue("float16", [2], [0.5, -2]);
  const padded = emitValue("pad", [many], { low: [1], high: [0] });
  const graph = {
    inputs: [x, weight],
    outputs: [
      { name: "y", value: emitValue("neg", [product], {}) },
      { name: "padded", value: padded },
      { name: "few", value: few },
      { name: "half", value: half },
    ],
  };
  expect(printGraph(graph)).toBe(`\
%0 = input() "batch.x" : float32[2, 3]
%1 = input() "params.linear.weight" : float32[4, 3]  # linear
%2 = matmul(%0, %1) {transposeA=false, transposeB=true, alpha=0.5} : float32[2, 4]  # linear
%3 = neg(%2) : float32[2, 4]  # linear
%4 = constant() {1, 2, 3, 4, 5, 6, ...} : float32[8]
%5 = pad(%4) {low=[1], high=[0]} : float32[9]
%6 = constant() {0, 1} : int64[2]
%7 = constant() {0.5, -2} : float16[2]
return y = %3
return padded = %5
return few = %6
return half = %7
`);
});
