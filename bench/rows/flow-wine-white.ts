/** A spline flow on the white wines of UCI's wine quality, in the ten folds of RNADE's table. */

import { join } from "node:path";
import { foldKey, keyFromSeed, permutation } from "../../src/core/base/index.ts";
import type { HostTensor } from "../../src/engine/index.ts";
import { flow, splineCoupling } from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { readNumbers } from "../../src/run/data/index.ts";
import {
  createModel,
  createTrainingStep,
  type DeviceParameters,
  findPreset,
  type HostBatch,
  parseConfig,
} from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { dataFolder } from "./train-and-judge.ts";

/** Inputs of the file; its twelfth column, quality, is a whole number and left out, as the source does. */
const features = 11;
const folds = 10;
const batchSize = 256;
const steps = 5000;
/** Steps between looks at the validation fold. */
const lookEvery = 150;

/** Rows of the table, shuffled; no two columns correlate by more than 0.84, so that none is left out. */
async function readWines(seed: number): Promise<readonly (readonly number[])[]> {
  const { columns, rows: numbers } = await readNumbers(join(dataFolder(), "tabular/winequality-white.csv.gz"));
  const count = numbers.length / columns.length;
  if (count !== 4898 || columns.length !== features + 1) {
    throw new Error(`winequality-white.csv.gz holds ${count} rows of ${columns.length}; it should hold 4898 of 12`);
  }
  const rows = Array.from({ length: count }, (_, i) =>
    numbers.slice(i * columns.length, i * columns.length + features),
  );
  return Array.from(permutation(foldKey(keyFromSeed(seed), 1), rows.length), (i) => rows[i]);
}

/** Rows brought to mean 0 and deviation 1 of the training rows. */
function normalizer(train: readonly (readonly number[])[]): (row: readonly number[]) => number[] {
  const mean = train[0].map((_, j) => train.reduce((sum, row) => sum + row[j], 0) / train.length);
  const deviation = mean.map((m, j) =>
    Math.sqrt(train.reduce((sum, row) => sum + (row[j] - m) ** 2, 0) / train.length),
  );
  return (row) => row.map((x, j) => (x - mean[j]) / deviation[j]);
}

function batchOf(rows: readonly (readonly number[])[]): HostBatch {
  return { vector: { dtype: "float32", shape: [rows.length, features], data: Float32Array.from(rows.flat()) } };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

export const flowWineWhite: Row = {
  row: "flow-wine-white",
  metric: "log-likelihood, nats per wine, mean over 10 folds; inputs normalised by the training folds",
  bound: -10.23,
  direction: "at least",
  published: -10.23,
  source: "Uria, Murray and Larochelle, RNADE (2013), Table 1: RNADE-MoG",
  run: async ({ seed, threads, log }) => {
    const rows = await readWines(seed);
    const layers = splineCoupling({ features, depth: 6, hidden: [64, 64], dropout: 0.2 });
    const family = flow({ event: { field: "vector", shape: [features] }, layers }) as never;
    const config = parseConfig(findPreset("points/spline").schema, {
      seed,
      steps,
      batchSize,
      learningRate: 1e-3,
      optimizer: "adamw",
      weightDecay: 0.01,
      schedule: "cosine",
      // About the last epoch and a half.
      averageDecay: 0.97,
    });
    const backend = createCpuBackend({ threads });
    const step = await createTrainingStep(backend, family, config);
    const model = createModel(backend, family);
    const key = foldKey(keyFromSeed(seed), 2);
    const logLikelihood = async (parameters: DeviceParameters, batch: HostBatch): Promise<number> => {
      const logs = await model.logProb?.(parameters, batch, { key, noise: key }, 1);
      return mean(Array.from((logs as HostTensor).data, Number));
    };
    const initial = await step.state.read();
    const results: number[] = [];
    try {
      for (let fold = 0; fold < folds; fold++) {
        const inFold = (wanted: number) => rows.filter((_, i) => i % folds === wanted % folds);
        const train = rows.filter((_, i) => i % folds !== fold && i % folds !== (fold + 1) % folds);
        const normalize = normalizer(train);
        const [test, validation] = [inFold(fold), inFold(fold + 1)].map((part) => batchOf(part.map(normalize)));
        const normal = train.map(normalize);
        await step.state.write(initial, "a fold");
        await step.prepare?.(batchOf(normal));
        let best = { validation: Number.NEGATIVE_INFINITY, test: Number.NaN, step: 0 };
        const stepsPerEpoch = Math.floor(normal.length / batchSize);
        let order: Uint32Array = new Uint32Array();
        for (let i = 0; i < steps; i++) {
          const at = i % stepsPerEpoch;
          if (at === 0) order = permutation(foldKey(foldKey(key, fold), i), normal.length);
          await step.run(
            batchOf(Array.from(order.subarray(at * batchSize, (at + 1) * batchSize), (j) => normal[j])),
            i,
          );
          if ((i + 1) % lookEvery !== 0) continue;
          const { average } = step.state.current() as unknown as { readonly average: DeviceParameters };
          const seen = await logLikelihood(average, validation);
          if (fold === 0) log(`fold 0, step ${i + 1}: ${seen.toFixed(3)} on the validation fold`);
          // Which weights are kept is decided by the validation fold alone.
          if (seen > best.validation) {
            best = { validation: seen, test: await logLikelihood(average, test), step: i + 1 };
          }
        }
        results.push(best.test);
        log(`fold ${fold}: ${best.test.toFixed(3)} after ${best.step} steps, validation ${best.validation.toFixed(3)}`);
      }
      const value = mean(results);
      const scatter = Math.sqrt(mean(results.map((x) => (x - value) ** 2)) / (folds - 1));
      log(`standard error over folds ${scatter.toFixed(3)}`);
      return { value, seed };
    } finally {
      await model.dispose();
      await step.dispose();
      await backend.dispose();
    }
  },
};
