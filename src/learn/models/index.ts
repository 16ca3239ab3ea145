/** Families of generative models, each behind one contract. Traced code only. */

export * from "./autoregressive/index.ts";
export { type Binarization, binarizations } from "./binarization.ts";
export * from "./classifier/index.ts";
export * from "./cycle-gan/index.ts";
export * from "./diffusion/index.ts";
export type { EventType, StillEventType } from "./event.ts";
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
  Streaming,
  StreamRequest,
  TensorBatch,
  TrainableFamily,
} from "./family.ts";
export * from "./flow/index.ts";
export * from "./forecast/index.ts";
export * from "./gan/index.ts";
export * from "./lstm/index.ts";
export * from "./recognition/index.ts";
export * from "./sequence/index.ts";
export * from "./transformer/index.ts";
export * from "./vae/index.ts";
export type { View, ViewAxis, Views } from "./view.ts";
export * from "./vq-vae/index.ts";
export * from "./wavenet/index.ts";
