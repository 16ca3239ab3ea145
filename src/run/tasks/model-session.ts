/** A trained run at work: its model and weights on a backend, over any number of images. */

import { GalateaError, sizeOf } from "../../core/base/index.ts";
import type { Backend, HostTensor } from "../../engine/index.ts";
import type { Family } from "../../learn/models/index.ts";
import { createModel, type DeviceParameters, type HostBatch, type Model } from "../model.ts";
import { type OpenedRun, uploadWeights } from "../opened-run.ts";
import { sampleRequest } from "../requests.ts";

export interface TaskOptions {
  readonly backend: Backend;
  readonly run: OpenedRun;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ModelSession {
  readonly model: Model;
  readonly parameters: DeviceParameters;
}

/** Does something with a run's model, and frees it. */
export async function withModel<T>(
  { backend, run }: TaskOptions,
  work: (session: ModelSession) => Promise<T>,
): Promise<T> {
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, run.family);
  try {
    return await work({ model, parameters });
  } finally {
    await model.dispose();
  }
}

/**
 * The shape [C, H, W] of the images that a run reads.
 * @throws GalateaError `usage` when it reads none.
 */
export function imageShapeOf({ family, preset }: OpenedRun): readonly number[] {
  const { image } = family.inputs;
  if (image?.shape.length === 3) return image.shape;
  throw new GalateaError("usage", preset.name, "does not read images", "name a run that was trained on images");
}

/** Refuses what a family cannot do, naming what can. */
export function requireAbility(run: OpenedRun, has: boolean, what: string, right: string): void {
  if (!has) throw new GalateaError("usage", run.preset.name, `cannot ${what}`, right);
}

/** Images worked on at once, which bounds memory. */
const imagesAtOnce = 64;

/** Pixel values of images [N, C, H, W] or clips [N, T, C, H, W]: bytes, or floats from 0 to 1. */
export interface ImageArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Float32Array;
}

/**
 * Applies a function of batches to images, part by part; the last part is filled up, so that one program serves all.
 * @param labels of each image, for families that read them
 * @returns what the function gives, joined along the first axis, by name
 */
export function mapImages(
  options: TaskOptions,
  images: ImageArray,
  labels: Int32Array | undefined,
  work: (batch: HostBatch, part: number) => Promise<Readonly<Record<string, HostTensor>>>,
): Promise<Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>> {
  return mapExamples(options, "image", images, labels, work);
}

/** The same of any field of pixels. */
export async function mapExamples(
  options: TaskOptions,
  field: "image" | "video",
  { shape, data }: ImageArray,
  labels: Int32Array | undefined,
  work: (batch: HostBatch, part: number) => Promise<Readonly<Record<string, HostTensor>>>,
): Promise<Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>> {
  const [count, ...rest] = shape;
  const size = sizeOf(rest);
  const atOnce = Math.min(imagesAtOnce, count);
  const joined: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (let start = 0, part = 0; start < count; start += atOnce, part++) {
    options.signal?.throwIfAborted();
    const kept = Math.min(atOnce, count - start);
    const pixels = data instanceof Uint8Array ? new Uint8Array(atOnce * size) : new Float32Array(atOnce * size);
    pixels.set(data.subarray(start * size, (start + kept) * size));
    const examples: HostTensor = {
      dtype: data instanceof Uint8Array ? "uint8" : "float32",
      shape: [atOnce, ...rest],
      data: pixels,
    };
    const own = labels && Int32Array.from({ length: atOnce }, (_, i) => labels[Math.min(start + i, count - 1)]);
    const results = await work(batchOf(options.run.family, { [field]: examples }, own), part);
    for (const [name, result] of Object.entries(results)) {
      const each = sizeOf(result.shape.slice(1));
      joined[name] ??= { shape: [count, ...result.shape.slice(1)], data: new Float32Array(count * each) };
      joined[name].data.set((result.data as Float32Array).subarray(0, kept * each), start * each);
    }
    options.onProgress?.(start + kept, count);
  }
  return joined;
}

/** A batch of images or clips, with labels where the family reads them. */
function batchOf(family: Family, examples: HostBatch, labels: Int32Array | undefined): HostBatch {
  if (!family.inputs.label) return examples;
  const [{ shape }] = Object.values(examples);
  const [count] = shape;
  if (labels) return { ...examples, label: { dtype: "int32", shape: [count], data: labels } };
  const { conditions } = sampleRequest(family, count);
  throw new GalateaError(
    "usage",
    family.name,
    "reads labels",
    `say what the images are: --condition label=... (${Object.keys(conditions).join(", ")})`,
  );
}
