/** The PixelCNN over images: what images become as cells, labels, in-painting. */

import { afterAll, describe, expect, test } from "vitest";
import { keyFromSeed, type Tensor } from "../../src/core/index.ts";
import { constantKey, range, tensor } from "../../src/core/trace/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import { type ImagePixelCnnOptions, imagePixelCnn } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { stirred } from "./autoregressive.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const small = { channels: 6, layers: 2, head: 8, firstKernel: 3 } as const;
const key = constantKey(keyFromSeed(3));

async function compute(fn: () => Tensor): Promise<number[]> {
  const program = jit(backend, "test", () => fn());
  const { data } = (await program({} as never)) as unknown as HostTensor;
  await program.dispose();
  return Array.from(data, Number);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe.each([
  ["pixel by pixel, 3 x 3", { ...small, shape: [1, 3, 3] }, 2, [0, 255]],
  ["by patches, 4 x 4", { ...small, shape: [1, 4, 4], patch: 2 }, 2, [0, 255]],
  ["of three levels, told a label", { ...small, shape: [1, 2, 3], levels: 3, classes: 2 }, 3, [0, 100, 255]],
] as const)("%s", (_, options, levels, greys) => {
  const family = imagePixelCnn(options as ImagePixelCnnOptions);
  const [, height, width] = options.shape;
  const cells = height * width;
  const labelled = "classes" in options;
  const batchOf = (images: readonly (readonly number[])[], label = 1) => ({
    image: tensor(images.flat(), [images.length, 1, height, width], "uint8"),
    ...(labelled && { label: tensor(new Array(images.length).fill(label), [images.length], "int32") }),
  });
  const logProbs = (images: readonly (readonly number[])[], label = 1): Promise<number[]> =>
    compute(() => family.logProb?.(stirred(family, 1), batchOf(images, label), { key, samples: 1 }) as Tensor);

  test("probabilities of all images sum to 1", async () => {
    const count = levels ** cells;
    const [total] = await compute(() => {
      const states = range(count, "int32").unsqueeze(1);
      const places = tensor(
        Array.from({ length: cells }, (_unused, i) => levels ** i),
        [1, cells],
        "int32",
      );
      const level = states.div(places).mod(levels);
      const image = tensor(greys, [levels], "int32").gather(level).cast("uint8").reshape([count, 1, height, width]);
      const label = tensor([1], [1], "int32").expand([count]);
      const batch = { image, ...(labelled && { label }) };
      const logs = family.logProb?.(stirred(family, 1), batch, { key, samples: 1 }) as Tensor;
      return logs.exp().sum();
    });
    // Up to 65,536 float32 numbers, each right to 1e-6.
    expect(total).toBeCloseTo(1, 4);
  });

  test.runIf(labelled)("the label matters", async () => {
    const image = [greys.map((grey) => grey).concat(greys)] as number[][];
    expect(await logProbs(image, 0)).not.toEqual(await logProbs(image, 1));
  });

  test("in-painting keeps what is known, and draws the rest from the conditional density", async () => {
    const count = 4000;
    const state = Array.from({ length: cells }, (_unused, i) => greys[(i * 7) % levels]);
    // Unknown are one pixel in the middle of the first cell's row, which earlier and later pixels surround, and the last.
    const unknown = [1, cells - 1];
    const mask = state.map((_unused, i) => Number(!unknown.includes(i)));
    const painted = await compute(() => {
      const batch = batchOf(Array.from({ length: count }, () => state));
      const request = { mask: tensor(mask, [1, 1, height, width]), key };
      return family.inpaint?.(stirred(family, 1), batch, request).image as Tensor;
    });
    for (let i = 0; i < cells; i++) {
      if (unknown.includes(i)) continue;
      for (let b = 0; b < count; b += 97) expect(painted[b * cells + i]).toBeCloseTo(state[i] / 255, 5);
    }
    const values = new Set(unknown.flatMap((i) => Array.from({ length: count }, (_u, b) => painted[b * cells + i])));
    expect(values.size).toBe(levels);
    // The last pixel has everything else before it: its share of ones, given the other, is the density's own.
    const given = Array.from({ length: count }, (_u, b) => b).filter((b) => painted[b * cells + 1] < 0.1);
    const share = given.filter((b) => painted[b * cells + cells - 1] > 0.9).length / given.length;
    const zero = state.with(1, greys[0]);
    const logs = await logProbs(greys.map((grey) => zero.with(cells - 1, grey)));
    const expected = Math.exp(logs[levels - 1]) / sum(logs.map(Math.exp));
    // Four standard deviations of a share.
    expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / given.length));
  });

  test("samples are images of the levels; a low temperature makes the most probable cells", async () => {
    const sampleAt = (temperature: number): Promise<number[]> =>
      compute(() => {
        const label = tensor(new Array(50).fill(1), [50], "int32");
        const request = { count: 50, conditions: labelled ? { label } : {}, controls: { temperature } };
        return family.sample(stirred(family, 1), key, request).image;
      });
    const values = [...new Set(await sampleAt(1))].toSorted();
    expect(values).toEqual(Array.from({ length: levels }, (_unused, level) => level / (levels - 1)));
    const different = (images: readonly number[]): number =>
      new Set(Array.from({ length: 50 }, (_unused, b) => images.slice(b * cells, (b + 1) * cells).join())).size;
    // Two levels of a cell may be almost equally probable.
    expect(different(await sampleAt(0.01))).toBeLessThanOrEqual(3);
    expect(different(await sampleAt(1))).toBeGreaterThan(15);
  });
});

test("256 levels are the grey values themselves, and count as dimensions", async () => {
  const shape = [1, 4, 16];
  const family = imagePixelCnn({ ...small, shape, levels: 256 });
  expect(family.dimensions).toBe(64);
  expect(imagePixelCnn({ ...small, shape, levels: 16 }).dimensions).toBeUndefined();
  const greys = Array.from({ length: 64 }, (_, i) => i * 4 + (i % 3));
  const rebuilt = await compute(() => {
    const batch = { image: tensor(greys, [1, ...shape], "uint8") };
    // All known but the last: what is drawn is what was read.
    const mask = tensor(
      greys.map((_unused, i) => Number(i < 63)),
      [1, ...shape],
    );
    return family.inpaint?.(stirred(family, 1), batch, { mask, key }).image as Tensor;
  });
  rebuilt.slice(0, 63).forEach((value, i) => {
    expect(value * 255).toBeCloseTo(greys[i], 3);
  });
});

test("options that do not fit are refused", () => {
  const build = (options: Partial<ImagePixelCnnOptions>) => (): unknown =>
    imagePixelCnn({ shape: [1, 6, 6], ...options });
  expect(build({ shape: [3, 6, 6] })).toThrow("image: its shape is [3, 6, 6]; a PixelCNN takes grey images, [1, H, W]");
  expect(build({ levels: 300 })).toThrow("levels: is 300; it must be a whole number from 2 to 256");
  expect(build({ levels: 4, patch: 2 })).toThrow("patch: is 2 for 4 levels; patches are of 2 levels");
  expect(build({ patch: 4 })).toThrow("patch: is 4; it must be 1, 2 or 3");
  expect(build({ shape: [1, 5, 6], patch: 2 })).toThrow(
    "patch: is 2 for images of 5 x 6; it must divide height and width",
  );
});
