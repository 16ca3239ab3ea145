/** Sampling: new examples from a trained run, as a picture. */

import { allocateHost, foldKey, GalateaError, keyFromSeed, sizeOf } from "../core/base/index.ts";
import type { Backend } from "../engine/index.ts";
import { writeFileAtomically } from "./files.ts";
import { drawSamples, makesPictures } from "./gallery.ts";
import { createModel, type Results } from "./model.ts";
import { type OpenedRun, uploadWeights } from "./opened-run.ts";
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
  if (!makesPictures(family.outputs)) throw new GalateaError("usage", family.name, "makes no pictures");
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, family);
  const parts: Results[] = [];
  for (let start = 0, part = 0; start < count; start += samplesAtOnce, part++) {
    const wanted = Math.min(samplesAtOnce, count - start);
    const request = sampleRequest(family, wanted, wishes, start);
    parts.push(await model.sample(parameters, foldKey(keyFromSeed(seed), part), request));
  }
  await model.dispose();
  await writeFileAtomically(path, await drawSamples(family, joinResults(parts)));
}

/** Results of several parts as if they had been made at once. */
export function joinResults(parts: readonly Results[]): Results {
  const [first] = parts;
  return Object.fromEntries(
    Object.entries(first).map(([name, { dtype, shape }]) => {
      const count = parts.reduce((sum, part) => sum + part[name].shape[0], 0);
      const joined = allocateHost(dtype, count * sizeOf(shape.slice(1)));
      let at = 0;
      for (const part of parts) {
        // Both are of `dtype`, which the union of array types cannot say.
        (joined as Float32Array).set(part[name].data as Float32Array, at);
        at += part[name].data.length;
      }
      return [name, { dtype, shape: [count, ...shape.slice(1)], data: joined }];
    }),
  );
}
