/** Sampling: new examples from a trained run, as a picture. */

import { foldKey, GalateaError, keyFromSeed, sizeOf } from "../core/base/index.ts";
import type { Backend } from "../engine/index.ts";
import { gridOf, makesImages } from "./gallery.ts";
import { createModel } from "./model.ts";
import { type OpenedRun, uploadWeights } from "./opened-run.ts";
import { writePicture } from "./pictures/index.ts";
import { sampleRequest, type Wishes } from "./requests.ts";

export interface SampleOptions {
  readonly backend: Backend;
  readonly run: OpenedRun;
  /** Number of samples, from 1 to 65,536. */
  readonly count: number;
  /** The same seed gives the same bytes. */
  readonly seed: number;
  /** What they shall be; the family decides where absent. */
  readonly wishes?: Wishes;
  /** The PNG file to write. */
  readonly path: string;
}

/** Samples that are made at once, which bounds memory. */
const samplesAtOnce = 256;
const mostSamples = 65_536;

/**
 * Draws samples and writes them as one grid.
 * @throws GalateaError `config` when the count is outside its range; `usage` when the family makes no
 *   pictures; `storage` when the file cannot be written.
 */
export async function sample({ backend, run, count, seed, wishes, path }: SampleOptions): Promise<void> {
  if (!Number.isInteger(count) || count < 1 || count > mostSamples) {
    throw new GalateaError("config", "-n", `is ${count}`, `it must be a whole number from 1 to ${mostSamples}`);
  }
  const { family } = run;
  if (!makesImages(family.outputs)) throw new GalateaError("usage", family.name, "makes no pictures");
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, family);
  const { shape } = family.outputs.image;
  const size = sizeOf(shape);
  const images = new Float32Array(count * size);
  for (let start = 0, part = 0; start < count; start += samplesAtOnce, part++) {
    const wanted = Math.min(samplesAtOnce, count - start);
    const request = sampleRequest(family, wanted, wishes, start);
    const { image } = await model.sample(parameters, foldKey(keyFromSeed(seed), part), request);
    images.set(image.data as Float32Array, start * size);
  }
  await model.dispose();
  await writePicture(path, gridOf({ image: { dtype: "float32", shape: [count, ...shape], data: images } }));
}
