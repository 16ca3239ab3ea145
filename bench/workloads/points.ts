/** Points in the plane, of the data set moons, and families of presets over them. */

import { keyFromSeed } from "../../src/core/base/index.ts";
import type { Family } from "../../src/learn/models/index.ts";
import { type HostBatch, planeDensities } from "../../src/run/index.ts";
import { presetFamily } from "./preset-family.ts";

export function makePointBatch(index: number, batch: number): HostBatch {
  return {
    vector: { dtype: "float32", shape: [batch, 2], data: planeDensities.moons.density.draw(keyFromSeed(index), batch) },
  };
}

/** The family of a preset over points. */
export function pointFamily(preset: string): Family {
  return presetFamily(preset, { vector: { dtype: "float32", shape: [2] } });
}
