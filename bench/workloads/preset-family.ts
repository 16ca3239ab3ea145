/** Families as presets build them by default, and batches with labels. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import type { TensorType } from "../../src/core/index.ts";
import type { Family } from "../../src/learn/models/index.ts";
import { findPreset, type HostBatch, parseConfig } from "../../src/run/index.ts";

/** The family of a preset at its defaults, for data of these fields; with `classes`, of so many labels too. */
export function presetFamily(name: string, fields: Readonly<Record<string, TensorType>>, classes?: number): Family {
  const preset = findPreset(name);
  const labelled = classes !== undefined && {
    fields: { ...fields, label: { dtype: "int32", shape: [] } as const },
    classes: Array.from({ length: classes }, (_, i) => String(i)),
  };
  return preset.build(parseConfig(preset.schema, {}), { name: "bench", fields, ...labelled });
}

/** Random labels, int32 [count]; another row of them for each seed. */
export function makeLabels(seed: number, count: number, classes: number): HostBatch {
  const key = keyFromSeed(seed);
  const data = Int32Array.from({ length: count }, (_, i) => Math.floor(classes * randomUniform(key, i)));
  return { label: { dtype: "int32", shape: [count], data } };
}
