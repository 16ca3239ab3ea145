/** Sampling: new examples from a trained run, as a picture. */

import { allocateHost, foldKey, GalateaError, keyFromSeed, sizeOf } from "../core/base/index.ts";
import type { Backend } from "../engine/index.ts";
import { writeFileAtomically } from "./files.ts";
import { animateSamples, drawSamples, makesPictures, usualFormat } from "./gallery.ts";
import { createModel, type Results } from "./model.ts";
import { type OpenedRun, uploadWeights } from "./opened-run.ts";
import { sampleRequest, type Wishes } from "./requests.ts";
import { drawTexts, textField } from "./text-samples.ts";

export interface SampleOptions {
  readonly backend: Backend;
  readonly run: OpenedRun;
  /** Number of samples, from 1 to 65,536. */
  readonly count: number;
  /** The same seed gives the same bytes. */
  readonly seed: number;
  /** What they shall be; the family decides where absent. */
  readonly wishes?: Wishes;
  /** The file to write: PNG, or of clips .webp or .gif for an animation. */
  readonly path: string;
}

/** Samples that are made at once, which bounds memory. */
const samplesAtOnce = 256;
const mostSamples = 65_536;

/**
 * Draws samples and writes them as one grid: of clips, lines of frames, or a grid of clips that move.
 * @throws GalateaError `config` when the count is outside its range; `usage` when the family makes no
 *   pictures; `storage` when the file cannot be written.
 */
export async function sample({ backend, run, count, seed, wishes, path }: SampleOptions): Promise<void> {
  requireCount(count);
  const { family } = run;
  if (!makesPictures(family.outputs)) throw new GalateaError("usage", family.name, "makes no pictures");
  const format = /\.webp$/i.test(path) ? "webp" : /\.gif$/i.test(path) ? "gif" : "png";
  if (format !== "png" && usualFormat(family) === "png") {
    throw new GalateaError("usage", "--out", `a ${family.name} of stills makes no animation`, "name a .png file");
  }
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, family);
  const parts: Results[] = [];
  for (let start = 0, part = 0; start < count; start += samplesAtOnce, part++) {
    const wanted = Math.min(samplesAtOnce, count - start);
    const request = sampleRequest(family, wanted, wishes, start);
    parts.push(await model.sample(parameters, foldKey(keyFromSeed(seed), part), request));
  }
  await model.dispose();
  const samples = joinResults(parts);
  const bytes = format === "png" ? drawSamples(family, samples) : animateSamples(family, samples, format);
  await writeFileAtomically(path, await bytes);
}

/** Whether what a run makes is text. */
export function makesTexts({ family, tokenizers }: Pick<OpenedRun, "family" | "tokenizers">): boolean {
  return textField(family, tokenizers) !== undefined;
}

/**
 * Draws samples of a run that makes text.
 * @throws GalateaError `config` when the count is outside its range.
 */
export async function sampleTexts(options: Omit<SampleOptions, "path">): Promise<readonly string[]> {
  const { backend, run, count, seed, wishes } = options;
  requireCount(count);
  const model = createModel(backend, run.family);
  try {
    const parameters = await uploadWeights(backend, run);
    const { tokenizers } = run;
    return await drawTexts({ model, parameters, tokenizers, key: keyFromSeed(seed), count, ...(wishes && { wishes }) });
  } finally {
    await model.dispose();
  }
}

function requireCount(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= mostSamples) return;
  throw new GalateaError("config", "-n", `is ${count}`, `it must be a whole number from 1 to ${mostSamples}`);
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
