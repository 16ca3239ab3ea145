/** Every picture of what a model makes that its fields and abilities allow. */

import type { Key, TensorType } from "../core/index.ts";
import type { Family, FieldTypes } from "../learn/models/index.ts";
import type { Dataset } from "./data/index.ts";
import type { PictureEvent } from "./events.ts";
import { columnsOf, gridOf, reconstructionPicture, translationPicture, walkPicture } from "./image-pictures.ts";
import { latentPicture } from "./latent-picture.ts";
import type { DeviceParameters, Model, Results } from "./model.ts";
import { animateClips, type Clips, drawPlots, encodePng, encodeSvg, framesPicture } from "./pictures/index.ts";
import { sampleRequest } from "./requests.ts";

/** The bytes of a picture file, under the name of its kind. */
export interface NamedPicture {
  readonly kind: PictureEvent["kind"];
  readonly format: "png" | "webp";
  readonly bytes: Uint8Array;
}

function png(kind: PictureEvent["kind"], bytes: Uint8Array): NamedPicture {
  return { kind, format: "png", bytes };
}

/** Whether a field is an image that can be drawn: [1 or 3, H, W]. */
function isImage(type: TensorType | undefined): boolean {
  return type?.shape.length === 3 && (type.shape[0] === 1 || type.shape[0] === 3);
}

/** Whether a field is a clip that can be drawn: [T, 1 or 3, H, W]. */
function isClip(type: TensorType | undefined): boolean {
  return type?.shape.length === 4 && (type.shape[1] === 1 || type.shape[1] === 3);
}

/** Whether a field is a vector that can be drawn: two values at least. */
function isPoint(type: TensorType | undefined): boolean {
  return type?.shape.length === 1 && type.shape[0] >= 2;
}

/** Whether what a family makes can be drawn. */
export function makesPictures({ image, vector, video }: FieldTypes): boolean {
  return isImage(image) || isPoint(vector) || isClip(video);
}

/** What samples are shown as when nobody says: clips move. */
export function usualFormat({ outputs }: Pick<Family, "outputs">): "png" | "webp" {
  return isClip(outputs.video) ? "webp" : "png";
}

/** How many samples show what a model has learned: points say little each. */
export function samplesShown(family: Family): number {
  // A clip is a line of frames.
  if (isClip(family.outputs.video)) return 2 * (columnsOf(family) ?? 8);
  if (!isImage(family.outputs.image)) return 2000;
  return columnsOf(family) === undefined ? 64 : 8 * (columnsOf(family) ?? 8);
}

/** Samples of clips as an animation, in a grid. */
export function animateSamples(family: Family, { video }: Results, format: "webp" | "gif"): Promise<Uint8Array> {
  return animateClips(clipsOf(video), format, columnsOf(family));
}

/**
 * Samples as a PNG file: images in a grid, clips as lines of their frames; of vectors the first two values as points of the plane.
 * @param others points to draw beside them, which also fix the axes
 */
export async function drawSamples(family: Family, samples: Results, others?: Float32Array): Promise<Uint8Array> {
  if (isImage(family.outputs.image)) return encodePng(gridOf(samples, columnsOf(family)));
  if (isClip(family.outputs.video)) return encodePng(framesPicture(clipsOf(samples.video)));
  const points = firstTwo(samples.vector.data as Float32Array, family.outputs.vector.shape[0]);
  const range = others && squareAround(others);
  const panel = (title: string, drawn: Float32Array) => {
    return { kind: "points" as const, title, groups: [{ name: title, points: drawn }], ...(range && { range }) };
  };
  const count = samples.vector.shape[0];
  const panels = [...(others ? [panel("data", others)] : []), panel("samples", points)];
  return encodeSvg(await drawPlots({ title: `${count} points`, panels }));
}

function clipsOf({ shape, data }: Results[string]): Clips {
  return { shape, data: data as Float32Array };
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
  if (model.translate) return png("samples", await encodePng(await translationPicture(model, parameters, dataset)));
  const samples = await model.sample(parameters, key, sampleRequest(family, samplesShown(family)));
  return png("samples", await drawSamples(family, samples, await pointsOf(family, dataset)));
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
  if (isClip(outputs.video)) {
    const samples = await model.sample(parameters, key, sampleRequest(model.family, samplesShown(model.family)));
    pictures.push({ kind: "animation", format: "webp", bytes: await animateSamples(model.family, samples, "webp") });
  }
  if (isImage(outputs.image)) {
    const rebuilt = await reconstructionPicture(model, parameters, dataset);
    if (rebuilt) pictures.push(png("reconstructions", await encodePng(rebuilt)));
    const walk = await walkPicture(model, parameters, key, dataset);
    if (walk) pictures.push(png("walk", await encodePng(walk)));
  }
  const latents = await latentPicture(model, parameters, dataset);
  if (latents) pictures.push(png("latents", await encodeSvg(latents)));
  return pictures;
}
