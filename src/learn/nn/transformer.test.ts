import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { keyFromSeed, leavesOf, mapTree, type Shape, sizeOf } from "../../core/base/index.ts";
import { constantKey, type Tensor, tensor } from "../../core/trace/index.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import { type Past, type TransformerBlockParameters, transformerBlock } from "./transformer.ts";

/** sin(0.7 i + phase) * scale: numbers that PyTorch was given too. */
function wave(shape: Shape, phase: number, scale: number): Tensor {
  return tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(0.7 * i + phase) * scale),
    shape,
  );
}

const key = constantKey(keyFromSeed(1));
const x = wave([2, 3, 4], 5, 1);
const memory = wave([2, 4, 4], 6, 1);
const visible = tensor([1, 1, 1, 0, 1, 1, 1, 1], [2, 1, 1, 4], "bool");

/** Waves of scale 0.5, each parameter's phase its place among them; 1 more for the scales of norms. */
function waves(parameters: TransformerBlockParameters): TransformerBlockParameters {
  let place = 0;
  return mapTree<Tensor, Tensor>(parameters, ({ shape }, path) => {
    const numbers = wave(shape, place++, 0.5);
    return /norm.*weight/.test(path) ? numbers.add(1) : numbers;
  }) as TransformerBlockParameters;
}

// Numbers of PyTorch 1.13: TransformerEncoderLayer and -DecoderLayer(4, 2, 5, dropout=0, activation="gelu",
// batch_first=True, norm_first=...) in training mode and float64, with these parameters and a causal mask.
const expected = {
  "encoder, norms before": [
    -0.359086, -0.701931, 0.58182, -0.160683, 2.093515, 0.390918, 0.676018, -1.06945, -0.430744, -0.962327, -0.232586,
    -0.595576, 1.613794, 0.777038, 1.114038, -0.350896, 0.444277, -1.215883, -0.544897, -1.162198, 0.837715, 0.592656,
    1.392444, 0.031219,
  ],
  "decoder, norms before": [
    -2.208396, 0.051655, -0.284057, 0.430003, 0.763632, 0.540814, 0.426147, -1.033469, -1.980239, -0.540051, -0.775246,
    -0.281647, 0.487702, 0.796112, 0.906151, -0.262501, -0.805953, -1.023827, -0.953946, -0.868723, -0.389685, 0.608959,
    1.28999, -0.075581,
  ],
  "encoder, norms after": [
    -1.184366, -0.813714, 0.750113, 0.431133, 0.643763, -0.380706, -0.299371, -0.653295, -0.260135, -1.219318, 0.530626,
    0.36457, 0.096044, 0.150494, -0.28245, -0.883666, 0.75021, -0.712082, -0.28029, -0.301617, -0.147981, -0.572292,
    0.613064, -0.834548,
  ],
  "decoder, norms after": [
    -1.6309, -0.752627, 0.415562, 0.517426, -0.376668, 0.465509, -0.603731, -0.495644, -1.081537, -1.171557, 0.396479,
    0.594345, -0.88201, 0.543948, -0.463419, -0.379051, 0.418913, 0.080602, -0.82366, -0.384024, -0.873879, -0.407567,
    0.563405, -0.650483,
  ],
};

describe("transformerBlock computes what PyTorch's layers do", () => {
  test.each(Object.keys(expected) as (keyof typeof expected)[])("%s", (name) => {
    const cross = name.startsWith("decoder");
    const norm = name.endsWith("before") ? "before" : "after";
    const block = transformerBlock({ width: 4, heads: 2, hidden: 5, norm, cross });
    const inputs = { mask: { causal: true }, ...(cross && { memory, memoryMask: { visible } }) };
    const { output, memoryWeights } = block.apply(waves(block.init(key)), x, inputs, evaluationContext());
    numbersOf(output).forEach((number, i) => {
      expect(number).toBeCloseTo(expected[name][i], 5);
    });
    expect(memoryWeights?.shape).toEqual(cross ? [2, 2, 3, 4] : undefined);
  });
  test("under PyTorch's names", () => {
    const { init } = transformerBlock({ width: 4, heads: 2, cross: true });
    expect(leavesOf<Tensor>(init(key)).map(({ path }) => path)).toEqual([
      ...["self_attn", "multihead_attn"].flatMap((part) =>
        ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"].map((name) => `${part}.${name}`),
      ),
      ...["linear1", "linear2", "norm1", "norm2", "norm3"].flatMap((part) => [`${part}.weight`, `${part}.bias`]),
    ]);
  });
});

test("dropout changes what training sees, by the key", () => {
  const block = transformerBlock({ width: 4, heads: 2, dropout: 0.5 });
  const parameters = waves(block.init(key));
  const run = (seed?: number): number[] => {
    const context = seed === undefined ? evaluationContext() : trainingContext(constantKey(keyFromSeed(seed)));
    return numbersOf(block.apply(parameters, x, {}, context).output);
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
  expect(run(1)).not.toEqual(run());
});

test("a cross block without a memory is refused", () => {
  const block = transformerBlock({ width: 4, heads: 2, cross: true });
  expect(() => block.apply(block.init(key), x, {}, evaluationContext())).toThrow(
    "a cross block got no memory; give it one",
  );
});

describe("step by step with what is past, as all at once", () => {
  const kinds = {
    plain: {},
    "after, gated": { norm: "after", gated: true, activation: "silu" },
    "rotary, shared keys, rms": { rotary: true, keyValueHeads: 1, normKind: "rms" },
    cross: { cross: true },
  } as const;
  const rooms = { "in one block": [1, 5], "in blocks of two": [2, 2], "in blocks of one": [3, 1] } as const;
  const pairs = Object.keys(kinds).flatMap((name) => Object.keys(rooms).map((room) => [name, room] as const));
  test.each(pairs as [keyof typeof kinds, keyof typeof rooms][])("%s, %s", (name, held) => {
    const block = transformerBlock({ width: 4, heads: 2, hidden: 5, ...kinds[name] });
    const parameters = waves(block.init(key));
    const context = evaluationContext();
    const cross = name === "cross";
    const [batch, places, width] = x.shape;
    const whole = block.apply(
      parameters,
      x,
      { mask: { causal: true }, ...(cross && { memory, memoryMask: { visible } }) },
      context,
    );
    const remembered = cross ? block.rememberMemory(parameters, memory) : undefined;
    // There may be more places than are used, and what a former sample left there.
    const [blocks, size] = rooms[held];
    let past = mapTree<Tensor, Tensor>(block.emptyPast(batch, blocks, size), (room) => room.add(7)) as Past;
    for (let place = 0; place < places; place++) {
      if (place > 0 && place % size === 0) past = block.settle(past, tensor([place - size], [], "int32"));
      const { output, ...rest } = block.step(
        parameters,
        x.slice(1, place, 1),
        {
          past,
          place: tensor([place], [], "int32"),
          ...(remembered && { memory: remembered, memoryMask: { visible } }),
        },
        context,
      );
      past = rest.past;
      const expectedNow = numbersOf(whole.output.slice(1, place, 1));
      expect(output.shape).toEqual([batch, 1, width]);
      numbersOf(output).forEach((number, i) => {
        expect(number).toBeCloseTo(expectedNow[i], 5);
      });
      if (rest.memoryWeights && whole.memoryWeights) {
        const weights = numbersOf(whole.memoryWeights.slice(2, place, 1));
        numbersOf(rest.memoryWeights).forEach((number, i) => {
          expect(number).toBeCloseTo(weights[i], 5);
        });
      }
    }
  });
});
