/** Families of generative models, each behind one contract. Traced code only. */

export * from "./diffusion/index.ts";
export type { EventType } from "./event.ts";
export type {
  Condition,
  Control,
  DenoiseRequest,
  Family,
  FieldTypes,
  InpaintRequest,
  LogProbOptions,
  Phase,
  PhaseLoss,
  SampleRequest,
  Signal,
  TensorBatch,
  TrainableFamily,
} from "./family.ts";
export * from "./vae/index.ts";
