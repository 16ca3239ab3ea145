import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { constant, type Tensor, tensor } from "../../core/trace/index.ts";
import { adamW } from "./adam.ts";
import { isHiddenMatrix, muon, orthogonalize } from "./muon.ts";

/** sin(0.7 i + 1), numbers that Python was given too. */
function wave(shape: readonly [number, number]): Tensor {
  return tensor(
    Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(0.7 * i + 1)),
    shape,
  );
}

/** The gradient of the sum of p^2 / 2 + sin 3p. */
const slopeOf = (p: Tensor): Tensor => p.add(p.mul(3).cos().mul(3));

function expectClose(seen: Tensor, expected: readonly number[], digits = 5): void {
  const numbers = numbersOf(seen);
  expect(numbers).toHaveLength(expected.length);
  numbers.forEach((number, i) => {
    expect(number).toBeCloseTo(expected[i], digits);
  });
}

/**
 * After three steps of rate 0.05, by the formula in NumPy's order of work and float64, PyTorch 1.13 (which has no Muon):
 * orth(G): X = G / (G.norm() + 1e-7), transposed where tall; five times A = X @ X.T; X = 3.4445 X + (-4.775 A + 2.0315 A @ A) @ X
 * v = 0.9 v + 0.1 g; d = 0.9 v + 0.1 g; p -= 0.05 (0.2 sqrt(3) orth(d) + 0.1 p)
 */
test.each([
  [
    [2, 3],
    [0.86352892, 1.01775768, 0.67815519, 0.01893721, -0.59338287, -0.93517239],
  ],
  [
    [3, 2],
    [0.86695006, 0.98419204, 0.70451377, 0.01068102, -0.58505425, -0.93725936],
  ],
] as const)("a matrix of %s moves as the formula does in float64", (shape, expected) => {
  const optimizer = muon({ momentum: 0.9, weightDecay: 0.1 });
  let parameters: { weight: Tensor } = { weight: wave(shape) };
  let state = optimizer.init(parameters);
  for (let t = 0; t < 3; t++) {
    const gradients = { weight: slopeOf(parameters.weight) };
    const step = constant(t, "uint32");
    ({ parameters, state } = optimizer.update({ parameters, gradients, state, step, learningRate: 0.05 }));
  }
  expectClose(parameters.weight, expected);
});

describe("orthogonalize", () => {
  test("brings singular values near 1 and keeps the vectors: R R^T is nearly the unit matrix, R G^T symmetric", () => {
    // Singular values by PyTorch 1.13: 1.129, 0.968, 0.965, 0.888.
    const unit = tensor(
      Array.from({ length: 20 }, (_, i) => Number(i % 6 === 0)),
      [4, 5],
    );
    const matrix = wave([4, 5]).add(unit);
    const found = orthogonalize(matrix);
    const squares = numbersOf(found.matmul(found, { transposeB: true }));
    const trace = [0, 5, 10, 15].reduce((sum, i) => sum + squares[i], 0);
    expect(trace).toBeCloseTo(1.12923 ** 2 + 0.967683 ** 2 + 0.965132 ** 2 + 0.887914 ** 2, 4);
    const turned = numbersOf(found.matmul(matrix, { transposeB: true }));
    for (let i = 0; i < 4; i++) for (let j = 0; j < i; j++) expect(turned[4 * i + j]).toBeCloseTo(turned[4 * j + i], 5);
  });
  test("a zero matrix stays one", () => {
    expectClose(orthogonalize(tensor([0, 0, 0, 0], [2, 2])), [0, 0, 0, 0]);
  });
});

test("what is no matrix between hidden layers moves as AdamW moves it", () => {
  const parameters = { bias: tensor([1, -2], [2]), tokens: { weight: wave([3, 2]) }, norm: tensor([1, 1, 1], [3]) };
  const gradients = {
    bias: tensor([0.5, 2], [2]),
    tokens: { weight: wave([3, 2]).mul(2) },
    norm: tensor([1, 2, 3], [3]),
  };
  const options = { beta1: 0.8, beta2: 0.9, weightDecay: 0.2 };
  const [ours, theirs] = [muon(options), adamW(options)].map((optimizer) => {
    const state = optimizer.init(parameters) as never;
    return optimizer.update({ parameters, gradients, state, step: constant(0, "uint32"), learningRate: 0.01 })
      .parameters;
  });
  expect(numbersOf(ours.bias)).toEqual(numbersOf(theirs.bias));
  expect(numbersOf(ours.tokens.weight)).toEqual(numbersOf(theirs.tokens.weight));
  expect(numbersOf(ours.norm)).toEqual(numbersOf(theirs.norm));
});

test("a kernel moves as the matrix does that it is when all of its axes but the first are one", () => {
  const optimizer = muon({ weightDecay: 0.1 });
  const movedAs = (shape: readonly number[]): readonly number[] => {
    const parameters = { weight: wave([4, 18]).reshape(shape) };
    const gradients = { weight: slopeOf(parameters.weight) };
    const state = optimizer.init(parameters);
    const step = constant(0, "uint32");
    const { weight } = optimizer.update({ parameters, gradients, state, step, learningRate: 0.05 }).parameters;
    expect(weight.shape).toEqual(shape);
    return numbersOf(weight);
  };
  expect(movedAs([4, 2, 3, 3])).toEqual(movedAs([4, 18]));
});

test.each([
  ["in_proj_weight", 3, {}],
  ["weight_hh_l1", 3, {}],
  ["weight_ih_l0_reverse", 4, { weight_hh_l0_reverse: wave([16, 4]) }],
  ["weight", 1, {}],
] as const)("%s moves as the %s maps do that it is", (name, parts, others) => {
  const optimizer = muon();
  const moved = <T extends Readonly<Record<string, Tensor>>>(parameters: T): T => {
    const gradients = Object.fromEntries(Object.entries(parameters).map(([path, leaf]) => [path, slopeOf(leaf)])) as T;
    const state = optimizer.init(parameters);
    return optimizer.update({ parameters, gradients, state, step: constant(0, "uint32"), learningRate: 0.05 })
      .parameters;
  };
  const stacked = wave([4 * parts, 4]);
  const together = moved<Readonly<Record<string, Tensor>>>({ ...others, [name]: stacked })[name];
  const alone = stacked.split(parts, 0).map((part) => moved({ weight: part }).weight);
  expectClose(
    together,
    alone.flatMap((part) => [...numbersOf(part)]),
    6,
  );
});

test("matrices are those from features to features: no tables, triangles, or kernels of one channel", () => {
  const has = (path: string, shape: readonly number[]): boolean => isHiddenMatrix(path, { shape });
  expect(has("blocks.0.linear1.weight", [8, 4])).toBe(true);
  expect(has("tokens.weight", [8, 4])).toBe(false);
  expect(has("network.head.weight", [8, 4])).toBe(false);
  expect(has("blocks.0.linear1.bias", [8])).toBe(false);
  expect(has("0.weight", [1, 4])).toBe(false);
  expect(has("front.weight", [8, 4, 3])).toBe(true);
  expect(has("front.weight", [8, 1, 3, 3])).toBe(false);
  expect(has("layers.3.lower", [8, 8])).toBe(false);
});

test("a momentum out of range is refused", () => {
  expect(() => muon({ momentum: 1 })).toThrow("momentum is 1; it must be within [0, 1)");
});
