/** How many modes a GAN reaches of 8 normal densities on a ring and of 25 on a grid. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyFromSeed } from "../../src/core/base/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import {
  createModel,
  findPreset,
  openRun,
  parseConfig,
  resolveData,
  sampleRequest,
  train,
  uploadWeights,
} from "../../src/run/index.ts";

import type { Row, RowContext } from "./row.ts";

/** Points that are drawn; a mode is covered that gets so many within 3 sigma. */
const drawn = 2500;
const least = 20;
/** Share of points within 3 sigma of any mode, below which modes are not counted: points everywhere would cover all. */
const leastQuality = 0.9;

interface Plane {
  /** Name of the data set, which defines the centres. */
  readonly data: string;
  readonly centres: readonly (readonly [number, number])[];
  readonly sigma: number;
}

const ring: Plane = {
  data: "8gaussians",
  centres: Array.from({ length: 8 }, (_, i) => [2 * Math.cos((Math.PI * i) / 4), 2 * Math.sin((Math.PI * i) / 4)]),
  sigma: 0.1,
};

const grid: Plane = {
  data: "25gaussians",
  centres: Array.from({ length: 25 }, (_, i) => [2 * ((i % 5) - 2), 2 * (Math.floor(i / 5) - 2)]),
  sigma: 0.05,
};

/** Covered modes, and the share of points within 3 sigma of one. */
function coverage(
  { centres, sigma }: Plane,
  points: Float32Array,
): { readonly modes: number; readonly quality: number } {
  const counts = centres.map(() => 0);
  for (let i = 0; i < points.length; i += 2) {
    const mode = centres.findIndex(([x, y]) => Math.hypot(points[i] - x, points[i + 1] - y) <= 3 * sigma);
    if (mode >= 0) counts[mode]++;
  }
  const within = counts.reduce((sum, count) => sum + count, 0);
  return { modes: counts.filter((count) => count >= least).length, quality: within / (points.length / 2) };
}

async function measure(
  plane: Plane,
  settings: Readonly<Record<string, unknown>>,
  { seed, threads, log }: RowContext,
): Promise<number> {
  const data = await resolveData(plane.data);
  const preset = findPreset("points/gan");
  const config = parseConfig(preset.schema, { seed, ...settings, checkpointEvery: 0 });
  const folder = await mkdtemp(join(tmpdir(), "galatea-gan-modes-"));
  const backend = createCpuBackend({ threads });
  try {
    const directory = join(folder, "run");
    for await (const event of train({ backend, preset, config, data, source: plane.data, directory })) {
      if (event.type === "evaluated") log(`step ${event.step}`);
      if (event.type === "warning") log(event.message);
    }
    const run = await openRun(directory, () => Promise.reject(new Error("the preset is one of ours")));
    const model = createModel(backend, run.family);
    const parameters = await uploadWeights(backend, run);
    const { vector } = await model.sample(parameters, keyFromSeed(seed), sampleRequest(run.family, drawn));
    const { modes, quality } = coverage(plane, vector.data as Float32Array);
    await model.dispose();
    log(`${modes} of ${plane.centres.length} modes, ${(100 * quality).toFixed(1)}% of points within 3 sigma`);
    return quality >= leastQuality ? modes : 0;
  } finally {
    await backend.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

function metricOf(plane: Plane): string {
  return (
    `modes of ${plane.centres.length} with at least ${least} of ${drawn} points within 3 sigma; ` +
    `0 if fewer than ${100 * leastQuality}% of points lie within 3 sigma of a mode`
  );
}

const table =
  "Srivastava et al., VEEGAN (2017), table 1, plain GAN; its sigma on the ring is 0.01 of radius 1, ours 0.05";

export const ganRing: Row = {
  row: "gan-ring",
  metric: metricOf(ring),
  bound: 8,
  direction: "at least",
  published: 1,
  source: table,
  run: async (context) => ({ value: await measure(ring, {}, context), seed: context.seed }),
};

export const ganGrid: Row = {
  row: "gan-grid",
  metric: metricOf(grid),
  bound: 24,
  direction: "at least",
  published: 3.3,
  source: "Srivastava et al., VEEGAN (2017), table 1, plain GAN on 25 normal densities",
  run: async (context) => ({ value: await measure(grid, {}, context), seed: context.seed }),
};
