/** Our side of the workload `glow`: the step of preset digits/glow with curve=0, which is Glow as published. */

import { randomUniform } from "../../src/core/index.ts";
import { type Family, flow, glow } from "../../src/learn/models/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.glow;
const { batch, image, alpha, depth, hidden } = sizes;

export const program: FamilyProgram = {
  family: flow({
    event: { field: "image", shape: image },
    layers: glow({ shape: image, depth, hidden }),
    alpha,
  }) as Family,
  sizes,
  makeBatch: (index) => makeImageBatch(index, batch, image),
  // Dequantization.
  random: (key) => randomUniform(key, [batch, ...image]),
};
