import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { keyFromSeed, type Shape, sizeOf } from "../../core/base/index.ts";
import { constantKey, type Tensor, tensor } from "../../core/trace/index.ts";
import { attentionalState, attentionScores, sequenceAttention } from "./sequence-attention.ts";

function wave(shape: Shape, phase: number, scale = 1): Tensor {
  return tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(0.7 * i + phase) * scale),
    shape,
  );
}

const [steps, places, query, size, hidden] = [2, 3, 2, 3, 4];
const queries = wave([2, steps, query], 1);
const memory = wave([2, places, size], 2);
const parameters = {
  additive: { W: wave([hidden, query], 3), U: wave([hidden, size], 4), v: wave([hidden], 5) },
  concat: { W: wave([hidden, query + size], 6), v: wave([hidden], 5) },
  general: { W_a: wave([query, size], 7) },
  dot: {},
} as const;

/** Rows of a matrix of numbers. */
function rows(x: Tensor): number[][] {
  const width = x.shape[x.rank - 1];
  const numbers = numbersOf(x);
  return Array.from({ length: numbers.length / width }, (_, i) => numbers.slice(i * width, (i + 1) * width));
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const times = (weight: Tensor, x: readonly number[]): number[] => rows(weight).map((row) => dot(row, x));

/** The papers' scores, number by number. */
const written: Readonly<Record<string, (q: readonly number[], m: readonly number[]) => number>> = {
  additive: (q, m) => {
    const { W, U, v } = parameters.additive;
    const [ofQuery, ofMemory] = [times(W, q), times(U, m)];
    return dot(
      numbersOf(v),
      ofQuery.map((x, i) => Math.tanh(x + ofMemory[i])),
    );
  },
  concat: (q, m) => dot(numbersOf(parameters.concat.v), times(parameters.concat.W, [...q, ...m]).map(Math.tanh)),
  general: (q, m) => dot(q, times(parameters.general.W_a, m)),
  dot,
};

describe("sequenceAttention", () => {
  test.each(attentionScores)("%s: weights are the softmax of the paper's scores, the context their mean", (score) => {
    const isDot = score === "dot";
    const asked = isDot ? wave([2, steps, size], 1) : queries;
    const layer = sequenceAttention({ score, query: isDot ? size : query, memory: size, hidden });
    const own = parameters[score];
    const { context, weights } = layer.attend(own, asked, layer.prepare(own, memory));
    const [questions, found] = [rows(asked), rows(memory)];
    rows(weights).forEach((row, i) => {
      const seen = found.slice(Math.floor(i / steps) * places, (Math.floor(i / steps) + 1) * places);
      const powers = seen.map((place) => Math.exp(written[score](questions[i], place)));
      const total = powers.reduce((a, b) => a + b);
      row.forEach((weight, s) => {
        expect(weight).toBeCloseTo(powers[s] / total, 5);
      });
      rows(context)[i].forEach((number, j) => {
        expect(number).toBeCloseTo(
          seen.reduce((sum, place, s) => sum + (powers[s] / total) * place[j], 0),
          5,
        );
      });
    });
  });

  test("what may not be seen gets nothing", () => {
    const layer = sequenceAttention({ score: "additive", query, memory: size, hidden });
    const own = parameters.additive;
    const visible = tensor([1, 0, 1, 0, 1, 1], [2, places], "bool");
    const { weights } = layer.attend(own, queries, layer.prepare(own, memory), visible);
    const found = rows(weights);
    expect([found[0][1], found[1][1], found[2][0], found[3][0]]).toEqual([0, 0, 0, 0]);
    for (const row of found) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });

  test("parameters have the letters and shapes of the papers", () => {
    const shapes = (score: (typeof attentionScores)[number]): unknown => {
      const layer = sequenceAttention({ score, query: score === "dot" ? size : query, memory: size, hidden });
      const tree = layer.init(constantKey(keyFromSeed(1)));
      return Object.fromEntries(Object.entries(tree).map(([name, { shape }]) => [name, shape]));
    };
    expect(shapes("additive")).toEqual({ W: [hidden, query], U: [hidden, size], v: [hidden] });
    expect(shapes("concat")).toEqual({ W: [hidden, query + size], v: [hidden] });
    expect(shapes("general")).toEqual({ W_a: [query, size] });
    expect(shapes("dot")).toEqual({});
  });

  test("sizes that do not fit are refused", () => {
    expect(() => sequenceAttention({ score: "dot", query, memory: size })).toThrow("choose general");
    const layer = sequenceAttention({ score: "general", query, memory: size });
    const prepared = layer.prepare(parameters.general, memory);
    expect(() => layer.attend(parameters.general, memory, prepared)).toThrow("they must be [B, T, 2]");
  });
});

test("the attentional state is tanh of the context beside the query", () => {
  const weight = wave([2, 5], 8);
  const context = wave([1, 1, 3], 9);
  const asked = wave([1, 1, 2], 10);
  const expected = times(weight, [...numbersOf(context), ...numbersOf(asked)]).map(Math.tanh);
  numbersOf(attentionalState(weight, context, asked)).forEach((number, i) => {
    expect(number).toBeCloseTo(expected[i], 6);
  });
});
