import { describe, expect, test } from "vitest";
import {
  concat,
  constantKey,
  diagonal,
  diagonalMatrix,
  einsum,
  eye,
  frame,
  full,
  melFilterbank,
  oneHot,
  ones,
  outer,
  randomNormal,
  range,
  realFourier,
  scan,
  shortTimeFourier,
  spectrumMagnitude,
  spectrumPower,
  stack,
  type Tensor,
  tensor,
  triangularInverse,
  triangularLogDeterminant,
  where,
  zeros,
} from "../../src/core/trace/index.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import { bools, float, floats, inf, nan, spread, uniform } from "../conformance/cases-values.ts";
import { checkGradients, fixed, run } from "./check.ts";

interface Composite {
  readonly name: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly HostValue[];
}

const x = uniform([2, 3], -1.5, 1.5);
const image = uniform([1, 2, 3, 3], -1, 1);
const classes = hostValue("int32", [3], [2, 0, 2]);

const composites: readonly Composite[] = [
  {
    name: "a scan's results without its last carry, by what it reads from around it",
    f: (a, xs) => scan((h: Tensor, b: Tensor) => ({ carry: h.mul(a.sin()), y: h.mul(b) }), a.cos(), xs).ys,
    inputs: [uniform([2]), uniform([3, 2], -1, 1, "b")],
  },
  {
    name: "a scan's last carry without its results, by one of two carries",
    f: (a) =>
      scan(
        ([h, g]: readonly Tensor[]) => ({ carry: [h.mul(g), g.mul(a)], y: h }),
        [fixed([2], "h"), fixed([2], "g")],
        {},
        { length: 3 },
      ).carry[0],
    inputs: [uniform([2])],
  },
  { name: "softmax", f: (a) => a.softmax(), inputs: [x] },
  { name: "softmax along axis 0", f: (a) => a.softmax(0), inputs: [x] },
  { name: "logSoftmax", f: (a) => a.logSoftmax(), inputs: [x] },
  { name: "logSumExp over all axes", f: (a) => a.logSumExp(), inputs: [x] },
  { name: "logSumExp over one axis, kept", f: (a) => a.logSumExp(0, true), inputs: [x] },
  { name: "logSumExp with masked elements", f: (a) => a.add(tensor([0, -inf, 0], [3])).logSumExp(-1), inputs: [x] },
  { name: "variance over all axes", f: (a) => a.variance(), inputs: [x] },
  {
    name: "biased variance over one axis, kept",
    f: (a) => a.variance(0, { unbiased: false, keepDims: true }),
    inputs: [x],
  },
  { name: "standardDeviation", f: (a) => a.standardDeviation(-1), inputs: [x] },
  { name: "min over one axis, kept", f: (a) => a.min(0, true), inputs: [spread([2, 3])] },
  { name: "sort", f: (a) => a.sort(-1, true), inputs: [spread([2, 4])] },
  { name: "the values of topK", f: (a) => a.topK(2, 0, false).values, inputs: [spread([4, 2])] },
  { name: "elements in their order", f: (a) => a.sort(0).mul(fixed([4, 1], "b")), inputs: [spread([4, 2])] },
  { name: "cumulativeSum of a softmax", f: (a) => a.softmax().cumulativeSum(-1, { exclusive: true }), inputs: [x] },
  { name: "a square, by pow", f: (a) => a.pow(2), inputs: [x] },
  { name: "whole powers of negative bases", f: (a) => a.pow(3).add(a.pow(-1)), inputs: [float([3], [-1.5, -0.5, 2])] },
  { name: "half powers", f: (a) => a.pow(0.5).add(a.pow(-0.5)).add(a.pow(1.5)), inputs: [uniform([3], 0.5, 2)] },
  { name: "other powers", f: (a) => a.pow(0.3).add(a.pow(-1.7)), inputs: [uniform([3], 0.5, 2)] },
  { name: "rsqrt and reciprocal", f: (a) => a.rsqrt().add(a.reciprocal()), inputs: [uniform([3], 0.5, 2)] },
  { name: "leakyRelu", f: (a) => a.leakyRelu(0.3), inputs: [spread([4, 3])] },
  { name: "logSigmoid", f: (a) => a.logSigmoid(), inputs: [x] },
  { name: "elu", f: (a) => a.elu(), inputs: [spread([4, 3])] },
  {
    name: "what is chosen by bools",
    f: (a) => where(a.lessEqual(0).or(a.greaterEqual(1)), a.square(), a),
    inputs: [spread([4, 3])],
  },
  { name: "mean over all axes", f: (a) => a.mean(), inputs: [x] },
  { name: "mean over one axis", f: (a) => a.mean(-1), inputs: [x] },
  { name: "max over all axes", f: (a) => a.max(), inputs: [spread([2, 3])] },
  { name: "max over one axis, kept", f: (a) => a.max(0, true), inputs: [spread([2, 3])] },
  { name: "clip", f: (a) => a.clip(-0.5, 0.5), inputs: [spread([4, 3])] },
  { name: "square", f: (a) => a.square(), inputs: [x] },
  { name: "expm1", f: (a) => a.expm1(), inputs: [x] },
  { name: "a norm", f: (a) => a.square().sum(-1).sqrt(), inputs: [x] },
  { name: "split and concat", f: (a) => concat(a.split(3).reverse(), -1), inputs: [x] },
  { name: "split into uneven parts", f: (a) => concat(a.split([2, 1]).reverse(), -1), inputs: [x] },
  { name: "a vector and a matrix", f: (a, b) => b.matmul(a), inputs: [x, uniform([2], -1, 1, "b")] },
  {
    name: "einsum of three, with a diagonal and an ellipsis",
    f: (a, b, c) => einsum("...ij,jkk,k->i...", a, b, c),
    inputs: [uniform([2, 2, 3], -1, 1, "a"), uniform([3, 2, 2], -1, 1, "b"), uniform([2], -1, 1, "c")],
  },
  { name: "a diagonal below", f: (a) => diagonal(a, -1), inputs: [uniform([3, 2])] },
  { name: "a diagonal matrix", f: (a) => diagonalMatrix(a), inputs: [uniform([2, 3])] },
  { name: "an outer product", f: (a, b) => outer(a, b), inputs: [uniform([2]), uniform([3], -1, 1, "b")] },
  { name: "a triangle's inverse", f: (a) => triangularInverse(a.add(eye(3).mul(2))), inputs: [uniform([3, 3], -1, 1)] },
  {
    name: "a triangle's determinant",
    f: (a) => triangularLogDeterminant(a.add(eye(3).mul(2))),
    inputs: [uniform([3, 3], -1, 1)],
  },
  {
    name: "a spectrogram in mel bands",
    f: (a) =>
      spectrumMagnitude(shortTimeFourier(a, { size: 4, hop: 3 }))
        .matmul(melFilterbank({ sampleRate: 100, size: 4, bands: 2 }))
        .add(1)
        .log(),
    inputs: [uniform([2, 7])],
  },
  { name: "power of frames", f: (a) => spectrumPower(realFourier(frame(a, 3, 2))), inputs: [uniform([8])] },
  { name: "roll", f: (a) => a.roll(-2, 1), inputs: [x] },
  { name: "tile", f: (a) => a.tile([2, 3]), inputs: [x] },
  { name: "moveAxis and squeeze", f: (a) => a.unsqueeze(1).moveAxis(0, 2).squeeze(0), inputs: [x] },
  { name: "stack along the last axis", f: (a, b) => stack([a, b], -1), inputs: [x, uniform([2, 3], -1, 1, "b")] },
  { name: "stack", f: (a, b) => stack([a, b, a]), inputs: [x, uniform([2, 3], -1, 1, "b")] },
  { name: "where with a number", f: (holds, a) => where(holds, a, 2), inputs: [bools([2, 3]), x] },
  { name: "a row chosen by oneHot", f: (at, a) => oneHot(at, 3).mul(a), inputs: [classes, uniform([3, 3])] },
  {
    name: "cross-entropy",
    f: (at, a) => a.logSoftmax().mul(oneHot(at, 3)).sum(-1).neg(),
    inputs: [classes, uniform([3, 3])],
  },
  {
    name: "flatten and a matrix product",
    f: (a) => a.flatten().matmul(fixed([3, 2], "b")),
    inputs: [uniform([2, 3, 1])],
  },
  {
    name: "layer normalization",
    f: (a) => {
      const centred = a.sub(a.mean(-1, true));
      return centred.div(centred.square().mean(-1, true).add(0.1).sqrt());
    },
    inputs: [x],
  },
  {
    name: "scaled dot-product attention",
    f: (q, k, v) => q.matmul(k, { transposeB: true }).mul(0.7).softmax().matmul(v),
    inputs: [x, uniform([4, 3], -1, 1, "k"), uniform([4, 2], -1, 1, "v")],
  },
  {
    name: "a reparametrized sample",
    f: (mean, logStd) => mean.add(logStd.exp().mul(randomNormal(constantKey([5, 7]), [2, 3]))),
    inputs: [x, uniform([2, 3], -1, 0, "log")],
  },
  {
    name: "convTranspose2d",
    f: (a, weight) => a.convTranspose2d(weight, { stride: 2, padding: 1, outputPadding: 1 }),
    inputs: [image, uniform([2, 1, 3, 3], -1, 1, "weight")],
  },
  {
    name: "convTranspose2d with uneven options",
    f: (a, weight) => a.convTranspose2d(weight, { stride: [2, 1], padding: [0, 1, 1, 0], dilation: [1, 2] }),
    inputs: [image, uniform([2, 1, 2, 2], -1, 1, "weight")],
  },
  {
    name: "a gradient penalty's inner network",
    f: (a, weight) => a.matmul(weight).tanh().matmul(weight, { transposeB: true }).sigmoid(),
    inputs: [x, uniform([3, 2], -1, 1, "weight")],
  },
];

describe("gradients of", () => {
  test.each(composites.map((one) => [one.name, one] as const))("%s", (_, { f, inputs }) => {
    const report = checkGradients(f, inputs);
    expect(report).toEqual({ first: undefined, second: undefined, firstMatters: true, secondMatters: true });
  });
});

describe("values", () => {
  function expectClose(seen: readonly number[], expected: readonly number[]): void {
    expect(seen.length).toBe(expected.length);
    // Constants in traced code are float32.
    for (const [i, number] of expected.entries()) expect(seen[i]).toBeCloseTo(number, 6);
  }

  test("softmax and its logarithm", () => {
    const logits = floats(Math.log(1), Math.log(2), Math.log(5));
    const [probabilities, logs] = run((a) => [a.softmax(), a.logSoftmax()], [logits]);
    expectClose(probabilities, [1 / 8, 2 / 8, 5 / 8]);
    expectClose(logs, [Math.log(1 / 8), Math.log(2 / 8), Math.log(5 / 8)]);
  });
  test("large numbers do not overflow", () => {
    const [probabilities, logs, total] = run((a) => [a.softmax(), a.logSoftmax(), a.logSumExp()], [floats(1000, 1000)]);
    expectClose(probabilities, [0.5, 0.5]);
    expectClose(logs, [-Math.LN2, -Math.LN2]);
    expectClose(total, [1000 + Math.LN2]);
  });
  test("masked elements get probability 0", () => {
    expectClose(run((a) => [a.softmax()], [floats(0, -inf, 0)])[0], [0.5, 0, 0.5]);
  });
  test("mean, max, clip, expm1", () => {
    const outputs = run((a) => [a.mean(0), a.max(0), a.clip(0, 4).sum(0), a.expm1()], [float([2, 2], [1, -2, 3, 8])]);
    expectClose(outputs[0], [2, 3]);
    expectClose(outputs[1], [3, 8]);
    expectClose(outputs[2], [4, 4]);
    for (const [i, number] of [1, -2, 3, 8].entries()) expect(outputs[3][i] / Math.expm1(number)).toBeCloseTo(1, 12);
  });
  test("expm1 is accurate near 0 and saturates", () => {
    const [near, far] = run((a) => [a.expm1()], [floats(1e-9, -1000)])[0];
    expect(near / Math.expm1(Math.fround(1e-9))).toBeCloseTo(1, 12);
    expect(far).toBe(-1);
  });
  test("logSumExp of infinities, of NaN and of nothing", () => {
    const rows = float([6, 2], [-inf, -inf, inf, 0, -inf, 1, inf, inf, nan, 1, inf, -inf]);
    const [totals, empty, ofNone] = run(
      (a) => [a.logSumExp(1), a.slice(0, 0, 0).logSumExp(0), a.slice(1, 0, 0).logSumExp(1, true)],
      [rows],
    );
    expect(totals).toEqual([-inf, inf, 1, inf, nan, inf]);
    expect([empty, ofNone]).toEqual([
      [-inf, -inf],
      [-inf, -inf, -inf, -inf, -inf, -inf],
    ]);
  });
  test("variance and standardDeviation are PyTorch's, unbiased and biased; of one element and of none NaN", () => {
    const [unbiased, biased, deviation, ofOne, ofNone] = run(
      (a) => [
        a.variance(1),
        a.variance(1, { unbiased: false }),
        a.standardDeviation(1),
        a.slice(1, 0, 1).variance(1),
        a.slice(1, 0, 0).variance(1, { unbiased: false }),
      ],
      [float([2, 3], [1, 2, 4, -1, 0.5, 7])],
    );
    expectClose(unbiased, [7 / 3, 18 + 1 / 12]);
    expectClose(biased, [14 / 9, 12 + 1 / 18]);
    expectClose(deviation, [1.5275252, 4.2524503]);
    expect([...ofOne, ...ofNone]).toEqual([nan, nan, nan, nan]);
  });
  test("variance does not cancel far from 0", () => {
    const [variance] = run((a) => [a.variance()], [floats(2 ** 30, 2 ** 30 + 128, 2 ** 30 + 256, 2 ** 30 + 384)])[0];
    expect(variance / 128 ** 2).toBeCloseTo(5 / 3, 6);
  });
  test("sort and argSort, equal elements in their order", () => {
    const x = float([2, 3], [3, 1, 2, 1, 1, 0]);
    const outputs = run(
      (a) => [a.sort(), a.argSort(), a.sort(1, true), a.argSort(1, true), a.sort(0), a.argSort(0)],
      [x],
    );
    expect(outputs).toEqual([
      [1, 2, 3, 0, 1, 1],
      [1, 2, 0, 2, 0, 1],
      [3, 2, 1, 1, 1, 0],
      [0, 2, 1, 0, 1, 2],
      [1, 1, 0, 3, 1, 2],
      [1, 0, 1, 0, 1, 0],
    ]);
  });
  test("any and all, also of nothing", () => {
    const flags = hostValue("bool", [3, 2], [0, 0, 1, 0, 1, 1]);
    const outputs = run(
      (a) => [
        a.any(1),
        a.all(1),
        a.any(),
        a.all(),
        a.slice(1, 0, 0).any(1),
        a.slice(1, 0, 0).all(1),
        a.slice(0, 0, 0).all(1),
      ],
      [flags],
    );
    expect(outputs).toEqual([[0, 1, 1], [0, 0, 1], [1], [0], [0, 0, 0], [1, 1, 1], []]);
  });
  test("comparisons with NaN, infinities and zeros", () => {
    const [a, b] = [floats(1, 2, nan, 0, inf, nan), floats(2, 2, nan, -0, -inf, 1)];
    const outputs = run(
      (c, d) => [
        c.lessEqual(d),
        c.greaterEqual(d),
        c.notEqual(d),
        c.isNaN(),
        c.isFinite(),
        d.greater(0).notEqual(c.less(2)),
      ],
      [a, b],
    );
    expect(outputs).toEqual([
      [1, 1, 0, 1, 0, 0],
      [0, 1, 0, 1, 1, 0],
      [1, 0, 1, 0, 1, 1],
      [0, 0, 1, 0, 0, 1],
      [1, 1, 0, 1, 0, 0],
      [0, 1, 0, 1, 0, 1],
    ]);
  });
  test("logSigmoid has no end", () => {
    const [logs] = run((a) => [a.logSigmoid()], [floats(0, -1000, 1000)]);
    expect(logs).toEqual([-Math.LN2, -1000, -0]);
  });
  test("ceil, reciprocal, rsqrt, pow by a number, mod", () => {
    const outputs = run(
      (a, n) => [a.ceil(), a.reciprocal(), a.abs().rsqrt(), a.pow(2), n.mod(3)],
      [floats(0.25, -1.5, 4), hostValue("int32", [2], [-4, 4])],
    );
    expect(outputs).toEqual([
      [1, -1, 4],
      [4, -1 / 1.5, 0.25],
      [2, 1 / Math.sqrt(1.5), 0.5],
      [0.0625, 2.25, 16],
      [2, 1],
    ]);
  });
  test("cumulativeSum of counts", () => {
    const [ends, starts] = run(
      (n) => [n.cumulativeSum(0), n.cumulativeSum(-1, { exclusive: true })],
      [hostValue("int64", [3], [2, 0, 5])],
    );
    expect([ends, starts]).toEqual([
      [2, 2, 7],
      [0, 2, 2],
    ]);
  });
  test("oneHot, also of indices outside", () => {
    const [rows] = run((at) => [oneHot(at, 3)], [hostValue("int64", [4], [1, 0, 3, -1])]);
    expect(rows).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
  test("where takes numbers on either side", () => {
    const holds = hostValue("bool", [2], [1, 0]);
    const outputs = run((c, a) => [where(c, a, -1), where(c, -1, a), where(c, 1, 0)], [holds, floats(5, 6)]);
    expect(outputs).toEqual([
      [5, -1],
      [-1, 6],
      [1, 0],
    ]);
  });
  test("split, stack, concat, flatten, pad", () => {
    const outputs = run(
      (a) => [a.split(2, 0)[1], stack([a, a.neg()]), concat([a, a], -1), a.flatten(0), a.pad([0, 1], [0, 0])],
      [float([2, 1], [1, 2])],
    );
    expect(outputs).toEqual([[2], [1, 2, -1, -2], [1, 1, 2, 2], [1, 2], [0, 1, 0, 2]]);
  });
  test("slices in steps, reverse, roll, tile, borders", () => {
    const outputs = run(
      (a) => [
        a.slice(0, 1, 2, 2),
        a.reverse(0),
        a.roll(1, 0),
        a.roll(-6, -1),
        a.tile([2]),
        a.pad([1], [2], 7),
        a.padReflect([1], [3]),
        a.padEdge([1], [2]),
      ],
      [floats(1, 2, 3, 4)],
    );
    expect(outputs).toEqual([
      [2, 4],
      [4, 3, 2, 1],
      [4, 1, 2, 3],
      [3, 4, 1, 2],
      [1, 2, 3, 4, 1, 2, 3, 4],
      [7, 1, 2, 3, 4, 7, 7],
      [2, 1, 2, 3, 4, 3, 2, 1],
      [1, 1, 2, 3, 4, 4, 4],
    ]);
  });
  test("tile, moveAxis, swapAxes and stack order elements as NumPy does", () => {
    const outputs = run(
      (a) => [a.tile([2, 2]), a.moveAxis(1, 0), a.swapAxes(0, 1), stack([a, a.neg()], 1), stack([a, a.neg()], -1)],
      [float([2, 2], [1, 2, 3, 4])],
    );
    expect(outputs).toEqual([
      [1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4],
      [1, 3, 2, 4],
      [1, 3, 2, 4],
      [1, 2, -1, -2, 3, 4, -3, -4],
      [1, -1, 2, -2, 3, -3, 4, -4],
    ]);
  });
  test("greater, reversed transpose, reshape by -1, square", () => {
    const outputs = run(
      (a) => [a.greater(2).cast("float32"), a.transpose(), a.reshape([-1]), a.square()],
      [float([2, 2], [1, 2, 3, 4])],
    );
    expect(outputs).toEqual([
      [0, 0, 1, 1],
      [1, 3, 2, 4],
      [1, 2, 3, 4],
      [1, 4, 9, 16],
    ]);
  });
  test("constants", () => {
    const outputs = run(() => [full([2], 3), zeros([1]), ones([1]), range(3), tensor([7], [1], "int32")], []);
    expect(outputs).toEqual([[3, 3], [0], [1], [0, 1, 2], [7]]);
  });
  test("convTranspose2d is PyTorch's", () => {
    // Each input element places a scaled copy of the kernel, two apart; padding cuts the border off.
    const kernel = float([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [seen] = run(
      (a, weight) => [a.convTranspose2d(weight, { stride: 2, padding: 1, outputPadding: 1 })],
      [float([1, 1, 1, 2], [1, 10]), kernel],
    );
    // The whole before cutting: columns 1 2 3+10 20 30 with rows 1 2 3 / 4 5 6 / 7 8 9; one more row and column.
    expect(seen).toEqual([5, 6 + 40, 50, 60, 8, 9 + 70, 80, 90]);
  });
});
