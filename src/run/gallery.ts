/** Pictures of what a model makes: samples, reconstructions beside originals, a walk through latent space. */

import type { Key, TensorType } from "../core/index.ts";
import type { HostTensor } from "../engine/index.ts";
import type { Family, FieldTypes } from "../learn/models/index.ts";
import type { Dataset } from "./data/index.ts";
import type { PictureEvent } from "./events.ts";
import { type DeviceParameters, type Model, type Results, toHostBatch } from "./model.ts";
import { grid, type ImageValues, type Picture, rows } from "./pictures/index.ts";
import { sampleRequest } from "./requests.ts";

/** A picture to write, under the name of its kind. */
export interface NamedPicture {
  readonly kind: PictureEvent["kind"];
  readonly picture: Picture;
}

/** Whether a field is an image that can be drawn: [1 or 3, H, W]. */
function isImage(type: TensorType | undefined): type is TensorType {
  return type?.shape.length === 3 && (type.shape[0] === 1 || type.shape[0] === 3);
}

/** Whether a family makes pictures. */
export function makesImages(outputs: FieldTypes): boolean {
  return isImage(outputs.image);
}

function valuesOf(tensor: HostTensor): ImageValues {
  return tensor.data as ImageValues;
}

export function gridOf(results: Results): Picture {
  return grid(valuesOf(results.image), results.image.shape);
}

/**
 * A grid of samples, the same noise for the same key; of a family that translates, examples and their translations.
 */
export async function samplePicture(
  model: Model,
  parameters: DeviceParameters,
  key: Key,
  count: number,
  dataset: Dataset,
): Promise<NamedPicture> {
  if (model.translate) return { kind: "samples", picture: await translationPicture(model, parameters, dataset) };
  return { kind: "samples", picture: gridOf(await model.sample(parameters, key, sampleRequest(model.family, count))) };
}

/** Lines of examples: each field of images, with what the direction of the same number makes of it below. */
async function translationPicture(model: Model, parameters: DeviceParameters, dataset: Dataset): Promise<Picture> {
  const { family } = model;
  const batch = await firstExamples(family, dataset, Math.min(32, dataset.count));
  const fields = Object.keys(family.inputs).filter((name) => isImage(family.inputs[name]));
  const lines: ImageValues[] = [];
  for (const [i, field] of fields.entries()) {
    lines.push(valuesOf(batch[field]));
    const direction = family.directions?.[i];
    const made = direction === undefined ? undefined : await model.translate?.(parameters, batch, direction);
    if (made) lines.push(valuesOf(made.image));
  }
  return rows(lines, batch[fields[0]].shape, { columns: 16 });
}

/** Originals in odd lines, their reconstructions below each. */
async function reconstructionPicture(
  model: Model,
  parameters: DeviceParameters,
  dataset: Dataset,
): Promise<NamedPicture[]> {
  if (!model.reconstruct) return [];
  const count = Math.min(32, dataset.count);
  const batch = await firstExamples(model.family, dataset, count);
  const { image } = await model.reconstruct(parameters, batch);
  return [
    { kind: "reconstructions", picture: rows([valuesOf(batch.image), valuesOf(image)], image.shape, { columns: 16 }) },
  ];
}

/**
 * Images decoded along straight lines between the codes of examples: a line of the picture goes from one
 * example to the next.
 */
async function walkPicture(model: Model, parameters: DeviceParameters, dataset: Dataset): Promise<NamedPicture[]> {
  if (!model.encode || !model.decode) return [];
  const lines = 8;
  const columns = 12;
  if (dataset.count < 2) return [];
  const ends = Math.min(lines + 1, dataset.count);
  const codes = await model.encode(parameters, await firstExamples(model.family, dataset, ends));
  const [, size] = codes.shape;
  const values = codes.data as Float32Array;
  const path = new Float32Array((ends - 1) * columns * size);
  for (let cell = 0; cell < (ends - 1) * columns; cell++) {
    const line = Math.floor(cell / columns);
    const share = (cell % columns) / (columns - 1);
    for (let i = 0; i < size; i++) {
      path[cell * size + i] = (1 - share) * values[line * size + i] + share * values[(line + 1) * size + i];
    }
  }
  const latents: HostTensor = { dtype: "float32", shape: [(ends - 1) * columns, size], data: path };
  const { conditions } = sampleRequest(model.family, latents.shape[0]);
  const { image } = await model.decode(parameters, latents, conditions);
  return [{ kind: "walk", picture: grid(valuesOf(image), image.shape, { columns }) }];
}

async function firstExamples(family: Family, dataset: Dataset, count: number) {
  const indices = Array.from({ length: count }, (_, i) => i);
  return toHostBatch(family, await dataset.gather(indices), count);
}

/** Every picture that the family's abilities allow. */
export async function allPictures(
  model: Model,
  parameters: DeviceParameters,
  key: Key,
  dataset: Dataset,
): Promise<readonly NamedPicture[]> {
  if (!makesImages(model.family.outputs)) return [];
  return [
    await samplePicture(model, parameters, key, 64, dataset),
    ...(await reconstructionPicture(model, parameters, dataset)),
    ...(await walkPicture(model, parameters, dataset)),
  ];
}
