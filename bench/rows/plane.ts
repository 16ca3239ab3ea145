/** Spline flows on densities over the plane whose entropy is known: how many nats they are from the truth. */

import { foldKey, type Key, keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import { flow, splineCoupling } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import {
  createModel,
  createTrainingStep,
  type DeviceParameters,
  findPreset,
  type HostBatch,
  parseConfig,
} from "../../src/run/index.ts";
import type { Measurement, Row, RowContext } from "./row.ts";

interface PlaneDensity {
  /** One point, from uniform numbers in (0, 1). */
  draw(uniform: () => number): readonly [number, number];
  logDensity(x: number, y: number): number;
}

const sigma = 0.1;
const centres = Array.from({ length: 8 }, (_, i) => {
  return [2 * Math.cos((i * Math.PI) / 4), 2 * Math.sin((i * Math.PI) / 4)] as const;
});

/** Eight normal densities of deviation 0.1 on a circle of radius 2. */
const eightGaussians: PlaneDensity = {
  draw: (uniform) => {
    const [x, y] = centres[Math.floor(8 * uniform())];
    const [radius, angle] = [sigma * Math.sqrt(-2 * Math.log(uniform())), 2 * Math.PI * uniform()];
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  },
  logDensity: (x, y) => {
    const exponents = centres.map(([cx, cy]) => -((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma * sigma));
    const largest = Math.max(...exponents);
    const sum = exponents.reduce((total, e) => total + Math.exp(e - largest), 0);
    return largest + Math.log(sum / (8 * 2 * Math.PI * sigma * sigma));
  },
};

/** Uniform over the black squares, of side 2, of a board of 4 x 4: an area of 32. */
const checkerboard: PlaneDensity = {
  draw: (uniform) => {
    const row = Math.floor(4 * uniform());
    const column = 2 * Math.floor(2 * uniform()) + (row % 2);
    return [2 * (column - 2 + uniform()), 2 * (row - 2 + uniform())];
  },
  logDensity: () => -Math.log(32),
};

const batchSize = 512;
const testPoints = 100_000;
const testBatch = 5000;

function points({ draw }: PlaneDensity, key: Key, count: number): HostBatch {
  let counter = 0;
  const uniform = (): number => randomUniform(key, counter++);
  const data = Float32Array.from(Array.from({ length: count }, () => draw(uniform)).flat());
  return { vector: { dtype: "float32", shape: [count, 2], data } };
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
        gap += (density.logDensity(Number(data[2 * j]), Number(data[2 * j + 1])) - Number(given)) / testBatch / batches;
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
  run: (context) => measure(eightGaussians, 6000, context),
};

export const flowCheckerboard: Row = {
  row: "flow-checkerboard",
  metric,
  bound: 0.05,
  direction: "at most",
  published: 0,
  source,
  run: (context) => measure(checkerboard, 12_000, context),
};
