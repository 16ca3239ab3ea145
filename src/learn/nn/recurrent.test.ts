import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed, leavesOf, type Shape, sizeOf } from "../../core/base/index.ts";
import { optimize } from "../../core/compile/index.ts";
import { isOp, nodesOf } from "../../core/graph/index.ts";
import { concat, constantKey, type Tensor, tensor, trace, typesOf, zeros } from "../../core/trace/index.ts";
import { evaluateConstants, type HostValue, interpret } from "../../engine/interpreter/index.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import { gru } from "./gru.ts";
import { lstm } from "./lstm.ts";
import type { RecurrentLayer } from "./recurrent.ts";

/** See test/pytorch/recurrent.py. */
interface Reference {
  readonly kind: "lstm" | "gru";
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly output: readonly number[];
  readonly last: readonly (readonly number[])[];
  readonly byX: readonly number[];
  readonly byStart: readonly (readonly number[])[];
  readonly byParameters: Readonly<Record<string, readonly number[]>>;
}

const references = JSON.parse(
  readFileSync(new URL("../../../test/pytorch/recurrent.json", import.meta.url), "utf8"),
) as Reference[];

const [batch, steps, inputs, hidden] = [2, 3, 2, 3];

/** sin(0.7 i + phase) * scale: numbers that PyTorch was given too. */
function wave(shape: Shape, phase: number, scale: number): Tensor {
  return tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(0.7 * i + phase) * scale),
    shape,
  );
}

type AnyLayer = RecurrentLayer<Readonly<Record<string, Tensor>>, Readonly<Record<string, Tensor>>>;

function layerOf({ kind, layers, bidirectional }: Pick<Reference, "kind" | "layers" | "bidirectional">): AnyLayer {
  const options = { inputs, hidden, layers, bidirectional };
  return (kind === "lstm" ? lstm(options) : gru(options)) as unknown as AnyLayer;
}

const key = constantKey(keyFromSeed(1));

function evaluate(tensors: readonly Tensor[]): HostValue[] {
  const outputs = tensors.map(({ value }, i) => ({ name: `y${i}`, value }));
  return interpret({ inputs: [], outputs }, []);
}

const numbersOf = (one: Tensor): number[] => [...evaluate([one])[0].data];

function expectNear(seen: ArrayLike<number>, expected: readonly number[]): void {
  expect(seen.length).toBe(expected.length);
  Array.from(seen).forEach((number, i) => {
    expect(number).toBeCloseTo(expected[i], 6);
  });
}

describe.each(
  references.map((one) => [`${one.kind}, ${one.layers} layers, both ways: ${one.bidirectional}`, one] as const),
)("%s, as PyTorch", (_, reference) => {
  const layer = layerOf(reference);
  const shapes = typesOf(layer.init(key));
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, { shape }], i) => [name, wave(shape as Shape, i, 0.8)]),
  );
  const x = wave([batch, steps, inputs], 0.5, 1);
  const shape = [reference.last[0].length / batch / hidden, batch, hidden];
  const start = Object.fromEntries(
    (reference.kind === "lstm" ? ["h", "c"] : ["h"]).map((part, i) => [part, wave(shape, 1.5 + i, 0.5)]),
  );
  const { output, last } = layer.run(parameters, x, evaluationContext(), start);

  test("names, shapes and order of the parameters", () => {
    expect(Object.keys(parameters)).toEqual(Object.keys(reference.byParameters));
  });
  test("hidden states and the last state", () => {
    const values = evaluate([output, ...Object.values(last)]);
    expectNear(values[0].data, reference.output);
    reference.last.forEach((expected, i) => {
      expectNear(values[1 + i].data, expected);
    });
  });
  test("gradients by the sequence, the first state and every parameter", () => {
    const weighted = (one: Tensor, phase: number): Tensor => one.mul(wave(one.shape, phase, 1)).sum();
    const loss = Object.values(last).reduce((sum, one, i) => sum.add(weighted(one, 0.2 + i)), weighted(output, 0.1));
    const wrt = [x, ...Object.values(start), ...Object.values(parameters)];
    const expected = [reference.byX, ...reference.byStart, ...Object.values(reference.byParameters)];
    evaluate(gradients(loss, wrt)).forEach(({ data }, i) => {
      expectNear(data, expected[i]);
    });
  });
});

describe.each([
  ["lstm", lstm],
  ["gru", gru],
] as const)("padding in a %s", (_, make) => {
  const layer = make({ inputs, hidden, layers: 2, bidirectional: true });
  const parameters = layer.init(key);
  const x = wave([1, 5, inputs], 0.5, 1);
  const counts = tensor([1, 1, 1, 0, 0], [1, 5], "bool");
  const run = (sequence: Tensor) => layer.run(parameters, sequence, evaluationContext(), undefined, counts);

  test("is as if it were not there, in both directions", () => {
    const short = layer.run(parameters, x.slice(1, 0, 3), evaluationContext());
    const padded = run(x);
    expectNear(numbersOf(padded.output.slice(1, 0, 3)), numbersOf(short.output));
    expectNear(numbersOf(padded.last.h), numbersOf(short.last.h));
  });
  test("whatever stands there", () => {
    const others = concat([x.slice(1, 0, 3), wave([1, 2, inputs], 9, 3)], 1);
    expect(numbersOf(run(others).output.slice(1, 0, 3))).toEqual(numbersOf(run(x).output.slice(1, 0, 3)));
  });
});

describe("what a step did", () => {
  const layer = lstm({ inputs, hidden, bidirectional: true });
  const parameters = layer.init(key);
  const x = wave([batch, steps, inputs], 0.5, 1);
  const run = layer.run(parameters, x, evaluationContext());

  test("gates, cells and hidden states fit together, in both directions", () => {
    expect(run.steps.length).toBe(2);
    run.steps.forEach(({ input, forget, candidate, output, cell, hidden: h }, direction) => {
      for (const one of [input, forget, candidate, output, cell, h]) expect(one.shape).toEqual([batch, steps, hidden]);
      const order = direction === 0 ? [0, 1, 2] : [2, 1, 0];
      const at = (one: Tensor, step: number): Tensor => one.slice(1, order[step], 1);
      const next = at(forget, 1)
        .mul(at(cell, 0))
        .add(at(input, 1).mul(at(candidate, 1)));
      expectNear(numbersOf(at(cell, 1)), numbersOf(next));
      expectNear(numbersOf(h), numbersOf(output.mul(cell.tanh())));
      expectNear(numbersOf(h), numbersOf(run.output.slice(2, direction * hidden, hidden)));
      expectNear(numbersOf(at(cell, 2)), numbersOf(run.last.c.slice(0, direction, 1)));
    });
  });
  test("what nobody reads is not stacked", () => {
    const graph = (all: boolean) =>
      trace({ x: { dtype: "float32", shape: [batch, steps, inputs] } }, (args) => {
        const found = lstm({ inputs, hidden }).run(parameters, args.x, evaluationContext());
        return all ? found.steps : found.output;
      }).graph;
    const stacks = (all: boolean): number[] =>
      nodesOf(optimize(graph(all), evaluateConstants)).flatMap((node) =>
        isOp(node, "scan") ? [node.outputs.length] : [],
      );
    expect(stacks(true)).toEqual([2 + 6]);
    expect(stacks(false)).toEqual([2 + 1]);
  });
});

describe("options", () => {
  const x = wave([batch, steps, inputs], 0.5, 1);

  test("parameters start uniform within 1 / sqrt(hidden)", () => {
    const all = leavesOf<Tensor>(lstm({ inputs: 20, hidden: 16 }).init(key));
    expect(all.map(({ path, value }) => [path, value.shape])).toEqual([
      ["weight_ih_l0", [64, 20]],
      ["weight_hh_l0", [64, 16]],
      ["bias_ih_l0", [64]],
      ["bias_hh_l0", [64]],
    ]);
    for (const { value } of all) {
      const largest = Math.max(...numbersOf(value).map(Math.abs));
      expect(largest).toBeLessThan(0.25);
      expect(largest).toBeGreaterThan(0.23);
    }
  });
  test("a forget bias", () => {
    const { bias_ih_l0: a, bias_hh_l0: b } = lstm({ inputs, hidden, forgetBias: 1 }).init(key);
    const plain = lstm({ inputs, hidden }).init(key);
    expect(numbersOf(a.add(b)).slice(3, 6)).toEqual([1, 1, 1]);
    expect(numbersOf(a).slice(0, 3)).toEqual(numbersOf(plain.bias_ih_l0).slice(0, 3));
    expect(numbersOf(b).slice(6)).toEqual(numbersOf(plain.bias_hh_l0).slice(6));
  });
  test("dropout between layers, in training only, never after the last", () => {
    const layer = gru({ inputs, hidden: 8, layers: 2, dropout: 0.5 });
    const parameters = layer.init(key);
    const evaluated = layer.run(parameters, x, evaluationContext());
    const trained = layer.run(parameters, x, trainingContext(key));
    expect(numbersOf(trained.steps[0].hidden)).toEqual(numbersOf(evaluated.steps[0].hidden));
    expect(numbersOf(trained.output)).not.toEqual(numbersOf(evaluated.output));
    expect(numbersOf(trained.output)).not.toContain(0);
    const single = gru({ inputs, hidden: 8, dropout: 0.5 });
    const same = (context: typeof evaluationContext) => numbersOf(single.apply(parameters, x, context()));
    expect(same(trainingContext)).toEqual(same(evaluationContext));
  });
  test("a sequence without steps gives the start back", () => {
    const layer = lstm({ inputs, hidden });
    const { output, last } = layer.run(layer.init(key), zeros([batch, 0, inputs]), evaluationContext());
    expect(output.shape).toEqual([batch, 0, hidden]);
    expect(numbersOf(last.c)).toEqual([0, 0, 0, 0, 0, 0]);
  });
  test("sizes that are no sizes", () => {
    expect(() => lstm({ inputs, hidden: 0 })).toThrow("lstm: hidden is 0; it must be a whole number of at least 1");
    expect(() => gru({ inputs, hidden, layers: 1.5 })).toThrow(
      "gru: layers is 1.5; it must be a whole number of at least 1",
    );
    expect(() => gru({ inputs, hidden, dropout: 1 })).toThrow("dropout: a probability of 1; it must be within [0, 1)");
  });
  test("an input and a start of other shapes are refused, with the layer's path", () => {
    const layer = lstm({ inputs, hidden });
    const types = (shape: Shape) =>
      ({ params: { reader: typesOf(layer.init(key)) }, x: { dtype: "float32", shape } }) as const;
    const apply = (shape: Shape, start?: { h: Tensor; c: Tensor }) => () =>
      trace(types(shape), ({ params, x }) => layer.run(params.reader, x as Tensor, evaluationContext(), start).output);
    expect(apply([2, 3, 4])).toThrow("reader: lstm: its input has shape [2, 3, 4]; it must be [B, T, 2]");
    expect(apply([2, 3])).toThrow("reader: lstm: its input has shape [2, 3]; it must be [B, T, 2]");
    expect(apply([2, 3, 2], { h: zeros([1, 2, 3]), c: zeros([2, 3]) })).toThrow(
      "reader: lstm: the start's c has shape [2, 3]; it must be [1, 2, 3]",
    );
  });
});
