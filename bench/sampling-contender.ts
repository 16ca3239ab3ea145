/** Makes the sampler of a family a contender: each step draws a batch of samples of a fresh model and reads it back. */

import { foldKey, keyFromSeed } from "../src/core/base/index.ts";
import { constantKey, leavesOf, sizeOf, type TensorType } from "../src/core/index.ts";
import { type Backend, createState, type StateTree } from "../src/engine/index.ts";
import type { Family, SampleRequest } from "../src/learn/models/index.ts";
import { createCpuBackend } from "../src/platform/node/index.ts";
import { createModel, type DeviceParameters, type HostBatch, type Model } from "../src/run/index.ts";
import type { ContenderProgram } from "./serve-contender.ts";

export interface SamplingProgram {
  readonly family: Family;
  /** Samples in a batch. */
  readonly count: number;
  readonly conditions?: HostBatch;
  /** Those that are not the family's defaults. */
  readonly controls?: SampleRequest["controls"];
}

interface State {
  readonly backend: Backend;
  readonly model: Model;
  readonly parameters: DeviceParameters;
}

/** Compiles at the first batch. The "loss" of a batch is the mean square of its values, by which peers are compared. */
export function samplingContender(program: SamplingProgram): ContenderProgram<State> {
  const { family, count, conditions = {} } = program;
  const defaults = Object.entries(family.controls ?? {}).map(([name, control]) => [name, control.default] as const);
  const controls = { ...Object.fromEntries(defaults), ...program.controls };
  return {
    setup: async ({ threads }) => {
      const backend = createCpuBackend({ threads });
      const init = (): StateTree => ({ parameters: family.init(constantKey(keyFromSeed(0))) });
      const state = await createState<Record<string, never>, StateTree>(backend, "initialization", {}, [], init).ready;
      const { parameters } = state.current();
      return { backend, model: createModel(backend, family), parameters: parameters as DeviceParameters };
    },
    parameters: ({ parameters }) =>
      leavesOf<TensorType>(parameters as never).reduce((sum, { value }) => sum + sizeOf(value.shape), 0),
    step: async ({ model, parameters }, index) => {
      const samples = await model.sample(parameters, foldKey(keyFromSeed(1), index), { count, conditions, controls });
      const [{ data }] = Object.values(samples);
      return meanSquare(data as Float32Array);
    },
    close: ({ backend }) => backend.dispose(),
  };
}

function meanSquare(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
