/** Our side of the workload `conv-vae`: the step of preset digits/conv-vae. */

import { randomNormal } from "../../src/core/index.ts";
import { findPreset, parseConfig } from "../../src/run/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeInkBatch } from "./ink.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes["conv-vae"];
const { batch, image, latent, channels, hidden, white } = sizes;
const preset = findPreset("digits/conv-vae");
const config = parseConfig(preset.schema, { latent, channels, hidden, prior: "standard" });

export const program: FamilyProgram = {
  family: preset.build(config, { name: "bench", fields: { image: { dtype: "uint8", shape: image } } }),
  sizes,
  makeBatch: (index) => makeInkBatch(index, batch, image, white),
  random: (key) => randomNormal(key, [batch, latent]),
};
