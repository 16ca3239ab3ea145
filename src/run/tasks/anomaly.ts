/** Scores that say how odd an image is to a model that was trained on normal ones, and maps of where. */

import { foldKey, GalateaError, keyFromSeed, sizeOf } from "../../core/base/index.ts";
import { grad, type Tensor, type TensorTree } from "../../core/index.ts";
import { type HostTensor, jit } from "../../engine/index.ts";
import type { TensorBatch } from "../../learn/models/index.ts";
import { areaUnderRoc } from "../metrics/index.ts";
import { keyTensor } from "../model.ts";
import {
  type ImageArray,
  imageShapeOf,
  mapImages,
  requireAbility,
  type TaskOptions,
  withModel,
} from "./model-session.ts";

export interface AnomalyOptions extends TaskOptions {
  /** Images [N, C, H, W], bytes. */
  readonly images: ImageArray;
  /** Of each image, for models that are told what it shows. */
  readonly labels?: Int32Array;
  readonly seed: number;
  /** Also make maps of where each image is odd. */
  readonly maps?: boolean;
}

/** Scores by name, higher being odder: [N] each. */
export interface AnomalyScores {
  readonly scores: Readonly<Record<string, Float32Array>>;
  /** [N, H, W], 0 and more: how far a pixel is from what the model expects of it. */
  readonly maps?: Float32Array;
}

/** Importance samples of a bound on log p. */
const samples = 16;

/**
 * Judges how odd images are.
 *
 * `likelihood` is -log p (or its bound) in nats; `squaredError` the squared difference from what the model makes of
 * the image, summed over its values; a family's own scores keep their names. Maps show the absolute difference from the
 * reconstruction, or, where the model has none or an exact one, |d log p / d x|.
 * @throws GalateaError `usage` when the model can do neither.
 */
export async function scoreAnomalies(options: AnomalyOptions): Promise<AnomalyScores> {
  const { backend, run, images, labels, seed } = options;
  const { family } = run;
  imageShapeOf(run);
  const rebuilds = family.reconstruct !== undefined && !family.exact;
  const judges = family.logProb !== undefined || family.score !== undefined;
  requireAbility(
    run,
    rebuilds || judges,
    "judge images",
    "train a VAE, a flow, an autoregressive or a diffusion model",
  );
  const [, height, width] = imageShapeOf(run);
  return withModel(options, async ({ model, parameters }) => {
    const gradients = jit(backend, "gradient of log p", (given) => {
      const args = given as unknown as { parameters: TensorTree; batch: TensorBatch; key: Tensor };
      const image = args.batch.image.cast("float32").mul(1 / 255);
      const own = { samples: 1, key: args.key };
      const logProb = family.logProb?.(args.parameters, { ...args.batch, image }, own);
      if (!logProb) throw new GalateaError("internal", family.name, "has no density");
      return { map: grad(logProb.sum(), { image }).image.abs().mean(1) };
    });
    const results = await mapImages(options, images, labels, async (batch, part) => {
      const key = foldKey(keyFromSeed(seed), part);
      const found: Record<string, HostTensor> = {};
      if (model.score) Object.assign(found, await model.score(parameters, batch, key));
      if (model.logProb) {
        const count = family.exact ? 1 : samples;
        const logProb = await model.logProb(parameters, batch, { key, noise: foldKey(key, 1) }, count);
        found.likelihood = negative(logProb);
      }
      if (rebuilds && model.reconstruct) {
        const { image } = await model.reconstruct(parameters, batch);
        Object.assign(found, difference(batch.image, image));
      } else if (options.maps && model.logProb) {
        const args = { parameters, batch, key: keyTensor(key) };
        Object.assign(found, (await gradients(args as never)) as unknown as { map: HostTensor });
      }
      return found;
    });
    await gradients.dispose();
    const { map, ...scores } = results;
    const named = Object.fromEntries(Object.entries(scores).map(([name, { data }]) => [name, data]));
    if (!options.maps || !map) return { scores: named };
    if (map.data.length !== images.shape[0] * height * width) {
      throw new GalateaError("internal", "anomaly", "a map that is not [N, H, W]");
    }
    return { scores: named, maps: map.data };
  });
}

function negative({ shape, data }: HostTensor): HostTensor {
  return { dtype: "float32", shape, data: Float32Array.from(data as Float32Array, (value) => -value) };
}

/** Summed squares of each image's differences, and their absolute size at each pixel, in the mean of channels. */
function difference(image: HostTensor, rebuilt: HostTensor): Readonly<Record<string, HostTensor>> {
  const [count, channels, height, width] = image.shape;
  const area = height * width;
  const size = sizeOf(image.shape.slice(1));
  const scores = new Float32Array(count);
  const map = new Float32Array(count * area);
  for (let i = 0; i < count * size; i++) {
    const error = Number(image.data[i]) / 255 - Number(rebuilt.data[i]);
    const at = Math.floor(i / size);
    scores[at] += error * error;
    map[at * area + (i % area)] += Math.abs(error) / channels;
  }
  return {
    squaredError: { dtype: "float32", shape: [count], data: scores },
    map: { dtype: "float32", shape: [count, height, width], data: map },
  };
}

/** For each score, how well it tells odd images from normal ones: the area under the ROC curve. */
export function judgeAnomalies(
  scores: AnomalyScores["scores"],
  isOdd: readonly boolean[],
): Readonly<Record<string, number>> {
  const pick = (values: Float32Array, wanted: boolean): Float32Array => values.filter((_, i) => isOdd[i] === wanted);
  return Object.fromEntries(
    Object.entries(scores).map(([name, values]) => [name, areaUnderRoc(pick(values, true), pick(values, false))]),
  );
}
