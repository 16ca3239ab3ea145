/** Families of generative models, each behind one contract. Traced code only. */

export type {
  Family,
  FieldTypes,
  LogProbOptions,
  Phase,
  PhaseLoss,
  TensorBatch,
  TrainableFamily,
} from "./family.ts";
export * from "./vae/index.ts";
