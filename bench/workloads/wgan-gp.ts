/** Our side of the workload `wgan-gp`: the step of preset digits/wgan-gp, its updates of the critic and the generator's. */

import { foldKey, randomNormal, randomUniform } from "../../src/core/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import { makeLabels, presetFamily } from "./preset-family.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes["wgan-gp"];
const { batch, image, classes, latent, discriminatorSteps } = sizes;
/** Each update of the critic has examples of its own. */
const examples = batch * discriminatorSteps;

export const program: FamilyProgram = {
  family: presetFamily("digits/wgan-gp", { image: { dtype: "uint8", shape: image } }, classes),
  sizes,
  makeBatch: (index) => ({ ...makeImageBatch(index, examples, image), ...makeLabels(index, examples, classes) }),
  // Latents of all updates, and the places between real and generated examples.
  random: (key) => [
    randomNormal(foldKey(key, 0), [examples + batch, latent]),
    randomUniform(foldKey(key, 1), [examples]),
  ],
};
