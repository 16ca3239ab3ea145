/** MADE as mathematics: densities that sum to 1 under each mask and over all, outputs that see earlier inputs only,
 * and a sampler that draws from them though it computes each unit once. */

import { afterAll, describe, expect, test } from "vitest";
import { grad, keyFromSeed, type Tensor } from "../../src/core/index.ts";
import { concat, constant, constantKey, tensor } from "../../src/core/trace/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import { conditionalOdds } from "../../src/learn/models/autoregressive/made.ts";
import { degreesOf, degreeTables, drawDegrees } from "../../src/learn/models/autoregressive/made-masks.ts";
import { type MadeOptions, made } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { allStates, chiSquare, stirred } from "./autoregressive.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const size = 8;
const states = allStates(size, 2);
const event = { field: "bits", shape: [size] } as const;

async function compute(fn: () => Tensor): Promise<number[]> {
  const program = jit(backend, "test", () => fn());
  const { data } = (await program({} as never)) as unknown as HostTensor;
  await program.dispose();
  return Array.from(data, Number);
}

function bitsOf(rows: readonly (readonly number[])[]): { readonly bits: Tensor } {
  return { bits: tensor(rows.flat(), [rows.length, rows[0].length], "uint8") };
}

function logProbs(options: MadeOptions, seed: number): Promise<number[]> {
  const family = made(options);
  const key = constantKey(keyFromSeed(0));
  return compute(() => family.logProb?.(stirred(family, seed, 0.6), bitsOf(states), { key, samples: 1 }) as Tensor);
}

const cases: readonly (readonly [string, MadeOptions])[] = [
  ["one mask, natural order", { event, hidden: [12] }],
  ["one mask, random order, two layers, not direct", { event, hidden: [12, 9], ordering: "random", direct: false }],
  ["fewer units than inputs", { event, hidden: [3, 2] }],
  ["an ensemble of random orders", { event, hidden: [10, 10], masks: 5, ordering: "random" }],
  ["an ensemble in natural order", { event, hidden: [11], masks: 3, direct: false }],
];

describe.each(cases)("%s", (_, options) => {
  const family = made(options);

  test("probabilities of all vectors sum to 1", async () => {
    const logs = await logProbs(options, 1);
    // 256 float32 numbers, each right to 1e-6.
    expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 4);
    expect(Math.max(...logs)).toBeGreaterThan(-Math.log(states.length) + 0.5);
  });

  test("samples occur as often as their probabilities say", async () => {
    const count = 20_000;
    const probabilities = (await logProbs(options, 1)).map(Math.exp);
    const request = { count, conditions: {}, controls: { temperature: 1 } };
    const sampled = await compute(() =>
      family.sample(stirred(family, 1, 0.6), constantKey(keyFromSeed(9)), request).bits.cast("int32"),
    );
    // Rare vectors together: an expected count below 5 would spoil the statistic.
    const common = probabilities.map((p) => p * count >= 5);
    const groups = [...states.keys()].filter((i) => common[i]);
    const counts = new Array<number>(groups.length + 1).fill(0);
    for (let b = 0; b < count; b++) {
      const state = sampled.slice(size * b, size * (b + 1)).reduce((sum, bit) => 2 * sum + bit, 0);
      const group = groups.indexOf(state);
      counts[group < 0 ? groups.length : group]++;
    }
    const expected = groups.map((i) => probabilities[i]);
    expected.push(1 - expected.reduce((sum, p) => sum + p, 0));
    const freedom = groups.length;
    // Three standard deviations above the mean of the chi-square distribution.
    expect(chiSquare(counts, expected)).toBeLessThan(freedom + 3 * Math.sqrt(2 * freedom));
  });
});

describe.each([
  ["natural", true],
  ["natural", false],
  ["random", true],
  ["random", false],
] as const)("masks in %s order, direct: %s", (ordering, direct) => {
  // Wide enough that a way leads from each input to each later output.
  const hidden = [40, 50];
  const masks = 3;
  const family = made({ event, hidden, masks, ordering, direct });
  const drawn = drawDegrees(size, hidden, { masks, ordering, key: keyFromSeed(4) });

  test.each([0, 1, 2])("mask %d: an input changes the odds of all later ones, and of no other", async (mask) => {
    const { order } = drawn[mask];
    const base = states[0b01101001];
    const rows = [base, ...base.map((bit, d) => base.with(d, 1 - bit))];
    const odds = await compute(() => {
      const degrees = degreesOf(degreeTables(drawn), constant(mask, "int32"));
      return conditionalOdds(stirred(family, 2), bitsOf(rows).bits.cast("float32"), degrees);
    });
    for (let e = 0; e < size; e++) {
      for (let d = 0; d < size; d++) {
        const changed = odds[(e + 1) * size + d] !== odds[d];
        expect([e, d, changed]).toEqual([e, d, order[e] < order[d]]);
      }
    }
  });

  test("the gradient reaches all earlier inputs, and no other", async () => {
    const { order } = drawn[0];
    const gradients = await compute(() => {
      const degrees = degreesOf(degreeTables(drawn), constant(0, "int32"));
      const x = bitsOf([states[0b01101001]]).bits.cast("float32");
      const one = (d: number): Tensor => {
        const odds = conditionalOdds(stirred(family, 2), x, degrees).slice(1, d, 1).sum();
        return grad(odds, { x }).x;
      };
      return concat(Array.from({ length: size }, (_, d) => one(d)));
    });
    gradients.forEach((gradient, i) => {
      const [d, e] = [Math.floor(i / size), i % size];
      expect([d, e, gradient !== 0]).toEqual([d, e, order[e] < order[d]]);
    });
  });
});

test("each degree occurs equally often in a layer, and orders are those that were asked for", () => {
  const [one, other] = drawDegrees(5, [8, 4], { masks: 2, ordering: "random", key: keyFromSeed(0) });
  expect(one.hidden.map((layer) => layer.toSorted())).toEqual([
    [1, 1, 2, 2, 3, 3, 4, 4],
    [1, 2, 3, 4],
  ]);
  expect(one.order.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(one).not.toEqual(other);
  const [natural] = drawDegrees(5, [8], { masks: 1, ordering: "natural", key: keyFromSeed(0) });
  expect(natural.order).toEqual([1, 2, 3, 4, 5]);
});

test("images are binarized as asked, and sampled as images of 0 and 1", async () => {
  const image = { field: "image", shape: [1, 2, 2] } as const;
  const batch = { image: tensor([0, 127, 128, 255], [1, 1, 2, 2], "uint8") };
  const [grey, bits] = [
    made({ event: image, hidden: [6] }),
    made({ event: { field: "bits", shape: [4] }, hidden: [6] }),
  ];
  const options = { key: constantKey(keyFromSeed(0)), samples: 1 };
  const ofImage = await compute(() => grey.logProb?.(stirred(grey, 1), batch, options) as Tensor);
  const ofBits = await compute(() => bits.logProb?.(stirred(bits, 1), bitsOf([[0, 0, 1, 1]]), options) as Tensor);
  expect(ofImage).toEqual(ofBits);
  const request = { count: 20, conditions: {}, controls: { temperature: 1 } };
  const sampled = await compute(() => grey.sample(stirred(grey, 1), options.key, request).image);
  expect(sampled.length).toBe(80);
  expect([...new Set(sampled)].toSorted()).toEqual([0, 1]);
});

test("options outside their range are refused", () => {
  expect(() => made({ event, hidden: [] })).toThrow("hidden: is empty; name a width for each hidden layer");
  expect(() => made({ event, hidden: [0] })).toThrow("hidden: is 0; it must be a whole number of at least 1");
  expect(() => made({ event, hidden: [4], masks: 1.5 })).toThrow("masks: is 1.5; it must be a whole number");
});
