import { describe, expect, expectTypeOf, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { keyFromSeed, leavesOf } from "../../core/base/index.ts";
import { constantKey, ones, type Tensor, tensor, trace, typesOf } from "../../core/trace/index.ts";
import { relu, tanh } from "./activations.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./layout.ts";
import { linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { type BatchNormParameters, batchNorm } from "./normalization.ts";
import { sequential } from "./sequential.ts";

const key = constantKey(keyFromSeed(1));
type Affine = { readonly weight: Tensor; readonly bias: Tensor };

describe("parameters", () => {
  test("are keyed by position, those without any left out, and the type says so", () => {
    const net = sequential(
      linear({ inputs: 2, outputs: 3 }),
      relu,
      dropout(0.5),
      sequential(flatten(), tanh),
      batchNorm({ channels: 3 }),
      sequential(relu, linear({ inputs: 3, outputs: 1, bias: false })),
    );
    const parameters = net.init(key);
    expectTypeOf(parameters).toEqualTypeOf<{
      readonly "0": Affine;
      readonly "4": BatchNormParameters;
      readonly "5": { readonly "1": { readonly weight: Tensor } };
    }>();
    expect(leavesOf<Tensor>(parameters).map(({ path }) => path)).toEqual([
      "0.weight",
      "0.bias",
      "4.weight",
      "4.bias",
      "4.running_mean",
      "4.running_var",
      "5.1.weight",
    ]);
  });

  test("are keyed by name when layers are named", () => {
    const parameters = sequential({
      linear1: linear({ inputs: 2, outputs: 3 }),
      act: relu,
      linear2: linear({ inputs: 3, outputs: 1 }),
    }).init(key);
    expectTypeOf(parameters).toEqualTypeOf<{ readonly linear1: Affine; readonly linear2: Affine }>();
    expect(Object.keys(parameters)).toEqual(["linear1", "linear2"]);
  });

  test("of a list of unknown length have positions that the type cannot know", () => {
    const layers = [1, 2].map(() => linear({ inputs: 3, outputs: 3 }));
    const parameters = sequential(...layers).init(key);
    expectTypeOf(parameters).toEqualTypeOf<Readonly<Record<string, Affine>>>();
    expect(Object.keys(parameters)).toEqual(["0", "1"]);
  });

  test("of equal layers differ, and depend on the key alone", () => {
    const net = sequential(linear({ inputs: 2, outputs: 2 }), linear({ inputs: 2, outputs: 2 }));
    const first = net.init(key);
    expect(numbersOf(first[0].weight)).not.toEqual(numbersOf(first[1].weight));
    expect(numbersOf(net.init(key)[1].weight)).toEqual(numbersOf(first[1].weight));
    expect(numbersOf(net.init(constantKey(keyFromSeed(2)))[1].weight)).not.toEqual(numbersOf(first[1].weight));
  });
});

describe("apply", () => {
  test("runs layers in order", () => {
    const net = sequential(linear({ inputs: 1, outputs: 1 }), relu, linear({ inputs: 1, outputs: 1 }));
    const scalar = (weight: number, bias: number): Affine => ({
      weight: tensor([weight], [1, 1]),
      bias: tensor([bias], [1]),
    });
    const parameters = { "0": scalar(2, -1), "2": scalar(-3, 0.5) };
    // -3 relu(2x - 1) + 0.5
    expect(numbersOf(net.apply(parameters, tensor([0, 2], [2, 1]), evaluationContext()))).toEqual([0.5, -8.5]);
  });

  test("a single function is a layer, not a record of layers", () => {
    expect(numbersOf(sequential(relu).apply({}, tensor([-1, 2], [2]), evaluationContext()))).toEqual([0, 2]);
  });

  test("gives each dropout its own stream, below its sequential's", () => {
    const kept = (net: Module): number[] => numbersOf(net.apply({}, ones([64]), trainingContext(key)));
    const first = kept(sequential(dropout(0.5)));
    const second = kept(sequential(relu, dropout(0.5)));
    const inner = kept(sequential(sequential(dropout(0.5))));
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(inner);
    expect(kept(sequential(dropout(0.5)))).toEqual(first);
  });

  test("passes updates to the context that it was given", () => {
    const net = sequential(relu, sequential(batchNorm({ channels: 1 })));
    const parameters = net.init(key);
    const context = trainingContext();
    net.apply(parameters, tensor([1, 3], [2, 1]), context);
    const { running_mean, running_var } = parameters[1][0];
    expect([...context.updates.keys()]).toEqual([running_mean, running_var]);
  });

  test("an error names the layer's path", () => {
    const net = sequential(linear({ inputs: 4, outputs: 3 }), relu, linear({ inputs: 5, outputs: 1 }));
    const types = { params: { encoder: typesOf(net.init(key)) }, x: { dtype: "float32", shape: [2, 4] } } as const;
    expect(() => trace(types, ({ params, x }) => net.apply(params.encoder, x, evaluationContext()))).toThrow(
      "encoder.2: matmul: inner sizes differ, [2, 3] x [1, 5]^T; the right operand must be [n, 3]",
    );
  });
});
