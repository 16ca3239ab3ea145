/** Spline flows on densities over the plane whose entropy is known: how many nats they are from the truth. */

import { foldKey, type Key, keyFromSeed } from "../../src/core/base/index.ts";
import { flow, splineCoupling } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { type PlaneDensity, planeDensities } from "../../src/run/data/index.ts";
import {
  createModel,
  createTrainingStep,
  type DeviceParameters,
  findPreset,
  type HostBatch,
  parseConfig,
} from "../../src/run/index.ts";
import type { Measurement, Row, RowContext } from "./row.ts";

const batchSize = 512;
const testPoints = 100_000;
const testBatch = 5000;

function points({ draw }: PlaneDensity, key: Key, count: number): HostBatch {
  return { vector: { dtype: "float32", shape: [count, 2], data: draw(key, count) } };
}

/** Trains on points that are drawn anew in every step, and measures on others. */
async function measure(density: PlaneDensity, steps: number, { seed, threads, log }: RowContext): Promise<Measurement> {
  const layers = splineCoupling({ features: 2, depth: 6, hidden: [128, 128], spline: { bins: 16, bound: 3 } });
  const family = flow({ event: { field: "vector", shape: [2] }, layers }) as never;
  const config = parseConfig(findPreset("points/spline").schema, {
    seed,
    steps,
    batchSize,
    learningRate: 2e-3,
    schedule: "cosine",
    averageDecay: 0.998,
  });
  const backend = createCpuBackend({ threads });
  const step = await createTrainingStep(backend, family, config);
  const model = createModel(backend, family);
  const dataKey = foldKey(keyFromSeed(seed), 1);
  const testKey = foldKey(keyFromSeed(seed), 2);
  const gapOf = async (batches: number): Promise<number> => {
    const { average } = step.state.current() as unknown as { readonly average: DeviceParameters };
    let gap = 0;
    for (let i = 0; i < batches; i++) {
      const batch = points(density, foldKey(testKey, i), testBatch);
      const logs = await model.logProb?.(average, batch, { key: testKey, noise: testKey }, 1);
      const { data } = batch.vector;
      // Both densities on the same points: their entropy's own scatter falls out of the difference.
      logs?.data.forEach((given: number | bigint, j: number) => {
        const known = density.logDensity?.(Number(data[2 * j]), Number(data[2 * j + 1])) ?? Number.NaN;
        gap += (known - Number(given)) / testBatch / batches;
      });
    }
    return gap;
  };
  try {
    await step.prepare?.(points(density, foldKey(keyFromSeed(seed), 3), 4096));
    for (let i = 0; i < steps; i++) {
      await step.run(points(density, foldKey(dataKey, i), batchSize), i);
      if ((i + 1) % 1000 === 0) log(`step ${i + 1}: ${(await gapOf(4)).toFixed(4)} nats from the true density`);
    }
    return { value: await gapOf(testPoints / testBatch), seed };
  } finally {
    await model.dispose();
    await step.dispose();
    await backend.dispose();
  }
}

const source = "the density itself: its entropy is known (this project's own bound; no published value)";
const metric = `negative log-likelihood minus the true density's, nats, ${testPoints.toLocaleString("en")} points`;

export const flow8Gaussians: Row = {
  row: "flow-8gaussians",
  metric,
  bound: 0.05,
  direction: "at most",
  published: 0,
  source,
  run: (context) => measure(planeDensities["8gaussians"].density, 6000, context),
};

export const flowCheckerboard: Row = {
  row: "flow-checkerboard",
  metric,
  bound: 0.05,
  direction: "at most",
  published: 0,
  source,
  run: (context) => measure(planeDensities.checkerboard.density, 12_000, context),
};
