import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { keyFromSeed, type Shape, sizeOf } from "../../core/base/index.ts";
import { constantKey, Tensor, tensor, trace, typesOf } from "../../core/trace/index.ts";
import { dotProductAttention, multiHeadAttention } from "./attention.ts";
import { evaluationContext, trainingContext } from "./context.ts";

/** sin(0.7 i + phase) * scale: numbers that PyTorch was given too. */
function wave(shape: Shape, phase: number, scale: number): Tensor {
  return tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(0.7 * i + phase) * scale),
    shape,
  );
}

/** Expected numbers have six digits; ours are rounded to float32 where they enter. */
function expectNear(seen: Tensor, expected: readonly number[]): void {
  const numbers = numbersOf(seen);
  expect(numbers.length).toBe(expected.length);
  numbers.forEach((number, i) => {
    expect(number).toBeCloseTo(expected[i], 5);
  });
}

const key = constantKey(keyFromSeed(1));
const bool = (shape: Shape, numbers: readonly number[]): Tensor => tensor(numbers, shape, "bool");

describe("dotProductAttention", () => {
  const q = tensor([1, 0, 0, 2], [1, 1, 2, 2]);
  const k = tensor([1, 0, 0, 1, 1, 1], [1, 1, 3, 2]);
  const v = tensor([1, 2, 3], [1, 1, 3, 1]);

  test("weights are the softmax of scaled products, the context their mean of v", () => {
    const { weights, context } = dotProductAttention(q, k, v);
    const rows = [
      [1, 0, 1],
      [0, 2, 2],
    ].map((scores) => {
      const powers = scores.map((score) => Math.exp(score / Math.SQRT2));
      const total = powers.reduce((a, b) => a + b);
      return powers.map((power) => power / total);
    });
    expectNear(weights, rows.flat());
    expectNear(
      context,
      rows.map((row) => row[0] + 2 * row[1] + 3 * row[2]),
    );
  });

  test("causal places see none after them, counted from the ends", () => {
    const { weights } = dotProductAttention(q, k, v, { causal: true });
    expect(numbersOf(weights)[2]).toBe(0);
    expect(
      numbersOf(weights)
        .slice(3)
        .every((weight) => weight > 0),
    ).toBe(true);
  });

  test("hidden places get nothing; where all are hidden, weights are even instead of NaN", () => {
    const visible = bool([1, 1, 2, 3], [1, 0, 1, 0, 0, 0]);
    const weights = numbersOf(dotProductAttention(q, k, v, { visible }).weights);
    expect(weights[1]).toBe(0);
    expect(weights[0] + weights[2]).toBeCloseTo(1, 6);
    expect(weights.slice(3)).toEqual([1 / 3, 1 / 3, 1 / 3].map((third) => expect.closeTo(third, 6) as number));
  });
});

describe("multiHeadAttention", () => {
  const layer = multiHeadAttention({ width: 4, heads: 2 });
  const parameters = {
    in_proj_weight: wave([12, 4], 1, 0.8),
    in_proj_bias: wave([12], 2, 0.3),
    out_proj: { weight: wave([4, 4], 3, 0.8), bias: wave([4], 4, 0.3) },
  };
  const x = wave([2, 3, 4], 5, 1);
  const memory = wave([2, 4, 4], 6, 1);

  // Numbers of PyTorch 1.13: nn.MultiheadAttention(4, 2, batch_first=True) in float64 with these parameters,
  // key_padding_mask below, average_attn_weights=False.
  test("over another sequence with padding, as PyTorch", () => {
    const visible = bool([2, 1, 1, 4], [1, 1, 1, 0, 1, 1, 1, 1]);
    const { output, weights } = layer.attend(parameters, x, memory, { visible }, evaluationContext());
    expectNear(
      output,
      [
        -0.543118, -0.002951, -0.475482, 0.107475, -0.61018, -0.134134, -0.161213, -0.353565, -0.150562, -0.502768,
        0.073842, -0.427877, -1.027114, 0.048962, -0.089313, -0.672152, 0.203262, -0.593222, -0.109529, 0.008128,
        -0.954855, -0.022215, -0.027443, -0.717566,
      ],
    );
    expectNear(
      weights,
      [
        0.045191, 0.899193, 0.055616, 0, 0.616358, 0.002284, 0.381358, 0, 0.00186, 0.995361, 0.002778, 0, 0.32878,
        0.249732, 0.421488, 0, 0.364578, 0.078067, 0.557354, 0, 0.062841, 0.903884, 0.033275, 0, 0.201687, 0.065534,
        0.015615, 0.717165, 0.067906, 0.260684, 0.640759, 0.030652, 0.243364, 0.087751, 0.029437, 0.639449, 0.759352,
        0.005361, 0.205033, 0.030253, 0.005192, 0.84113, 0.021679, 0.131999, 0.809721, 0.001947, 0.173033, 0.015299,
      ],
    );
  });
  test("over the own sequence, causal, as PyTorch", () => {
    const { output } = layer.attend(parameters, x, x, { causal: true }, evaluationContext());
    expectNear(
      output,
      [
        -0.09604, -0.76763, 0.518437, -1.000831, -0.118231, -0.706477, 0.425388, -0.886638, -0.483516, -0.016242,
        -0.510036, 0.185882, -1.090519, 0.660715, -1.178723, 0.769027, 0.453801, -0.816723, 0.061108, -0.089927,
        -1.00082, 0.159499, -0.323908, -0.340609,
      ],
    );
  });
  test("names and layouts are PyTorch's; without biases there are none", () => {
    const shapesOf = (tree: object): unknown =>
      JSON.parse(JSON.stringify(tree, (_, v) => (v instanceof Tensor ? v.shape : v)));
    expect(shapesOf(layer.init(key))).toEqual({
      in_proj_weight: [12, 4],
      in_proj_bias: [12],
      out_proj: { weight: [4, 4], bias: [4] },
    });
    const bare = multiHeadAttention({ width: 4, heads: 1, bias: false });
    expect(shapesOf(bare.init(key))).toEqual({ in_proj_weight: [12, 4], out_proj: { weight: [4, 4] } });
    const { in_proj_bias: _, out_proj, ...rest } = parameters;
    const output = bare.attend(
      { ...rest, out_proj: { weight: out_proj.weight } },
      x,
      x,
      {},
      evaluationContext(),
    ).output;
    expect(output.shape).toEqual([2, 3, 4]);
  });
  test("dropout drops weights in training only", () => {
    const dropping = multiHeadAttention({ width: 4, heads: 2, dropout: 0.5 });
    const plain = numbersOf(layer.attend(parameters, x, x, {}, evaluationContext()).output);
    expect(numbersOf(dropping.attend(parameters, x, x, {}, evaluationContext()).output)).toEqual(plain);
    expect(numbersOf(dropping.attend(parameters, x, x, {}, trainingContext(key)).output)).not.toEqual(plain);
  });
  test("heads that do not divide the width and sequences of another width are refused", () => {
    expect(() => multiHeadAttention({ width: 4, heads: 3 })).toThrow(
      "multiHeadAttention: 3 heads over a width of 4; the heads must divide the width",
    );
    const types = { params: { attention: typesOf(layer.init(key)) }, x: { dtype: "float32", shape: [2, 5] } } as const;
    expect(() =>
      trace(types, (args) => layer.attend(args.params.attention, args.x, args.x, {}, evaluationContext()).output),
    ).toThrow("attention: multiHeadAttention: a sequence has shape [2, 5]; it must be [B, places, 4]");
  });
});

describe("fewer heads of keys and values", () => {
  const width = 8;
  const grouped = multiHeadAttention({ width, heads: 4, keyValueHeads: 2 });
  const x = wave([2, 3, width], 5, 1);
  const memory = wave([2, 5, width], 6, 1);
  const out_proj = { weight: wave([width, width], 3, 0.8), bias: wave([width], 4, 0.3) };
  const weight = wave([width + 2 * 4, width], 1, 0.8);
  const bias = wave([width + 2 * 4], 2, 0.3);

  test("are those of all heads, each taken twice", () => {
    // Rows of heads: queries 4, keys 2, values 2, of two rows each.
    const rows = (first: number, heads: readonly number[]): number[] =>
      heads.flatMap((head) => [first + 2 * head, first + 2 * head + 1]);
    const order = [...rows(0, [0, 1, 2, 3]), ...rows(8, [0, 0, 1, 1]), ...rows(12, [0, 0, 1, 1])];
    const repeated = tensor(order, [order.length], "int32");
    const plain = multiHeadAttention({ width, heads: 4 }).attend(
      { in_proj_weight: weight.gather(repeated), in_proj_bias: bias.gather(repeated), out_proj },
      x,
      memory,
      { visible: bool([2, 1, 1, 5], [1, 1, 1, 0, 0, 1, 1, 1, 1, 1]) },
      evaluationContext(),
    );
    const { output, weights } = grouped.attend(
      { in_proj_weight: weight, in_proj_bias: bias, out_proj },
      x,
      memory,
      { visible: bool([2, 1, 1, 5], [1, 1, 1, 0, 0, 1, 1, 1, 1, 1]) },
      evaluationContext(),
    );
    expectNear(output, numbersOf(plain.output));
    expectNear(weights, numbersOf(plain.weights));
    expect(grouped.init(key).in_proj_weight.shape).toEqual([16, 8]);
  });
  test("must divide the others", () => {
    expect(() => multiHeadAttention({ width, heads: 4, keyValueHeads: 3 })).toThrow("3 heads of keys and values for 4");
  });
});

test("turned by places, only distances count: a later start of both changes nothing", () => {
  const layer = multiHeadAttention({ width: 4, heads: 2, rotary: true });
  const plain = multiHeadAttention({ width: 4, heads: 2 });
  const parameters = { in_proj_weight: wave([12, 4], 1, 0.8), out_proj: { weight: wave([4, 4], 3, 0.8) } };
  const x = wave([1, 3, 4], 5, 1);
  const from = (start: number): Tensor =>
    layer.recall(
      parameters,
      layer.ask(parameters, x, start),
      [layer.remember(parameters, x, start)],
      {},
      evaluationContext(),
    ).output;
  expectNear(from(20), numbersOf(from(0)));
  const without = numbersOf(plain.attend(parameters, x, x, {}, evaluationContext()).output);
  expect(numbersOf(from(0))).not.toEqual(without);
});
