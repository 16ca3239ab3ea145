import { expect, test } from "vitest";
import { keyFromSeed } from "../core/base/index.ts";
import { allocateHost, leavesOf, sizeOf, type TensorType } from "../core/index.ts";
import type { HostTensor } from "../engine/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { memoryDataset } from "./data/index.ts";
import { judgeLikelihood, judgeScores } from "./judge.ts";
import { createModel, loadParameters, parameterTypes } from "./model.ts";
import { findPreset, parseConfig } from "./presets/index.ts";

const shape = [1, 4, 4];

test("importance samples in several runs judge one binarization of each example", async () => {
  const backend = createCpuBackend({ threads: 1 });
  const preset = findPreset("digits/vae");
  const config = parseConfig(preset.schema, { hidden: [3], latent: 2, prior: "standard", binarize: "random" });
  const family = preset.build(config, { name: "grey", fields: { image: { dtype: "uint8", shape } } });
  // All zero but the decoder's last bias: codes say nothing, q is the prior, and log p(x) depends on how many
  // pixels are 1. The bound is then exact, and every importance weight of an example is the same.
  const weights: Record<string, HostTensor> = {};
  for (const { path, value } of leavesOf<TensorType>(parameterTypes(family))) {
    const data = allocateHost("float32", sizeOf(value.shape));
    weights[path] = { ...value, data: path === "decoder.2.bias" ? data.fill(3) : data };
  }
  const count = 12;
  const data = new Uint8Array(count * 16).fill(128);
  const dataset = memoryDataset("grey", count, { image: { dtype: "uint8", shape, data } });
  const model = createModel(backend, family);
  const parameters = await loadParameters(backend, family, weights, "test");
  const options = { model, parameters, dataset, key: keyFromSeed(5), batchSize: 5 };
  const exact = (await judgeScores(options)).get("negativeElbo");
  const estimate = await judgeLikelihood(options, 40);
  await backend.dispose();
  expect(estimate.count).toBe(count);
  expect(estimate.mean).toBeCloseTo(exact?.mean ?? Number.NaN, 4);
  expect(estimate.standardError).toBeCloseTo(exact?.standardError ?? Number.NaN, 4);
  // Examples do differ in what was drawn for them.
  expect(estimate.standardError).toBeGreaterThan(0.5);
});
