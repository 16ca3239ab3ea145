/** Changing images with a trained model: another style, missing parts filled in, ways from one image to another, more of
 * an attribute. */

import { foldKey, GalateaError, keyFromSeed } from "../../core/base/index.ts";
import type { HostTensor } from "../../engine/index.ts";
import { between } from "../image-pictures.ts";
import type { HostBatch } from "../model.ts";
import { askedClass, noWishes, sampleRequest, type Wishes } from "../requests.ts";
import { toFloats } from "./denoise.ts";
import {
  type ImageArray,
  imageShapeOf,
  type ModelSession,
  mapImages,
  requireAbility,
  type TaskOptions,
  withModel,
} from "./model-session.ts";

export interface TranslateOptions extends TaskOptions {
  readonly images: ImageArray;
  /** One of the family's directions; its first where absent. */
  readonly direction?: string;
}

/**
 * Images in the style of the other domain: float32 [N, C, H, W] in [0, 1].
 * @throws GalateaError `usage` when the model has no such direction.
 */
export async function translate(options: TranslateOptions): Promise<ImageArray> {
  const { run, images } = options;
  const { directions = [] } = run.family;
  requireAbility(run, directions.length > 0, "change styles", "train style/cyclegan");
  const direction = options.direction ?? directions[0];
  if (!directions.includes(direction)) {
    throw new GalateaError("usage", "--direction", `got ${direction}`, `it is one of ${directions.join(", ")}`);
  }
  return withModel(options, async ({ model, parameters }) => {
    const field = Object.keys(run.family.outputs)[0];
    const results = await mapImages(options, images, undefined, async ({ image }) => {
      // Whichever field a direction reads, it gets the images.
      const fields = Object.keys(run.family.inputs);
      const batch: HostBatch = Object.fromEntries(fields.map((name) => [name, image]));
      return (await model.translate?.(parameters, batch, direction)) ?? {};
    });
    return results[field] ?? Object.values(results)[0];
  });
}

export interface InpaintOptions extends TaskOptions {
  readonly images: ImageArray;
  /** [H, W]: 1 where a pixel is known, 0 where it is to be made. */
  readonly mask: Float32Array;
  readonly seed: number;
  readonly labels?: Int32Array;
}

/**
 * Images with the pixels made anew that the mask does not know: float32 [N, C, H, W] in [0, 1].
 * @throws GalateaError `usage` when the model cannot; `data` when the mask does not fit.
 */
export async function inpaint(options: InpaintOptions): Promise<ImageArray> {
  const { run, images, mask, seed, labels } = options;
  requireAbility(run, run.family.inpaint !== undefined, "fill in images", "train a diffusion model or digits/pixelcnn");
  const [, height, width] = imageShapeOf(run);
  if (mask.length !== height * width) {
    throw new GalateaError("data", "mask", `${mask.length} values`, `images of ${height} x ${width} need as many`);
  }
  return withModel(options, async ({ model, parameters }) => {
    const known: HostTensor = { dtype: "float32", shape: [1, 1, height, width], data: mask };
    const { image } = await mapImages(options, toFloats(images), labels, async (batch, part) => {
      return (await model.inpaint?.(parameters, batch, foldKey(keyFromSeed(seed), part), known)) ?? {};
    });
    return image;
  });
}

/** An end of a way: a random sample by its seed, or an image [1, C, H, W] of bytes. */
export type WayEnd = { readonly seed: number } | { readonly image: ImageArray };

export interface WayOptions extends TaskOptions {
  readonly from: WayEnd;
  readonly to: WayEnd;
  /** Number of images, ends included. */
  readonly count: number;
  readonly wishes?: Wishes;
}

/**
 * Images along the way from one code to another: float32 [count, C, H, W] in [0, 1].
 * @throws GalateaError `usage` when the model has no latent codes.
 */
export async function interpolate(options: WayOptions): Promise<ImageArray> {
  const { run, from, to, count, wishes } = options;
  return withModel(options, async (session) => {
    const ends = [await codeOf(options, session, from), await codeOf(options, session, to)];
    const [{ length: size }] = ends;
    const path = new Float32Array(count * size);
    for (let i = 0; i < count; i++) path.set(between(ends[0], ends[1], count === 1 ? 0 : i / (count - 1)), i * size);
    return decodeCodes(run, session, path, size, wishes);
  });
}

async function decodeCodes(
  { family }: TaskOptions["run"],
  { model, parameters }: ModelSession,
  codes: Float32Array,
  size: number,
  wishes?: Wishes,
): Promise<ImageArray> {
  const count = codes.length / size;
  const latents: HostTensor = { dtype: "float32", shape: [count, size], data: codes };
  const told = wishes ?? { conditions: firstClasses(family.conditions), controls: {} };
  const results = await model.decode?.(parameters, latents, sampleRequest(family, count, told).conditions);
  if (!results) throw new GalateaError("internal", family.name, "does not decode");
  return { shape: results.image.shape, data: results.image.data as Float32Array };
}

/** One class for a whole way, so that only the code changes. */
function firstClasses(
  conditions: TaskOptions["run"]["family"]["conditions"] = {},
): Readonly<Record<string, Int32Array>> {
  return Object.fromEntries(Object.keys(conditions).map((name) => [name, Int32Array.of(0)]));
}

async function codeOf(options: WayOptions, { model, parameters }: ModelSession, end: WayEnd): Promise<Float32Array> {
  const { run } = options;
  requireAbility(run, model.decode !== undefined, "decode codes", "train a VAE, a GAN, a flow or a diffusion model");
  if ("seed" in end) {
    requireAbility(run, model.drawLatents !== undefined, "draw codes", "name images for both ends");
    const codes = await model.drawLatents?.(parameters, keyFromSeed(end.seed), 1);
    return codes?.data as Float32Array;
  }
  requireAbility(run, model.encode !== undefined, "encode images", "give seeds for both ends");
  const label = run.family.inputs.label && Int32Array.of(askedClass(options.wishes ?? noWishes, "label") ?? 0);
  const encoded = await mapImages(options, end.image, label, async (batch) => {
    const codes = await model.encode?.(parameters, batch);
    return codes ? { codes } : {};
  });
  return encoded.codes.data;
}

export interface AttributeOptions extends TaskOptions {
  /** The image to change, [1, C, H, W] of bytes. */
  readonly image: ImageArray;
  /** Examples of the attribute, and without it: [N, C, H, W] of bytes. */
  readonly having: ImageArray;
  readonly lacking: ImageArray;
  /** How much of the attribute's direction is added to each image. */
  readonly amounts: readonly number[];
}

/**
 * An image with less and more of an attribute: float32 [amounts, C, H, W] in [0, 1].
 *
 * code + amount (mean code of examples that have it - mean code of those that lack it)
 * @throws GalateaError `usage` when the model cannot encode and decode.
 *
 * Source: Larsen et al., "Autoencoding beyond pixels using a learned similarity metric" (2016).
 */
export async function addAttribute(options: AttributeOptions): Promise<ImageArray> {
  const { run, image, having, lacking, amounts } = options;
  return withModel(options, async (session) => {
    const { model, parameters } = session;
    const able = model.encode !== undefined && model.decode !== undefined && run.family.inputs.label === undefined;
    requireAbility(run, able, "add attributes to images", "train a VAE or a flow that is not told labels");
    const codes = async (images: ImageArray): Promise<Float32Array> => {
      const encoded = await mapImages(options, images, undefined, async (batch) => {
        const each = await model.encode?.(parameters, batch);
        return each ? { codes: each } : {};
      });
      return encoded.codes.data;
    };
    const own = await codes(image);
    const [present, absent] = [meanOf(await codes(having), own.length), meanOf(await codes(lacking), own.length)];
    const path = new Float32Array(amounts.length * own.length);
    for (const [i, amount] of amounts.entries()) {
      path.set(
        own.map((value, d) => value + amount * (present[d] - absent[d])),
        i * own.length,
      );
    }
    return decodeCodes(run, session, path, own.length);
  });
}

function meanOf(codes: Float32Array, size: number): Float32Array {
  const mean = new Float32Array(size);
  for (let i = 0; i < codes.length; i++) mean[i % size] += codes[i] / (codes.length / size);
  return mean;
}
