/** How many modes a GAN reaches of 8 normal densities on a ring and of 25 on a grid. */

import { keyFromSeed } from "../../src/core/base/index.ts";
import { type Modes, planeDensities } from "../../src/run/data/index.ts";
import { createModel, sampleRequest, uploadWeights } from "../../src/run/index.ts";
import { modeScores } from "../../src/run/metrics/index.ts";
import type { Row, RowContext } from "./row.ts";
import { rowData, trainPreset, withBackend } from "./train-and-judge.ts";

/** Points that are drawn; a mode is covered that gets so many within 3 sigma. */
const drawn = 2500;
const least = 20;
/** Share of points within 3 sigma of any mode, below which modes are not counted: points everywhere would cover all. */
const leastQuality = 0.9;

type PlaneName = "8gaussians" | "25gaussians";

/** The modes of a data set, which knows its own. */
function modesOf(name: PlaneName): Modes {
  return planeDensities[name].density.modes ?? { centres: [], sigma: 0 };
}

async function measure(
  name: PlaneName,
  settings: Readonly<Record<string, unknown>>,
  context: RowContext,
): Promise<number> {
  const { seed, log } = context;
  const data = await rowData(name);
  return withBackend(context, async (backend) => {
    const run = await trainPreset(context, backend, { preset: "points/gan", options: settings, data });
    const model = createModel(backend, run.family);
    const parameters = await uploadWeights(backend, run);
    const { vector } = await model.sample(parameters, keyFromSeed(seed), sampleRequest(run.family, drawn));
    await model.dispose();
    const features = { count: drawn, size: 2, data: vector.data as Float32Array };
    const { counts, within } = modeScores(features, modesOf(name));
    const covered = Array.from(counts).filter((count) => count >= least).length;
    log(`${covered} of ${counts.length} modes, ${(100 * within).toFixed(1)}% of points within 3 sigma`);
    return within >= leastQuality ? covered : 0;
  });
}

function metricOf(name: PlaneName): string {
  return (
    `modes of ${modesOf(name).centres.length} with at least ${least} of ${drawn} points within 3 sigma; ` +
    `0 if fewer than ${100 * leastQuality}% of points lie within 3 sigma of a mode`
  );
}

const table =
  "Srivastava et al., VEEGAN (2017), table 1, plain GAN; its sigma on the ring is 0.01 of radius 1, ours 0.05";

export const ganRing: Row = {
  row: "gan-ring",
  metric: metricOf("8gaussians"),
  bound: 8,
  direction: "at least",
  published: 1,
  source: table,
  run: async (context) => ({ value: await measure("8gaussians", {}, context), seed: context.seed }),
};

export const ganGrid: Row = {
  row: "gan-grid",
  metric: metricOf("25gaussians"),
  bound: 24,
  direction: "at least",
  published: 3.3,
  source: "Srivastava et al., VEEGAN (2017), table 1, plain GAN on 25 normal densities",
  run: async (context) => {
    // Pairs and both penalties reach all modes, waves make them narrow, and 12,000 steps make 22 modes 25.
    const settings = { loss: "relativistic", r1: 0.02, r2: 0.02, octaves: 3, steps: 15_000 };
    return { value: await measure("25gaussians", settings, context), seed: context.seed };
  },
};
