import { afterAll, describe, expect, test } from "vitest";
import { randomNormal, type Tensor } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { type DataSplits, memoryDataset } from "./data/index.ts";
import { normals } from "./metrics/normals.fixture.ts";
import { createModel } from "./model.ts";
import type { Picture } from "./pictures/index.ts";
import { judgeSamples, offeredSampleMetrics } from "./sample-metrics.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const untrained = {
  name: "drawn",
  inputs: {},
  init: () => ({}),
  phases: [],
} as const;

/** Samples of a standard normal density in the plane, at the right place or moved. */
function plane(shift: number): Family {
  return {
    ...untrained,
    outputs: { vector: { dtype: "float32", shape: [2] } },
    sample: (_, key, { count }) => ({ vector: randomNormal(key, [count, 2]).add(shift) }),
  };
}

function splitsOf(of: (seed: number) => DataSplits["test"]): DataSplits {
  return { name: "data", description: "", train: of(1), validation: of(2), test: of(3), notes: [] };
}

const points = splitsOf((seed) => {
  const { data } = normals(seed, 600, 2);
  const set = memoryDataset("points", 600, { vector: { dtype: "float32", shape: [2], data } });
  return Object.assign(set, {
    modes: {
      centres: [
        [0, 0],
        [50, 0],
      ],
      sigma: 1,
    },
  });
});

describe("vectors", () => {
  const metrics = offeredSampleMetrics(plane(0), points);
  const judge = (shift: number) => {
    const model = createModel(backend, plane(shift));
    return judgeSamples({ backend, model, parameters: {}, data: points, seed: 0, metrics, samples: 500 });
  };

  test("of the right density and of a wrong one", async () => {
    const right = await judge(0);
    expect([...right.keys()].sort()).toEqual([...metrics].sort());
    const value = (name: string): number => right.get(name)?.value ?? Number.NaN;
    expect(value("modesCovered")).toBe(1);
    expect(value("shareWithinModes")).toBeGreaterThan(0.97);
    for (const name of ["precision", "recall", "coverage"]) expect(value(name)).toBeGreaterThan(0.85);
    expect(Math.abs(value("density") - 1)).toBeLessThan(0.15);
    expect(Math.abs(value("nearestNeighbourRatio") - 1)).toBeLessThan(0.3);
    expect(right.get("precision")?.provenance).toMatchObject({
      sampleCount: 500,
      referenceCount: 500,
      referenceSplit: "test",
    });
    const wrong = await judge(20);
    for (const name of ["modesCovered", "precision", "recall", "coverage"]) expect(wrong.get(name)?.value).toBe(0);
  });
  test("the number of samples has a range", async () => {
    const model = createModel(backend, plane(0));
    const options = { backend, model, parameters: {}, data: points, seed: 0, metrics, samples: 1 };
    await expect(judgeSamples(options)).rejects.toThrow("--samples: is 1; it must be a whole number from 2");
  });
});

describe("images", () => {
  const side = 8;
  /** The two classes differ in which half is bright. */
  const bright = (label: number, at: number): boolean => (label === 0) === at % side < side / 2;
  const images = splitsOf((seed) => {
    const { data: noise } = normals(seed, 300, side ** 2);
    const label = Int32Array.from({ length: 300 }, (_, i) => (i * 7 + seed) % 2);
    const data = Uint8Array.from(noise, (value, at) => {
      const shown = bright(label[Math.floor(at / side ** 2)], at);
      return Math.max(0, Math.min(255, (shown ? 170 : 80) + 15 * value));
    });
    const image = { dtype: "uint8", shape: [1, side, side], data } as const;
    return memoryDataset("halves", 300, { image, label: { dtype: "int32", shape: [], data: label } }, [
      "left",
      "right",
    ]);
  });
  /** Does as it is told, or the contrary. */
  const family = (obedient: boolean): Family => ({
    ...untrained,
    outputs: { image: { dtype: "float32", shape: [1, side, side] } },
    conditions: { label: { dtype: "int32", shape: [], classes: 2 } },
    sample: (_, key, { count, conditions }) => {
      const columns = randomNormal(key, [count, 1, side, side]).mul(15 / 255);
      const told = conditions.label.cast("float32").reshape([count, 1, 1, 1]);
      const sign = told.mul(obedient ? -2 : 2).add(obedient ? 1 : -1); // 1 where the left half is bright
      const halves = rampOf(columns)
        .mul(sign)
        .mul(45 / 255)
        .add(125 / 255);
      return { image: halves.add(columns) };
    },
  });
  /** 1 in the left half, -1 in the right one. */
  function rampOf(like: Tensor): Tensor {
    const ones = like.mul(0).add(1);
    const left = ones.slice(3, 0, side / 2);
    return left
      .pad([0, 0, 0, 0], [0, 0, 0, side / 2])
      .mul(2)
      .sub(1);
  }

  test("are scored on a classifier's features, with what stands behind each number, and told labels are read", async () => {
    const metrics = offeredSampleMetrics(family(true), images);
    expect(metrics).toContain("conditionalAccuracy");
    let picture: Picture | undefined;
    const judge = async (obedient: boolean, which = metrics) =>
      judgeSamples({
        backend,
        model: createModel(backend, family(obedient)),
        parameters: {},
        data: images,
        seed: 0,
        metrics: which,
        samples: 200,
        classifierSteps: 40,
        onPicture: async (drawn) => {
          picture = drawn;
        },
      });
    const scores = await judge(true);
    expect([...scores.keys()].sort()).toEqual([...metrics].sort());
    const value = (name: string): number => scores.get(name)?.value ?? Number.NaN;
    expect(value("conditionalAccuracy")).toBeGreaterThan(0.95);
    expect(value("inceptionScore")).toBeGreaterThan(1.5);
    expect(value("precision")).toBeGreaterThan(0.5);
    expect(value("shareTooNearPixels")).toBeLessThan(0.1);
    const { provenance } = scores.get("fid") ?? {};
    expect(provenance).toMatchObject({ sampleCount: 200, referenceCount: 300, referenceSplit: "test" });
    expect(provenance?.features?.accuracy).toBeGreaterThan(0.95);
    expect(picture?.width).toBeGreaterThan(0);
    const contrary = await judge(false, ["conditionalAccuracy"]);
    expect(contrary.get("conditionalAccuracy")?.value).toBeLessThan(0.05);
  });
  test("without labels only pixels are compared; an extractor brings the rest", () => {
    const bare = splitsOf(() =>
      memoryDataset("bare", 1, { image: { dtype: "uint8", shape: [1, 1, 1], data: new Uint8Array(1) } }),
    );
    expect(offeredSampleMetrics(family(true), bare)).toEqual(["nearestPixelRatio", "shareTooNearPixels"]);
    const record = { name: "net", layer: "", resize: "", range: "", sha256: "" };
    const offered = offeredSampleMetrics(family(true), bare, { record });
    expect(offered).toContain("fid");
    expect(offered).not.toContain("inceptionScore");
  });
});
