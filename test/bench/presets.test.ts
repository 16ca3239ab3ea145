/** Workloads that stand for a preset: what peers read in sizes.json is the preset's own. */

import { describe, expect, test } from "vitest";
import sizes from "../../bench/workloads/sizes.json" with { type: "json" };
import { findPreset, parseConfig } from "../../src/run/index.ts";

const presetOf = {
  pixelcnn: "digits/pixelcnn",
  diffusion: "digits/diffusion",
  spline: "points/spline",
  maf: "points/maf",
  glow: "digits/glow",
  vqvae: "digits/vqvae",
  "wgan-gp": "digits/wgan-gp",
  made: "binary/made",
  cyclegan: "style/cyclegan",
} as const;

type Options = Readonly<Record<string, unknown>>;

/** Their sizes that are no options of a preset: those of the data. */
const ofData = new Set(["batches", "image", "features", "white", "classes"]);

describe("sizes of workloads are the defaults of their presets", () => {
  test.each(Object.entries(presetOf))("%s", (workload, preset) => {
    const defaults = parseConfig(findPreset(preset).schema, {}) as unknown as Options;
    const { batch, learningRate, ...own } = sizes[workload as keyof typeof presetOf];
    expect(batch).toBe(defaults.batchSize);
    // The steps of a comparison are the first ones, to which Glow's warm-up gives a lower rate, and of Adam, where its are Muon's.
    expect(learningRate).toBe((defaults.learningRate as number) * (workload === "glow" ? 0.05 : 1));
    const options = Object.entries(own).filter(([name]) => !ofData.has(name));
    expect(Object.fromEntries(options)).toEqual(Object.fromEntries(options.map(([name]) => [name, defaults[name]])));
  });

  test("a workload that samples names one of them", () => {
    const models = Object.values(sizes).flatMap((entry) => ("model" in entry ? [entry.model] : []));
    expect(models).toEqual(["pixelcnn", "diffusion", "maf"]);
    for (const model of models) expect(presetOf).toHaveProperty(model);
  });
});
