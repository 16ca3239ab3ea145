/** Our side of the workload `vae`: the step of preset digits/vae, at the peer's settings. */

import { randomNormal } from "../../src/core/index.ts";
import { findPreset, parseConfig } from "../../src/run/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeInkBatch } from "./ink.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.vae;
const { batch, latent, hidden, white } = sizes;
const shape = [1, 28, 28];
const preset = findPreset("digits/vae");
const config = parseConfig(preset.schema, { latent, hidden, prior: "standard" });

export const program: FamilyProgram = {
  family: preset.build(config, { name: "bench", fields: { image: { dtype: "uint8", shape } } }),
  sizes,
  makeBatch: (index) => makeInkBatch(index, batch, shape, white),
  random: (key) => randomNormal(key, [batch, latent]),
};
