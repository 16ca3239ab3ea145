import { afterAll, describe, expect, test } from "vitest";
import { randomNormal } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { type DataSplits, memoryDataset } from "./data/index.ts";
import { evaluate, metricNames } from "./evaluate.ts";
import { normals } from "./metrics/normals.fixture.ts";
import type { OpenedRun } from "./opened-run.ts";
import { findPreset, parseConfig } from "./presets/index.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const count = 1500;
const vector = { dtype: "float32", shape: [3] } as const;
const points = normals(1, count, 3);

/** N(0, I) in three dimensions; the noise of an inexact one cancels in the mean. */
function family(exact: boolean, dimensions?: number): Family {
  return {
    name: "normal",
    inputs: { vector },
    outputs: { vector },
    init: () => ({}),
    phases: [],
    sample: (_, key, request) => ({ vector: randomNormal(key, [request.count, 3]) }),
    logProb: (_, batch, { samples }) => {
      if (exact && samples !== 1) throw new Error(`an exact family was asked for ${samples} samples`);
      return batch.vector
        .square()
        .sum(1)
        .add(3 * Math.log(2 * Math.PI))
        .mul(-0.5);
    },
    ...(exact && { exact }),
    ...(dimensions !== undefined && { dimensions }),
  };
}

const preset = findPreset("digits/vae");

function runOf(of: Family): OpenedRun {
  const record = { data: { name: "points", source: "points", fields: { vector } } } as unknown as OpenedRun["record"];
  const config = parseConfig(preset.schema, {});
  return { directory: "run", record, preset, config, family: of, step: 0, weights: {}, tokenizers: {}, notes: [] };
}

const set = memoryDataset("points", count, { vector: { ...vector, data: points.data } });
const data: DataSplits = { name: "points", description: "", train: set, validation: set, test: set, notes: [] };

/** Mean of -log p over the points. */
const nats = points.data.reduce((sum, value) => sum + value ** 2 / 2, 0) / count + (3 / 2) * Math.log(2 * Math.PI);

describe("likelihood", () => {
  test("of an exact family: all examples, one sample each", async () => {
    const { metrics, details } = await evaluate({ backend, run: runOf(family(true)), data });
    expect(Object.keys(metrics)).toEqual(["negativeLogLikelihood"]);
    expect(metrics.negativeLogLikelihood).toBeCloseTo(nats, 4);
    expect(details.negativeLogLikelihood.examples).toBe(count);
  });
  test("in bits per dimension, with its standard error in the same unit", async () => {
    const { metrics, details } = await evaluate({ backend, run: runOf(family(true, 3)), data });
    expect(metrics.bitsPerDim).toBeCloseTo(nats / (3 * Math.LN2), 4);
    const [bits, inNats] = [details.bitsPerDim.standardError, details.negativeLogLikelihood.standardError];
    expect(bits).toBeCloseTo(inNats / (3 * Math.LN2), 9);
    const only = await evaluate({ backend, run: runOf(family(true, 3)), data, metrics: ["bitsPerDim"] });
    expect(only.metrics).toEqual({ bitsPerDim: metrics.bitsPerDim });
  });
  test("of a family that needs importance samples: the first 1,000 examples", async () => {
    const run = runOf(family(false));
    expect(metricNames(run)).toEqual(["importanceWeightedBound", "negativeLogLikelihood"]);
    const { details } = await evaluate({ backend, run, data, metrics: ["negativeLogLikelihood"] });
    expect(details.negativeLogLikelihood.examples).toBe(1000);
  });
});

describe("metrics of samples", () => {
  test("only when they are asked for, with what stands behind them", async () => {
    const run = runOf(family(true));
    const { metrics, details } = await evaluate({ backend, run, data, metrics: ["recall", "precision"], samples: 300 });
    expect(Object.keys(metrics).sort()).toEqual(["precision", "recall"]);
    expect(metrics.precision).toBeGreaterThan(0.8);
    expect(details.recall).toMatchObject({ examples: 300, provenance: { sampleCount: 300, referenceCount: 300 } });
  });
  test("all means all that the family and the data allow", async () => {
    const { metrics } = await evaluate({ backend, run: runOf(family(true)), data, metrics: ["all"], samples: 50 });
    expect(Object.keys(metrics).sort()).toEqual([
      "coverage",
      "density",
      "nearestNeighbourRatio",
      "negativeLogLikelihood",
      "precision",
      "recall",
      "shareTooNear",
    ]);
  });
  test("what is not offered is refused, with what is", async () => {
    const refused = evaluate({ backend, run: runOf(family(true)), data, metrics: ["fid"] });
    await expect(refused).rejects.toThrow(
      "fid: a normal on points has no such metric; choose among negativeLogLikelihood, precision, recall,",
    );
  });
});
