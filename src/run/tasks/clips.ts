/** Going on with clips: their first frames are known, the rest is made. */

import { foldKey, GalateaError, keyFromSeed } from "../../core/base/index.ts";
import type { HostTensor } from "../../engine/index.ts";
import { toFloats } from "./denoise.ts";
import { type ImageArray, mapExamples, requireAbility, type TaskOptions, withModel } from "./model-session.ts";

export interface ContinueClipsOptions extends TaskOptions {
  /** [N, T, C, H, W]; what comes after the known frames is not looked at. */
  readonly clips: ImageArray;
  /** How many of the first frames are known, from 0 to T. */
  readonly known: number;
  readonly seed: number;
  /** Of each clip, for models that are told what it shows. */
  readonly labels?: Int32Array;
}

/**
 * Clips whose first frames are as given, and the others made to go on from them: float32 [N, T, C, H, W] in [0, 1].
 * @throws GalateaError `usage` when the model makes no clips or the number of known frames is out of range.
 */
export async function continueClips(options: ContinueClipsOptions): Promise<ImageArray> {
  const { run, clips, known, seed, labels } = options;
  const able = run.family.inputs.video !== undefined && run.family.inpaint !== undefined;
  requireAbility(run, able, "go on with clips", "train video/diffusion");
  const [, frames] = clips.shape;
  if (!(Number.isInteger(known) && known >= 0 && known <= frames)) {
    throw new GalateaError("usage", "known frames", `got ${known}`, `a whole number from 0 to ${frames}`);
  }
  const values = Float32Array.from({ length: frames }, (_, t) => (t < known ? 1 : 0));
  const mask: HostTensor = { dtype: "float32", shape: [1, frames, 1, 1, 1], data: values };
  return withModel(options, async ({ model, parameters }) => {
    const { video } = await mapExamples(options, "video", toFloats(clips), labels, async (batch, part) => {
      return (await model.inpaint?.(parameters, batch, foldKey(keyFromSeed(seed), part), mask)) ?? {};
    });
    return video;
  });
}
