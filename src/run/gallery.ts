/** Every picture of what a model makes that its fields and abilities allow. */

import type { Key, TensorType } from "../core/index.ts";
import type { Family, FieldTypes } from "../learn/models/index.ts";
import type { Dataset } from "./data/index.ts";
import type { PictureEvent } from "./events.ts";
import { columnsOf, gridOf, reconstructionPicture, translationPicture, walkPicture } from "./image-pictures.ts";
import { latentPicture } from "./latent-picture.ts";
import type { DeviceParameters, Model, Results } from "./model.ts";
import { drawPlots, encodePng, encodeSvg } from "./pictures/index.ts";
import { sampleRequest } from "./requests.ts";

/** The bytes of a PNG file, under the name of its kind. */
export interface NamedPicture {
  readonly kind: PictureEvent["kind"];
  readonly png: Uint8Array;
}

/** Whether a field is an image that can be drawn: [1 or 3, H, W]. */
function isImage(type: TensorType | undefined): boolean {
  return type?.shape.length === 3 && (type.shape[0] === 1 || type.shape[0] === 3);
}

/** Whether a field is a vector that can be drawn: two values at least. */
function isPoint(type: TensorType | undefined): boolean {
  return type?.shape.length === 1 && type.shape[0] >= 2;
}

/** Whether what a family makes can be drawn. */
export function makesPictures({ image, vector }: FieldTypes): boolean {
  return isImage(image) || isPoint(vector);
}

/** How many samples show what a model has learned: points say little each. */
export function samplesShown(family: Family): number {
  if (!isImage(family.outputs.image)) return 2000;
  return columnsOf(family) === undefined ? 64 : 8 * (columnsOf(family) ?? 8);
}

/**
 * Samples as a PNG file: images in a grid; of vectors the first two values as points of the plane.
 * @param others points to draw beside them, which also fix the axes
 */
export async function drawSamples(family: Family, samples: Results, others?: Float32Array): Promise<Uint8Array> {
  if (isImage(family.outputs.image)) return encodePng(gridOf(samples, columnsOf(family)));
  const points = firstTwo(samples.vector.data as Float32Array, family.outputs.vector.shape[0]);
  const range = others && squareAround(others);
  const panel = (title: string, drawn: Float32Array) => {
    return { kind: "points" as const, title, groups: [{ name: title, points: drawn }], ...(range && { range }) };
  };
  const count = samples.vector.shape[0];
  const panels = [...(others ? [panel("data", others)] : []), panel("samples", points)];
  return encodeSvg(await drawPlots({ title: `${count} points`, panels }));
}

function firstTwo(vectors: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: (2 * vectors.length) / width }, (_, i) => vectors[(i >> 1) * width + (i & 1)]);
}

function squareAround(points: Float32Array): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of points) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const room = 0.1 * (high - low) || 1;
  return [Number((low - room).toPrecision(2)), Number((high + room).toPrecision(2))];
}

/** The first points of a data set, where it holds vectors. */
async function pointsOf(family: Family, dataset: Dataset): Promise<Float32Array | undefined> {
  if (!isPoint(family.outputs.vector) || !dataset.fields.vector) return undefined;
  const indices = Array.from({ length: Math.min(2000, dataset.count) }, (_, i) => i);
  const { vector } = await dataset.gather(indices);
  return firstTwo(vector as Float32Array, dataset.fields.vector.shape[0]);
}

/**
 * Samples of the same noise for the same key, points beside those of the data; of a family that translates, examples and
 * their translations.
 */
export async function samplePicture(
  model: Model,
  parameters: DeviceParameters,
  key: Key,
  dataset: Dataset,
): Promise<NamedPicture> {
  const { family } = model;
  if (model.translate)
    return { kind: "samples", png: await encodePng(await translationPicture(model, parameters, dataset)) };
  const samples = await model.sample(parameters, key, sampleRequest(family, samplesShown(family)));
  return { kind: "samples", png: await drawSamples(family, samples, await pointsOf(family, dataset)) };
}

/** Every picture that the family's abilities allow. */
export async function allPictures(
  model: Model,
  parameters: DeviceParameters,
  key: Key,
  dataset: Dataset,
): Promise<readonly NamedPicture[]> {
  const { outputs } = model.family;
  if (!makesPictures(outputs)) return [];
  const pictures = [await samplePicture(model, parameters, key, dataset)];
  if (isImage(outputs.image)) {
    const rebuilt = await reconstructionPicture(model, parameters, dataset);
    if (rebuilt) pictures.push({ kind: "reconstructions", png: await encodePng(rebuilt) });
    const walk = await walkPicture(model, parameters, key, dataset);
    if (walk) pictures.push({ kind: "walk", png: await encodePng(walk) });
  }
  const latents = await latentPicture(model, parameters, dataset);
  if (latents) pictures.push({ kind: "latents", png: await encodeSvg(latents) });
  return pictures;
}
