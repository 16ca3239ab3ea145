/** Makes a family a contender: its training step, as `galatea train` compiles it, on batches made beforehand. */

import { z } from "zod";
import { keyFromSeed, leavesOf, type Tensor, type TensorTree } from "../src/core/index.ts";
import { type Backend, jit } from "../src/engine/index.ts";
import type { TrainableFamily } from "../src/learn/models/index.ts";
import { createCpuBackend } from "../src/platform/node/index.ts";
import {
  createTrainingStep,
  type HostBatch,
  parseConfig,
  profileSteps,
  type SharedConfig,
  sharedOptions,
  type TrainingStep,
} from "../src/run/index.ts";
import type { ContenderProgram } from "./serve-contender.ts";

/** What every workload's entry in sizes.json says. */
export interface CommonSizes {
  /** Examples in a step. */
  readonly batch: number;
  /** Number of batches, through which steps cycle. */
  readonly batches: number;
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
}

export interface FamilyProgram {
  readonly family: TrainableFamily;
  readonly sizes: CommonSizes;
  makeBatch(index: number): HostBatch;
  /** Traced: the random numbers of one step, drawn from a key; absent where a step has none. */
  random?(key: Tensor): TensorTree;
}

interface State {
  readonly backend: Backend;
  readonly step: TrainingStep;
  draw(): Promise<void>;
}

const schema = z.strictObject({
  ...sharedOptions,
  steps: sharedOptions.steps.default(1_000_000),
  batchSize: sharedOptions.batchSize.default(1),
  learningRate: sharedOptions.learningRate.default(0.001),
});

/** The configuration of a run with the workload's batch and Adam. */
function configOf({ batch, learningRate, beta1, beta2 }: CommonSizes): SharedConfig {
  const betas = { ...(beta1 !== undefined && { beta1 }), ...(beta2 !== undefined && { beta2 }) };
  return parseConfig(schema, { batchSize: batch, learningRate, ...betas });
}

/** The training step of a family as a contender; makes its batches at once. The loss is the sum over the phases. */
export function familyContender({ family, sizes, makeBatch, random }: FamilyProgram): ContenderProgram<State> {
  const batches = Array.from({ length: sizes.batches }, (_, index) => makeBatch(index));
  return {
    setup: async ({ threads }) => {
      const backend = createCpuBackend({ threads });
      const step = await createTrainingStep(backend, family, configOf(sizes));
      await step.prepare?.(batches[0]);
      const drawn = jit(backend, "random numbers", ({ key }: { readonly key: Tensor }) => sums(random?.(key) ?? []));
      const key = { dtype: "uint32", shape: [2], data: Uint32Array.from(keyFromSeed(0)) };
      const draw = async (): Promise<void> => {
        await drawn({ key } as never);
      };
      return { backend, step, draw };
    },
    parameters: ({ step }) => step.parameterCount,
    step: async ({ step }, index) => {
      const metrics = await step.run(batches[index % batches.length], index);
      const losses = Object.entries(metrics).filter(([name]) => name === "loss" || name.endsWith(".loss"));
      return losses.reduce((total, [, loss]) => total + loss, 0);
    },
    ...(random && { draw: ({ draw }) => draw() }),
    profile: async ({ backend }, steps) => {
      const { kernels, byOp } = await profileSteps(backend, family, configOf(sizes), batches, steps);
      return { kernels, ops: byOp.map(({ name, share, kernels: count }) => ({ op: name, kernels: count, share })) };
    },
    close: ({ backend }) => backend.dispose(),
  };
}

/** One number of each tensor, so that copying results does not count. */
function sums(tree: TensorTree): Tensor[] {
  return leavesOf<Tensor>(tree).map(({ value }) => value.sum());
}
