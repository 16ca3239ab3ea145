/** Pictures of images that a model makes: samples, reconstructions beside originals, a walk through latent space. */

import { foldKey, type Key } from "../core/base/index.ts";
import type { HostTensor } from "../engine/index.ts";
import type { Family } from "../learn/models/index.ts";
import type { Dataset } from "./data/index.ts";
import { type DeviceParameters, type HostBatch, type Model, type Results, toHostBatch } from "./model.ts";
import { grid, type ImageValues, type Picture, rows } from "./pictures/index.ts";
import { sampleRequest } from "./requests.ts";

/** Pixel values of a tensor [N, C, H, W]. */
export function valuesOf(tensor: HostTensor): ImageValues {
  return tensor.data as ImageValues;
}

/** Images side by side; of conditional models, as many in a line as there are classes. */
export function gridOf({ image }: Results, columns?: number): Picture {
  return grid(valuesOf(image), image.shape, columns === undefined ? {} : { columns });
}

/** How many images of samples stand in a line, so that the classes that take turns stand below one another. */
export function columnsOf({ conditions = {} }: Pick<Family, "conditions">): number | undefined {
  const classes = Object.values(conditions).flatMap((condition) => condition.classes ?? []);
  return classes.length > 0 && classes[0] <= 16 ? classes[0] : undefined;
}

/** Originals in odd lines, their reconstructions below each. */
export async function reconstructionPicture(
  model: Model,
  parameters: DeviceParameters,
  dataset: Dataset,
): Promise<Picture | undefined> {
  if (!model.reconstruct) return undefined;
  const batch = await firstExamples(model.family, dataset, Math.min(32, dataset.count));
  const { image } = await model.reconstruct(parameters, batch);
  return rows([valuesOf(batch.image), valuesOf(image)], image.shape, { columns: 16 });
}

/** Lines of examples: each field of images, with what the direction of the same number makes of it below. */
export async function translationPicture(
  model: Model,
  parameters: DeviceParameters,
  dataset: Dataset,
): Promise<Picture> {
  const { family } = model;
  const batch = await firstExamples(family, dataset, Math.min(32, dataset.count));
  const fields = Object.keys(family.inputs).filter((name) => family.inputs[name].shape.length === 3);
  const lines: ImageValues[] = [];
  for (const [i, field] of fields.entries()) {
    lines.push(valuesOf(batch[field]));
    const direction = family.directions?.[i];
    const made = direction === undefined ? undefined : await model.translate?.(parameters, batch, direction);
    if (made) lines.push(valuesOf(made.image));
  }
  return rows(lines, batch[fields[0]].shape, { columns: 16 });
}

const walk = { lines: 8, columns: 12 };

/**
 * Images decoded along the way between codes: a line of the picture goes from one code to the next. The codes are
 * those of examples, or random ones where the model cannot encode.
 */
export async function walkPicture(
  model: Model,
  parameters: DeviceParameters,
  key: Key,
  dataset: Dataset,
): Promise<Picture | undefined> {
  const { lines, columns } = walk;
  if (!model.decode || dataset.count < 2) return undefined;
  const ends = Math.min(lines + 1, dataset.count);
  const batch = model.encode && (await firstExamples(model.family, dataset, ends));
  const codes = batch
    ? await model.encode?.(parameters, batch)
    : await model.drawLatents?.(parameters, foldKey(key, 0), ends);
  if (!codes) return undefined;
  const [, size] = codes.shape;
  const values = codes.data as Float32Array;
  const path = new Float32Array((ends - 1) * columns * size);
  for (let cell = 0; cell < (ends - 1) * columns; cell++) {
    const line = Math.floor(cell / columns);
    const [from, to] = [line, line + 1].map((end) => values.subarray(end * size, (end + 1) * size));
    path.set(between(from, to, (cell % columns) / (columns - 1)), cell * size);
  }
  const count = (ends - 1) * columns;
  const latents: HostTensor = { dtype: "float32", shape: [count, size], data: path };
  const { image } = await model.decode(parameters, latents, walkConditions(model.family, batch, count));
  return grid(valuesOf(image), image.shape, { columns });
}

/** Of each line, what the example is that it begins at. */
function walkConditions(family: Family, batch: HostBatch | undefined, count: number): HostBatch {
  const { conditions } = sampleRequest(family, count);
  const named = Object.entries(conditions).map(([name, given]) => {
    const labels = batch?.[name]?.data;
    if (!labels) return [name, given] as const;
    const data = Int32Array.from({ length: count }, (_, cell) => Number(labels[Math.floor(cell / walk.columns)]));
    return [name, { ...given, data }] as const;
  });
  return Object.fromEntries(named);
}

/**
 * A code between two: on the arc between them, so that it is as long as random codes are; on the straight line where
 * they have no angle to speak of.
 *
 * Source: Shoemake, "Animating rotation with quaternion curves" (1985); White, "Sampling generative networks" (2016).
 */
export function between(from: Float32Array, to: Float32Array, share: number): Float32Array {
  let [dot, a, b] = [0, 0, 0];
  for (let i = 0; i < from.length; i++) {
    dot += from[i] * to[i];
    a += from[i] * from[i];
    b += to[i] * to[i];
  }
  const angle = Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(a * b || 1))));
  const arc = Math.sin(angle) > 1e-3;
  const [first, second] = arc
    ? [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)]
    : [1 - share, share];
  return from.map((value, i) => first * value + second * to[i]);
}

async function firstExamples(family: Family, dataset: Dataset, count: number): Promise<HostBatch> {
  const indices = Array.from({ length: count }, (_, i) => i);
  return toHostBatch(family, await dataset.gather(indices), count);
}
