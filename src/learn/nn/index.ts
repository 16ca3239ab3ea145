/** Layers: the module contract, constructors of layers, initializers.
 * Traced code only; knows no optimizer, no density and no device. */

export {
  type ActivationName,
  activations,
  elu,
  gelu,
  geluTanh,
  identity,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from "./activations.ts";
export {
  type Attended,
  type AttentionMask,
  type AttentionParameters,
  dotProductAttention,
  type MultiHeadAttended,
  type MultiHeadAttention,
  type MultiHeadAttentionOptions,
  multiHeadAttention,
  type Remembered,
} from "./attention.ts";
export { checkpointed } from "./checkpointed.ts";
export { type Context, evaluationContext, type RecordingContext, subcontext, trainingContext } from "./context.ts";
export { type Conv2dOptions, type ConvTranspose2dOptions, conv2d, convTranspose2d } from "./convolution.ts";
export {
  type Conv1dOptions,
  type ConvTranspose1dOptions,
  conv1d,
  convTranspose1d,
} from "./convolution-1d.ts";
export { dropout } from "./dropout.ts";
export { type EmbeddingOptions, type EmbeddingParameters, embedding } from "./embedding.ts";
export { type GruState, type GruSteps, gru } from "./gru.ts";
export type { Fans, Initializer } from "./initializers.ts";
/** Initializers under one name, as `zeros`, `ones` and `constant` are also names of tensors. */
export * as initializers from "./initializers.ts";
export { type InstanceNormOptions, type InstanceNormParameters, instanceNorm } from "./instance-norm.ts";
export { flatten, reshape } from "./layout.ts";
export { type LinearOptions, linear } from "./linear.ts";
export { type LstmOptions, type LstmState, type LstmSteps, lstm } from "./lstm.ts";
export {
  type AffineParameters,
  type Layer,
  type Module,
  type NoParameters,
  type ParametersOf,
  type TensorFunction,
  toModule,
} from "./module.ts";
export {
  type BatchNormOptions,
  type BatchNormParameters,
  batchNorm,
  type GroupNormOptions,
  groupNorm,
  type LayerNormOptions,
  layerNorm,
  type NormParameters,
} from "./normalization.ts";
export {
  type AveragePool1dOptions,
  type AveragePool2dOptions,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  type Pool1dOptions,
  type Pool2dOptions,
} from "./pooling.ts";
export { type RelativeBucketOptions, relativeBuckets, rotary, sinusoidalPositions } from "./positions.ts";
export type { Recurrence, RecurrentLayer, RecurrentOptions, RecurrentParameters } from "./recurrent.ts";
export { type RmsNormOptions, type RmsNormParameters, rmsNorm } from "./rms-norm.ts";
export {
  type AttentionScore,
  attentionalState,
  attentionScores,
  type PreparedMemory,
  type SequenceAttended,
  type SequenceAttention,
  type SequenceAttentionOptions,
  type SequenceAttentionParameters,
  sequenceAttention,
} from "./sequence-attention.ts";
export { type SequentialParameters, sequential } from "./sequential.ts";
export { type SpectralNormOptions, type SpectralNormParameters, spectralNorm } from "./spectral-norm.ts";
export {
  type BlockInputs,
  type BlockNormParameters,
  type BlockOutputs,
  type Past,
  type StepInputs,
  type StepOutputs,
  type TransformerBlock,
  type TransformerBlockOptions,
  type TransformerBlockParameters,
  transformerBlock,
} from "./transformer.ts";
export { pixelShuffle, pixelUnshuffle, resize2d, type UpsampleOptions, upsample } from "./upsampling.ts";
