/** Sampling: new examples from a trained run, as a picture, as texts or as files. */

import { join } from "node:path";
import { allocateHost, foldKey, GalateaError, keyFromSeed, sizeOf } from "../core/base/index.ts";
import type { Backend } from "../engine/index.ts";
import { writeFileAtomically } from "./files.ts";
import { animateSamples, drawSamples, makesPictures, usualFormat } from "./gallery.ts";
import { createModel, type Results } from "./model.ts";
import { type OpenedRun, readingOf, uploadWeights } from "./opened-run.ts";
import { renderingOf } from "./renderings/index.ts";
import { noWishes, sampleRequest, type Wishes } from "./requests.ts";
import { drawTexts, textField } from "./text-samples.ts";

export interface SampleRequestOptions {
  /** Number of samples, from 1 to 65,536. */
  readonly count: number;
  /** The same seed gives the same bytes. */
  readonly seed: number;
  /** What they shall be; the family decides where absent. */
  readonly wishes?: Wishes;
}

/** A trained run, ready to be sampled again and again: its programs are made once. */
export interface Sampler {
  /**
   * Writes samples as one grid: of clips, lines of frames, or a grid of clips that move.
   * @param path PNG, or of clips .webp or .gif for an animation
   */
  picture(request: SampleRequestOptions, path: string): Promise<void>;
  /** Samples of a run that makes text. */
  texts(request: SampleRequestOptions): Promise<readonly string[]>;
  /** Writes samples of a run that makes files, such as music, into a folder; gives their paths. */
  files(
    request: Omit<SampleRequestOptions, "count"> & { readonly count?: number },
    folder: string,
  ): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** Samples that are made at once, which bounds memory. */
const samplesAtOnce = 256;
const mostSamples = 65_536;

/** What a run makes: pictures where it is none of the others. */
export function kindOfSamples(run: OpenedRun): "pictures" | "texts" | "files" {
  if (textField(run.family, run.tokenizers) !== undefined) return "texts";
  return renderingOf(run.family, readingOf(run)) ? "files" : "pictures";
}

/**
 * Opens a run to be sampled. Its functions throw GalateaError `config` when a count is outside its range; `usage` when the
 * run makes none of that kind, or must be told something that no wish says; `storage` when a file cannot be written.
 */
export async function openSampler(backend: Backend, run: OpenedRun): Promise<Sampler> {
  const { family, tokenizers } = run;
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, family);
  const draw = async ({ count, seed, wishes }: SampleRequestOptions): Promise<Results> => {
    requireCount(count);
    const parts: Results[] = [];
    for (let start = 0, part = 0; start < count; start += samplesAtOnce, part++) {
      const request = sampleRequest(family, Math.min(samplesAtOnce, count - start), wishes, start);
      parts.push(await model.sample(parameters, foldKey(keyFromSeed(seed), part), request));
    }
    return joinResults(parts);
  };
  return {
    picture: async (request, path) => {
      if (!makesPictures(family.outputs)) throw new GalateaError("usage", family.name, "makes no pictures");
      const format = /\.webp$/i.test(path) ? "webp" : /\.gif$/i.test(path) ? "gif" : "png";
      if (format !== "png" && usualFormat(family) === "png") {
        throw new GalateaError("usage", "--out", `a ${family.name} of stills makes no animation`, "name a .png file");
      }
      const samples = await draw(request);
      const bytes = format === "png" ? drawSamples(family, samples) : animateSamples(family, samples, format);
      await writeFileAtomically(path, await bytes);
    },
    texts: ({ count, seed, wishes = noWishes }) => {
      requireCount(count);
      return drawTexts({ model, parameters, tokenizers, key: keyFromSeed(seed), count, wishes });
    },
    files: async (request, folder) => {
      const rendering = renderingOf(family, readingOf(run));
      if (!rendering) throw new GalateaError("usage", family.name, "makes no files");
      const origins = request.wishes?.origins;
      const whole = { ...request, count: request.count ?? origins?.length ?? rendering.shown };
      const { conditions } = sampleRequest(family, whole.count, request.wishes);
      const files = await rendering.render(await draw(whole), conditions, origins);
      for (const { name, bytes } of files) await writeFileAtomically(join(folder, name), bytes);
      return files.map(({ name }) => join(folder, name));
    },
    dispose: () => model.dispose(),
  };
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
