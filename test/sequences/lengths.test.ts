/** A batch whose padding is cut off trains as the whole one does. */

import { expect, test } from "vitest";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { findPreset, type HostBatch, parseConfig, toHostBatch } from "../../src/run/index.ts";
import { createTrainingStep } from "../../src/run/training-step.ts";

const vocabulary = { size: 12, pad: 0, unknown: 1, begin: 2, end: 3 };
const places = 8;
/** Two pairs, both with 3 tokens and the end on either side. */
const tokens = (rows: readonly (readonly number[])[]): Int32Array =>
  Int32Array.from(rows.flatMap((row) => Array.from({ length: places }, (_, i) => row[i] ?? 0)));
const batch = {
  source: tokens([
    [4, 5, 6, 3],
    [7, 8, 3],
  ]),
  target: tokens([
    [9, 10, 3],
    [11, 4, 5, 3],
  ]),
};

test.each(["translate/transformer", "translate/lstm-attention"])("%s", async (name) => {
  const preset = findPreset(name);
  const config = parseConfig(preset.schema, {
    ...{ batchSize: 2, sourcePlaces: places, targetPlaces: places, dropout: 0, warmupSteps: 0, averageDecay: 0 },
    ...(name === "translate/transformer" ? { width: 8, hidden: 8, depth: 1, heads: 2 } : { embedding: 4, hidden: 8 }),
  });
  const type = { dtype: "int32", shape: [places] } as const;
  const data = {
    name,
    fields: { source: type, target: type },
    vocabularies: { source: vocabulary, target: vocabulary },
  };
  const family = preset.build(config, data);
  const backend = createCpuBackend({ threads: 1 });
  const train = async (batches: readonly HostBatch[]) => {
    const step = await createTrainingStep(backend, family, config);
    const losses: number[] = [];
    // Asked for at once: they start in this order, although the second waits for its program.
    for (const metrics of await Promise.all(batches.map((one, i) => step.run(one, i)))) losses.push(metrics.loss);
    const state = await step.state.read();
    await step.dispose();
    return { losses, state };
  };
  const [whole, half] = [1, 1 / 2].map((share) => toHostBatch(family, batch, 2, share));
  expect(half.source.shape).toEqual([2, 4]);
  const full = await train([whole, whole, whole]);
  const cut = await train([whole, half, whole]);
  expect(cut.losses).toHaveLength(3);
  for (const [i, loss] of cut.losses.entries()) expect(loss).toBeCloseTo(full.losses[i], 4);
  for (const [path, { data: numbers }] of cut.state) {
    if (!path.startsWith("parameters.")) continue;
    const others = full.state.get(path)?.data ?? [];
    for (const [i, value] of Array.from(numbers, Number).entries()) {
      // Adam makes a step of the rate even of a gradient that is rounding.
      expect(Math.abs(value - Number(others[i]))).toBeLessThan(0.002);
    }
  }
  await backend.dispose();
});
