/** Clips: patches in space and time, frames that are kept, and the pictures of what a model makes. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import {
  concat,
  constantKey,
  foldKey,
  keyFromSeed,
  mapTree,
  randomNormal,
  type Tensor,
  type TensorTree,
  tensor,
} from "../../src/core/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import {
  type Denoiser,
  diffusion,
  type EventType,
  transformerDenoiser,
  unetDenoiser,
} from "../../src/learn/models/index.ts";
import { evaluationContext } from "../../src/learn/nn/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import type { TrainEvent } from "../../src/run/events.ts";
import { findPreset, memoryDataset, openRun, openSampler, parseConfig, runPaths, train } from "../../src/run/index.ts";
import { keyTensor } from "../../src/run/model.ts";
import { animateClips, framesPicture } from "../../src/run/pictures/index.ts";
import { continueClips } from "../../src/run/tasks/index.ts";
import { numbersOf } from "../graph/numbers.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const shape = [4, 1, 8, 8];

/** A denoiser's parameters, all drawn at random: fresh ones give 0. */
function randomParameters(denoiser: Denoiser, key: Tensor): TensorTree {
  return mapTree(denoiser.init(key) as never, (leaf: Tensor) =>
    leaf.add(randomNormal(key, leaf.shape).mul(0.1)),
  ) as TensorTree;
}

/** How far each value of the result moves when value `at` of x does. */
async function influence(denoiser: Denoiser, at: number): Promise<Float32Array> {
  const run = jit(backend, "look", (args): TensorTree => {
    const { x, key } = args as unknown as Readonly<Record<"x" | "key", Tensor>>;
    return denoiser.apply(
      randomParameters(denoiser, key),
      x,
      { time: x.sum().mul(0).reshape([1]) },
      evaluationContext(),
    );
  });
  const look = async (value: number): Promise<Float32Array> => {
    const data = new Float32Array(256);
    data[at] = value;
    const x: HostTensor = { dtype: "float32", shape: [1, ...shape], data };
    const result = (await run({ x, key: keyTensor(keyFromSeed(1)) } as never)) as unknown as HostTensor;
    return result.data as Float32Array;
  };
  const [without, withValue] = [await look(0), await look(1)];
  await run.dispose();
  return withValue.map((value, i) => Math.abs(value - without[i]));
}

describe("networks of clips", () => {
  test("a transformer without blocks keeps every patch of space and time to itself", async () => {
    const denoiser = transformerDenoiser({ shape, patch: 4, patchFrames: 2, width: 40, depth: 0, heads: 1 });
    // Frame 2, row 5, column 1.
    const moved = await influence(denoiser, 2 * 64 + 5 * 8 + 1);
    const own = (i: number): boolean => i >> 6 >= 2 && ((i >> 3) & 7) >= 4 && (i & 7) < 4;
    for (const [i, distance] of moved.entries()) {
      if (own(i)) expect(distance).toBeGreaterThan(1e-5);
      else expect(distance).toBe(0);
    }
  });

  test("blocks bring all frames together", async () => {
    const denoiser = transformerDenoiser({ shape, patch: 4, width: 16, depth: 1, heads: 2 });
    expect((await influence(denoiser, 0)).every((distance) => distance > 0)).toBe(true);
  });

  test("frames of a U-Net share its weights, and attend to one another below its first level", async () => {
    const options = { channels: [8, 8], groups: 4 };
    const moved = await influence(unetDenoiser({ ...options, shape }), 0);
    expect(moved.filter((distance) => distance > 0).length).toBeGreaterThan(200);
    // Clips of one frame are images: frames that see nobody else.
    const image = unetDenoiser({ ...options, shape: shape.slice(1) });
    const single = unetDenoiser({ ...options, shape: [1, ...shape.slice(1)] });
    const key = constantKey(keyFromSeed(3));
    const parameters = randomParameters(image, key);
    const x = randomNormal(foldKey(key, 1), [2, ...shape.slice(1)]);
    const inputs = { time: tensor([500], [1]) };
    const context = evaluationContext();
    const asImage = numbersOf(image.apply(parameters, x, inputs, context));
    const asClip = numbersOf(single.apply(parameters, x.unsqueeze(1), inputs, context));
    expect([...asClip]).toEqual([...asImage]);
  });

  test("a U-Net's frames are told the class of their clip", async () => {
    const denoiser = unetDenoiser({ shape, channels: [8, 8], groups: 4, classes: 2 });
    const key = constantKey(keyFromSeed(4));
    const parameters = randomParameters(denoiser, key);
    const one = randomNormal(foldKey(key, 1), [1, ...shape]);
    const x = concat([one, one, one], 0);
    const made = (label: readonly number[]): number[] => {
      const inputs = { time: tensor([500, 500, 500], [3]), label: tensor([...label], [3], "int32") };
      return [...numbersOf(denoiser.apply(parameters, x, inputs, evaluationContext()))];
    };
    const [mixed, alike] = [made([0, 1, 0]), made([0, 0, 0])];
    const clip = (values: readonly number[], i: number): readonly number[] => values.slice(256 * i, 256 * (i + 1));
    for (const i of [0, 2]) {
      for (const [j, value] of clip(mixed, i).entries()) expect(value).toBeCloseTo(clip(alike, i)[j], 5);
    }
    for (let frame = 0; frame < 4; frame++) {
      const far = (values: readonly number[]): readonly number[] => clip(values, 1).slice(64 * frame, 64 * (frame + 1));
      const distances = far(mixed).map((value, j) => Math.abs(value - far(alike)[j]));
      expect(Math.max(...distances)).toBeGreaterThan(1e-3);
    }
  });

  test("a patch that does not divide the clip is refused", () => {
    const options = { shape, patch: 4, width: 16, depth: 1, heads: 2 };
    expect(() => transformerDenoiser({ ...options, patchFrames: 3 })).toThrow(
      "patchFrames: patches of 3 frames for 4; it must divide the number of frames",
    );
    expect(() => transformerDenoiser({ ...options, patch: 3 })).toThrow("patches of 3 for images of [1, 8, 8]");
    const event: EventType = { field: "video", shape: [1, 8, 8] };
    const network = transformerDenoiser(options);
    expect(() => diffusion({ event, network })).toThrow("it must be [frames, channels, height, width]");
  });
});

/** Frame t of clip i is one grey: 16 t + i. */
function greys(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 256 }, (_, at) => 16 * ((at >> 6) & 3) + (at >> 8));
}

describe("pictures", () => {
  const clips = { shape: [3, ...shape], data: greys(3) };

  test("a line of frames for each clip", () => {
    const { width, height, data } = framesPicture(clips);
    const [cell, padding] = [80, 2];
    expect([width, height]).toEqual([4 * (cell + padding) + padding, 3 * (cell + padding) + padding]);
    const at = (line: number, frame: number): number => data[(line * 82 + 40) * width + frame * 82 + 40];
    expect([at(0, 0), at(0, 3), at(2, 1)]).toEqual([0, 48, 18]);
  });

  test.each(["webp", "gif"] as const)("clips that move together, as %s", async (format) => {
    const bytes = await animateClips(clips, format, 3);
    const { pages, delay, loop, width, format: kind } = await sharp(bytes).metadata();
    expect({ pages, loop, width, kind }).toEqual({ pages: 4, loop: 0, width: 248, kind: format });
    expect(delay?.[3]).toBeGreaterThan(delay?.[0] ?? 0);
    const { data, info } = await sharp(bytes, { page: 3 }).raw().toBuffer({ resolveWithObject: true });
    for (const clip of [0, 1, 2]) {
      // Both formats round colours.
      expect(Math.abs(data[(40 * info.width + 82 * clip + 40) * info.channels] - (48 + clip))).toBeLessThan(4);
    }
  });
});

test("a run over clips: pictures, animations, samples, and clips gone on with", { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "galatea-video-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const preset = findPreset("video/diffusion");
  const config = parseConfig(preset.schema, {
    ...{ steps: 3, batchSize: 4, network: "transformer", patch: 4, width: 16, depth: 1, samplingSteps: 3 },
    ...{ sampleEvery: 2, averageDecay: 0 },
  });
  expect(preset.reading?.(config)).toEqual({ frames: 8, size: [32, 32] });
  const all = memoryDataset("squares", 12, {
    video: { dtype: "uint8", shape, data: greys(12) },
  });
  const data = { name: "squares", description: "", train: all, validation: all, test: all, notes: [] };
  const events: TrainEvent[] = [];
  for await (const event of train({ backend, preset, config, data, directory })) events.push(event);
  const pictures = events.flatMap((event) => (event.type === "picture" ? [[event.kind, event.path] as const] : []));
  const { samples } = runPaths(directory);
  expect(pictures).toContainEqual(["samples", join(samples, "samples.png")]);
  expect(pictures).toContainEqual(["animation", join(samples, "samples.webp")]);
  expect(pictures).toContainEqual(["course", join(samples, "course.webp")]);
  expect((await sharp(join(samples, "samples.webp")).metadata()).pages).toBe(4);

  const run = await openRun(directory, () => Promise.reject(new Error("none")));
  const sampler = await openSampler(backend, run);
  for (const [name, format, pages] of [
    ["a.webp", "webp", 4],
    ["a.gif", "gif", 4],
    ["a.png", "png", undefined],
  ] as const) {
    const path = join(directory, name);
    await sampler.picture({ count: 2, seed: 1 }, path);
    expect(await sharp(await readFile(path)).metadata()).toMatchObject({ format, ...(pages && { pages }) });
  }
  await sampler.dispose();

  const clips = { shape: [2, ...shape], data: greys(2) };
  const made = await continueClips({ backend, run, clips, known: 2, seed: 1 });
  expect(made.shape).toEqual([2, ...shape]);
  const first = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, i) => (i & 255) < 128);
  first(made.data).forEach((value, i) => {
    // x * 2 - 1 and back in float32.
    expect(value).toBeCloseTo(first(clips.data)[i] / 255, 5);
  });
  const rest = Array.from(made.data).filter((_, i) => (i & 255) >= 128);
  expect(
    rest.some((value, i) => Math.abs(value - Array.from(clips.data).filter((_, j) => (j & 255) >= 128)[i] / 255) > 0.1),
  ).toBe(true);
  const again = await continueClips({ backend, run, clips, known: 2, seed: 2 });
  expect(again.data).not.toEqual(made.data);
  await expect(continueClips({ backend, run, clips, known: 5, seed: 1 })).rejects.toThrow("a whole number from 0 to 4");
});
