/** Diffusion and flow matching under contract. */

import {
  diffusion,
  type Family,
  flowMatching,
  mlpDenoiser,
  transformerDenoiser,
  unetDenoiser,
} from "../../src/learn/models/index.ts";
import { type NoiseSchedule, noiseSchedule } from "../../src/learn/prob/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import { pixelMoments } from "./digits.ts";
import { eightGaussians } from "./points.ts";
import { type FamilyUnderContract, shape } from "./under-contract.ts";

function diffusing(
  name: string,
  given: Pick<FamilyUnderContract, "family" | "steps" | "bound"> & Partial<FamilyUnderContract>,
): FamilyUnderContract {
  return { learningRate: 0.006, running: [], ...given, name };
}

/** Points of eight Gaussians around 0, as many as there are digits. */
const points = eightGaussians(256);

function pointsFields(start: number, count: number): HostBatch {
  return { vector: { dtype: "float32", shape: [count, 2], data: points.slice(2 * start, 2 * (start + count)) } };
}

/** Clips of four frames in which a bright square moves by two pixels a frame, as many as there are digits. */
const clipShape = [4, 1, 8, 8];
const clipSize = 256;
const clips = movingSquares(256);

function movingSquares(count: number): Uint8Array {
  const video = new Uint8Array(count * clipSize);
  for (let at = 0; at < video.length; at++) {
    const [clip, t, row, column] = [Math.floor(at / 256), (at >> 6) & 3, (at >> 3) & 7, at & 7];
    // Rows 0, 2 and 4; from every second column, to the right or to the left, around the edge.
    const [top, left] = [2 * (clip % 3), (2 * (Math.floor(clip / 3) % 4) + (clip % 2 === 0 ? 2 : 6) * t) % 8];
    if (row >= top && row < top + 4 && (column - left + 8) % 8 < 4) video[at] = 255;
  }
  return video;
}

function clipFields(start: number, count: number): HostBatch {
  const data = clips.slice(start * clipSize, (start + count) * clipSize);
  return { video: { dtype: "uint8", shape: [count, ...clipShape], data } };
}

/** Variance of the points' values, which `prepare` scales them to. */
const spread = 1;

/** Error of v that is left when of the data only their variance is known, v / (a^2 v + b^2). */
function errorOfV(variance: number, { alphaBars }: NoiseSchedule): number {
  return alphaBars.reduce((sum, a) => sum + variance / (a * variance + 1 - a) / alphaBars.length, 0);
}

/** Error of a model of clips that knows each pixel's mean and variance. */
const aloneInClips = (): number => {
  const schedule = noiseSchedule("cosine", 1000);
  const variances = Array.from({ length: clipSize }, (_, pixel) => {
    const mean = Array.from({ length: 256 }, (_, clip) => clips[clip * clipSize + pixel] / 255 / 256);
    const share = mean.reduce((sum, value) => sum + value, 0);
    return 4 * share * (1 - share);
  });
  return variances.reduce((sum, variance) => sum + errorOfV(variance, schedule) / clipSize, 0);
};

export const diffusionUnderContract: readonly FamilyUnderContract[] = [
  diffusing("mlp diffusion of points", {
    family: diffusion({
      event: { field: "vector", shape: [2] },
      network: mlpDenoiser({ size: 2, width: 64, depth: 2 }),
      samplingSteps: 20,
      odeSteps: 10,
    }) as Family,
    fields: pointsFields,
    steps: 300,
    bound: () => errorOfV(spread, noiseSchedule("cosine", 1000)),
    running: ["scaling.mean", "scaling.deviation"],
  }),
  diffusing("mlp flow matching of points", {
    family: flowMatching({
      event: { field: "vector", shape: [2] },
      network: mlpDenoiser({ size: 2, width: 64, depth: 2 }),
      samplingSteps: 10,
      odeSteps: 10,
      times: "uniform",
    }) as Family,
    fields: pointsFields,
    steps: 300,
    // Of the velocity x - e: v - (a v - b)^2 / (a^2 v + b^2) + 1, a = t, b = 1 - t, in the mean over t.
    bound: () => {
      const times = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
      const left = (t: number): number => spread + 1 - (t * spread - (1 - t)) ** 2 / (t * t * spread + (1 - t) ** 2);
      return times.reduce((sum, t) => sum + left(t) / times.length, 0);
    },
    running: ["scaling.mean", "scaling.deviation"],
  }),
  diffusing("diffusion transformer of clips", {
    family: diffusion({
      event: { field: "video", shape: clipShape },
      network: transformerDenoiser({ shape: clipShape, patch: 4, patchFrames: 2, width: 48, depth: 2, heads: 4 }),
      samplingSteps: 5,
      odeSteps: 6,
    }) as Family,
    fields: clipFields,
    steps: 200,
    bound: aloneInClips,
  }),
  diffusing("diffusion U-Net of clips", {
    family: diffusion({
      event: { field: "video", shape: clipShape },
      network: unetDenoiser({ shape: clipShape, channels: [8, 16], groups: 4 }),
      samplingSteps: 5,
      odeSteps: 6,
    }) as Family,
    fields: clipFields,
    steps: 200,
    bound: aloneInClips,
  }),
  diffusing("conditional diffusion transformer", {
    family: diffusion({
      event: { field: "image", shape },
      network: transformerDenoiser({ shape, patch: 7, width: 48, depth: 2, heads: 4, classes: 10 }),
      classes: 10,
      samplingSteps: 5,
      odeSteps: 6,
    }) as Family,
    steps: 200,
    // A model that knows each pixel's mean and variance.
    bound: (images) => {
      const moments = pixelMoments(images);
      const schedule = noiseSchedule("cosine", 1000);
      return moments.reduce((sum, { variance }) => sum + errorOfV(4 * variance, schedule) / moments.length, 0);
    },
  }),
];
