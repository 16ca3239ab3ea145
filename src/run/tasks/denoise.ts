/** Denoising images with a trained model, and how well that is done beside a plain filter. */

import { foldKey, type Key, keyFromSeed, randomUniform } from "../../core/base/index.ts";
import { peakSignalToNoise, structuralSimilarity } from "../metrics/index.ts";
import {
  type ImageArray,
  imageShapeOf,
  mapImages,
  requireAbility,
  type TaskOptions,
  withModel,
} from "./model-session.ts";

export interface DenoiseOptions extends TaskOptions {
  /** Noisy images [N, C, H, W]. */
  readonly images: ImageArray;
  /** Standard deviation of their noise, of values from 0 to 1. */
  readonly noise: number;
  readonly seed: number;
  /** Of each image, for models that are told what it shows. */
  readonly labels?: Int32Array;
}

/**
 * Images without their noise: float32 [N, C, H, W] in [0, 1].
 * @throws GalateaError `usage` when the model cannot denoise.
 */
export async function denoise(options: DenoiseOptions): Promise<ImageArray> {
  const { run, images, noise, seed, labels } = options;
  requireAbility(run, run.family.denoise !== undefined, "denoise", "train digits/denoising-vae or a diffusion model");
  imageShapeOf(run);
  return withModel(options, async ({ model, parameters }) => {
    const { image } = await mapImages(options, toFloats(images), labels, async (batch, part) => {
      return (await model.denoise?.(parameters, batch, foldKey(keyFromSeed(seed), part), noise)) ?? {};
    });
    return image;
  });
}

/** Values from 0 to 1. */
export function toFloats({ shape, data }: ImageArray): {
  readonly shape: readonly number[];
  readonly data: Float32Array;
} {
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data, (value) => value / 255) };
}

/** Images with normal noise of this standard deviation; values may leave 0 to 1. */
export function addNoise(images: ImageArray, noise: number, key: Key): ImageArray {
  const { shape, data } = toFloats(images);
  const normal = (i: number): number =>
    Math.sqrt(-2 * Math.log(randomUniform(key, 2 * i))) * Math.cos(2 * Math.PI * randomUniform(key, 2 * i + 1));
  return { shape, data: data.map((value, i) => value + noise * normal(i)) };
}

/** A median over 3 x 3 pixels of each image: what an image library does about noise. */
export async function medianFilter(images: ImageArray): Promise<ImageArray> {
  const { default: sharp } = await import("sharp");
  const { shape, data } = toFloats(images);
  const [count, channels, height, width] = shape;
  const area = height * width;
  const out = new Float32Array(data.length);
  for (let plane = 0; plane < count * channels; plane++) {
    const bytes = Uint8Array.from(data.subarray(plane * area, (plane + 1) * area), (value) =>
      Math.round(255 * Math.min(1, Math.max(0, value))),
    );
    const filtered = await sharp(bytes, { raw: { width, height, channels: 1 } })
      .median(3)
      .toColourspace("b-w")
      .raw()
      .toBuffer();
    for (let i = 0; i < area; i++) out[plane * area + i] = filtered[i] / 255;
  }
  return { shape, data: out };
}

/** How near images are to those they should be, in the mean. */
export interface Fidelity {
  /** Peak signal-to-noise ratio, decibels. */
  readonly psnr: number;
  /** Structural similarity, at most 1. */
  readonly ssim: number;
}

export interface DenoiseJudgement {
  readonly images: number;
  readonly noise: number;
  /** Of the noisy images, of a median over 3 x 3 pixels, and of the model. */
  readonly noisy: Fidelity;
  readonly median: Fidelity;
  readonly model: Fidelity;
}

/**
 * Adds noise to clean images, takes it out again, and compares.
 * @returns the comparison, with the noisy and the denoised images
 */
export async function judgeDenoising(
  options: Omit<DenoiseOptions, "images"> & { readonly clean: ImageArray },
): Promise<{ readonly judgement: DenoiseJudgement; readonly noisy: ImageArray; readonly denoised: ImageArray }> {
  const { clean, noise, seed } = options;
  const noisy = addNoise(clean, noise, foldKey(keyFromSeed(seed), 0x6e6f6973));
  const denoised = await denoise({ ...options, images: noisy });
  const wanted = toFloats(clean);
  const median = await medianFilter(noisy);
  const judgement: DenoiseJudgement = {
    images: clean.shape[0],
    noise,
    noisy: fidelity(noisy, wanted),
    median: fidelity(median, wanted),
    model: fidelity(denoised, wanted),
  };
  return { judgement, noisy, denoised };
}

/** PSNR is that of the mean squared error of all images: single equal images would make the mean infinite. */
export function fidelity(images: ImageArray, wanted: ImageArray): Fidelity {
  const clipped = { shape: images.shape, data: toFloats(images).data.map((value) => Math.min(1, Math.max(0, value))) };
  const ratios = peakSignalToNoise(clipped, wanted);
  const error = ratios.reduce((sum, ratio) => sum + 10 ** (-ratio / 10), 0) / ratios.length;
  const similarities = structuralSimilarity(clipped, wanted);
  return {
    psnr: -10 * Math.log10(error),
    ssim: similarities.reduce((sum, similarity) => sum + similarity, 0) / similarities.length,
  };
}
