/** The gated PixelCNN as mathematics: a density that sums to 1, that looks at no later cell, and a sampler that
 * draws from it though it computes each thing once. */

import { afterAll, describe, expect, test } from "vitest";
import { keyFromSeed, type Tensor } from "../../src/core/index.ts";
import { constantKey, randomUniform, stack, tensor } from "../../src/core/trace/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import { drawLevel } from "../../src/learn/models/autoregressive/pixel-cnn-sampler.ts";
import { type PixelCnnOptions, pixelCnn } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { allStates, chiSquare, stirred } from "./autoregressive.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const small = { channels: 6, layers: 3, head: 8 } as const;

/** Runs a traced function without arguments. */
async function compute(fn: () => Tensor): Promise<number[]> {
  const program = jit(backend, "test", () => fn());
  const { data } = (await program({} as never)) as unknown as HostTensor;
  await program.dispose();
  return Array.from(data, Number);
}

interface Case {
  readonly name: string;
  readonly options: PixelCnnOptions;
  readonly label?: number;
}

const cases: readonly Case[] = [
  { name: "3 x 3, binary", options: { ...small, height: 3, width: 3, levels: 2, input: "ordinal" } },
  { name: "2 x 3 of 3 codes, 4 classes", options: { ...small, height: 2, width: 3, levels: 3, classes: 4 }, label: 2 },
  { name: "2 x 3 of 4 levels, by bits", options: { ...small, height: 2, width: 3, levels: 4, input: "bits" } },
  { name: "3 x 2 of 3 ordinal levels", options: { ...small, height: 3, width: 2, levels: 3, input: "ordinal" } },
];

describe.each(cases.map((one) => [one.name, one] as const))("%s", (_, { options, label }) => {
  const { height, width, levels } = options;
  const cells = height * width;
  const model = pixelCnn(options);
  const labels = (count: number): Tensor | undefined =>
    label === undefined ? undefined : tensor(new Array(count).fill(label), [count], "int32");
  const grids = (states: readonly (readonly number[])[]): Tensor =>
    tensor(states.flat(), [states.length, height, width], "int32");

  test("probabilities of all grids sum to 1", async () => {
    const states = allStates(cells, levels);
    const logs = await compute(() => model.logProb(stirred(model, 1), grids(states), labels(states.length)));
    // A thousand float32 numbers, each right to 1e-6.
    expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 4);
    expect(Math.max(...logs)).toBeGreaterThan(-Math.log(states.length) + 0.5);
  });

  test("logProb is that of the logits", async () => {
    const states = allStates(cells, levels).filter((_state, i) => i % 37 === 5);
    const [logs, logits] = [
      await compute(() => model.logProb(stirred(model, 1), grids(states), labels(states.length))),
      await compute(() => model.logits(stirred(model, 1), grids(states), labels(states.length)).logSoftmax(1)),
    ];
    states.forEach((state, b) => {
      const sum = state.reduce((total, level, cell) => total + logits[(b * levels + level) * cells + cell], 0);
      expect(logs[b]).toBeCloseTo(sum, 4);
    });
  });

  test("a cell changes the logits of later cells only, and those of the next one", async () => {
    const base = Array.from({ length: cells }, (_unused, cell) => cell % levels);
    const changed = base.map((_unused, at) => base.map((level, cell) => (cell === at ? (level + 1) % levels : level)));
    const states = [base, ...changed];
    const logits = await compute(() => model.logits(stirred(model, 2), grids(states), labels(states.length)));
    const at = (state: number, cell: number): number[] =>
      Array.from({ length: levels }, (_unused, level) => logits[(state * levels + level) * cells + cell]);
    for (let cell = 0; cell < cells; cell++) {
      for (let other = 0; other <= cell; other++) expect(at(cell + 1, other)).toEqual(at(0, other));
      if (cell + 1 < cells) expect(at(cell + 1, cell + 1)).not.toEqual(at(0, cell + 1));
    }
  });

  test("the cached sampler gives what a full forward pass for each cell gives", async () => {
    const count = 16;
    const key = keyFromSeed(5);
    const temperature = 0.8;
    const request = (): Parameters<typeof model.sample>[2] => ({ count, temperature, label: labels(count) as Tensor });
    const sampled = await compute(() => model.sample(stirred(model, 3), constantKey(key), request()));
    const naive = await compute(() => {
      const uniform = randomUniform(constantKey(key), [height, width, count]).reshape([cells, count]);
      const grid = Array.from({ length: cells }, () => tensor(new Array(count).fill(0), [count], "int32"));
      for (let cell = 0; cell < cells; cell++) {
        const seen = stack(grid, 1).reshape([count, height, width]);
        const logits = model.logits(stirred(model, 3), seen, labels(count)).mul(1 / temperature);
        const own = logits.reshape([count, levels, cells]).slice(2, cell, 1).squeeze(2);
        grid[cell] = drawLevel(own, uniform.slice(0, cell, 1).squeeze(0));
      }
      return stack(grid, 1);
    });
    expect(sampled).toEqual(naive);
    expect(new Set(sampled).size).toBe(levels);
  });

  test("known cells stay, others follow the conditional density", async () => {
    const count = 200;
    const known = [0, 2];
    const allowed = Array.from({ length: levels * cells }, (_unused, i) =>
      known.includes(i % cells) ? Number(Math.floor(i / cells) === 1) : 1,
    );
    const sampled = await compute(() =>
      model.sample(stirred(model, 3), constantKey(keyFromSeed(6)), {
        count,
        allowed: tensor(allowed, [1, levels, height, width]),
        ...(label !== undefined && { label: labels(count) as Tensor }),
      }),
    );
    for (let b = 0; b < count; b++) for (const cell of known) expect(sampled[b * cells + cell]).toBe(1);
    expect(new Set(sampled).size).toBe(levels);
  });
});

test("grids occur as often as their probabilities say", async () => {
  const model = pixelCnn({ ...small, height: 2, width: 2, levels: 2, input: "ordinal" });
  const states = allStates(4, 2);
  const count = 20_000;
  const logs = await compute(() => model.logProb(stirred(model, 7), tensor(states.flat(), [16, 2, 2], "int32")));
  const sampled = await compute(() => model.sample(stirred(model, 7), constantKey(keyFromSeed(8)), { count }));
  const counts = new Array<number>(16).fill(0);
  for (let b = 0; b < count; b++) counts[sampled.slice(4 * b, 4 * b + 4).reduce((sum, bit) => 2 * sum + bit, 0)]++;
  // Of 15 degrees of freedom: 37.7 is exceeded by one of a thousand.
  expect(chiSquare(counts, logs.map(Math.exp))).toBeLessThan(37.7);
});

test("options outside their range are refused", () => {
  const right = { height: 4, width: 4, levels: 2 };
  expect(() => pixelCnn({ ...right, levels: 1 })).toThrow("levels: is 1; it must be a whole number of at least 2");
  expect(() => pixelCnn({ ...right, kernel: 4 })).toThrow("kernel: is 4; it must be an odd number of at least 3");
  expect(() => pixelCnn({ ...right, height: 1 })).toThrow("a grid of [1, 4]; it needs at least two rows");
});
