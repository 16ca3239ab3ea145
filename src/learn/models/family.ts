/** The family contract: what every kind of generative model offers to training, sampling and judging.
 *
 * Everything here is traced code. A family says what it needs of a batch, and what it can do; nothing
 * outside this folder asks which family it is. */

import type { TensorType } from "../../core/graph/index.ts";
import type { Tensor, TensorTree } from "../../core/trace/index.ts";
import type { Context } from "../nn/index.ts";
import type { Views } from "./view.ts";

/** Named tensors of a batch; each [B, ...shape of the field]. */
export type TensorBatch = Readonly<Record<string, Tensor>>;

/** Fields of one example, without the batch axis. */
export type FieldTypes = Readonly<Record<string, TensorType>>;

export interface PhaseLoss {
  /** Float32 scalar to be made smaller. */
  readonly loss: Tensor;
  /** Float32 scalars to watch. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** One kind of update in a step: most families have one, a GAN has one for each network. */
export interface Phase<P extends TensorTree = TensorTree> {
  readonly name: string;
  /** How often in a step, each time on other examples of the step's; once where absent. */
  readonly repeats?: number;
  /** Factor of the learning rate; 1 where absent. */
  readonly learningRate?: number;
  /** Whether the phase trains the parameter of this path. */
  trains(path: string): boolean;
  /** The loss of a batch; random numbers come from `context.key`. */
  loss(parameters: P, batch: TensorBatch, context: Context): PhaseLoss;
}

/** How sharply a bound on log p is estimated. */
export interface LogProbOptions {
  /** Random key, uint32 [2], of what is random about the examples themselves, such as their binarization. */
  readonly key: Tensor;
  /**
   * Random key of the importance samples; derived from `key` where absent. One `key` with several of these
   * judges the same examples by further samples. Exact families ignore it.
   */
  readonly noise?: Tensor;
  /** Importance samples for each example. */
  readonly samples: number;
}

/** What a sample may be told to be, such as its label. */
export interface Condition extends TensorType {
  /** Of a whole number: it counts into so many classes. */
  readonly classes?: number;
  /** What stands where nothing is said; it must be told where absent. */
  readonly optional?: number;
}

/** A number that steers sampling, such as the scale of guidance; it is fixed when the sampler is compiled. */
export interface Control {
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Only whole numbers. */
  readonly whole?: boolean;
  readonly default: number;
}

export interface SampleRequest {
  /** Number of examples. */
  readonly count: number;
  /** A value for each of the family's conditions and each example, [count, ...shape]. */
  readonly conditions: TensorBatch;
  /** A value for each of the family's controls. */
  readonly controls: Readonly<Record<string, number>>;
}

/** A sign in a metric of training that something goes wrong. */
export interface Signal {
  /** As the training step names it. */
  readonly metric: string;
  /** It is given when the metric stays below this, */
  readonly below?: number;
  /** or above this. */
  readonly above?: number;
  /** What it means and what helps, for people. */
  readonly meaning: string;
}

/** What is known of images in which something is missing. */
export interface InpaintRequest {
  /** 1 where a value is known, 0 where it is to be made: float32, broadcasts to the field. */
  readonly mask: Tensor;
  /** Random key, uint32 [2]. */
  readonly key: Tensor;
}

export interface DenoiseRequest {
  /** Standard deviation of the noise, of values from 0 to 1. */
  readonly noise: number;
  /** Random key, uint32 [2]. */
  readonly key: Tensor;
}

/** What a streaming draws by: the family's controls, and the number of sequences. */
export interface StreamRequest {
  readonly count: number;
  readonly controls: Readonly<Record<string, number>>;
}

/** A sequence token by token, for who wants to see each one at once, or more of them than the model sees at a time. */
export interface Streaming<P extends TensorTree = TensorTree> {
  /** Tokens that are read at most from the first one on. */
  readonly places: number;
  /** The token that is read first. */
  readonly begin: number;
  /** The token after which nothing comes; there is none where absent. */
  readonly end?: number;
  /** The state before the first token; leaves are [count, ...]. */
  start(parameters: P, request: StreamRequest): TensorTree;
  /**
   * Reads token number `place`, int32 [count] and scalar, and draws the one after it.
   * @param key random key, uint32 [2]; that of `sample` draws the same tokens
   */
  next(
    parameters: P,
    given: { readonly state: TensorTree; readonly token: Tensor; readonly place: Tensor; readonly key: Tensor },
    request: StreamRequest,
  ): { readonly token: Tensor; readonly state: TensorTree };
}

export interface Family<P extends TensorTree = TensorTree> {
  /** Such as `vae`. */
  readonly name: string;
  /** What it reads of an example. */
  readonly inputs: FieldTypes;
  /** Inputs whose first axis may be shorter, all by the same share, in a batch that has only padding behind that. */
  readonly sequences?: readonly string[];
  /** What a sample consists of. */
  readonly outputs: FieldTypes;
  /** What samples can be told to be; nothing where absent. A field of `inputs` may be one of them. */
  readonly conditions?: Readonly<Record<string, Condition>>;
  /** Numbers that steer `sample`; none where absent. */
  readonly controls?: Readonly<Record<string, Control>>;
  /** Outputs, int32 [2], that say the first and the last place of a condition's tokens: answers are what stands there. */
  readonly quotes?: Readonly<Record<string, string>>;
  /** Fresh parameters from a key, uint32 [2]. */
  init(key: Tensor): P;
  /** Parameters fitted to a first batch, before the first step; such as scales by the data's statistics. */
  prepare?(parameters: P, batch: TensorBatch, key: Tensor): P;
  readonly phases: readonly Phase<P>[];
  /** Signs of trouble to watch for while training. */
  readonly signals?: readonly Signal[];
  /** New examples: each output [count, ...shape]. */
  sample(parameters: P, key: Tensor, request: SampleRequest): TensorBatch;
  /** The same token by token, where samples are one sequence. */
  readonly streaming?: Streaming<P>;
  /** Names of what `score` gives. */
  readonly scores?: readonly string[];
  /** Scores of each example, all [B]; what its loss is made of, in natural units. */
  score?(parameters: P, batch: TensorBatch, key: Tensor): TensorBatch;
  /** Log-density of each example, exact or a lower bound by importance samples: [B], in nats. */
  logProb?(parameters: P, batch: TensorBatch, options: LogProbOptions): Tensor;
  /** Whether `logProb` needs one sample only: it is exact, but for noise added to whole numbers. */
  readonly exact?: boolean;
  /** Of examples that are whole numbers from 0 to 255: how many, so that log p can be told in bits per dimension. */
  readonly dimensions?: number;
  /** Latent codes as samples come from, [count, D]. */
  drawLatents?(parameters: P, key: Tensor, count: number): Tensor;
  /** The latent code of each example, [B, D]. */
  encode?(parameters: P, batch: TensorBatch): Tensor;
  /** Examples of latent codes [B, D], under conditions as in `sample`. */
  decode?(parameters: P, latents: Tensor, conditions: TensorBatch): TensorBatch;
  /** Examples encoded and decoded, deterministically. */
  reconstruct?(parameters: P, batch: TensorBatch): TensorBatch;
  /** Examples without the noise that was added; each output [B, ...shape]. The batch's image is float32 in [0, 1]. */
  denoise?(parameters: P, batch: TensorBatch, request: DenoiseRequest): TensorBatch;
  /** Examples with what was missing filled in. */
  inpaint?(parameters: P, batch: TensorBatch, request: InpaintRequest): TensorBatch;
  /** What went on inside while examples were read, for people to look at: attention's weights, gates; each [B, ...]. */
  inspect?(parameters: P, batch: TensorBatch): TensorBatch;
  /** How to read what `inspect` gives. */
  readonly views?: Views;
  /** Names of the directions of `translate`. */
  readonly directions?: readonly string[];
  /** Examples as another domain would show them. */
  translate?(parameters: P, batch: TensorBatch, direction: string): TensorBatch;
}

/** What a training step needs of a family. */
export type TrainableFamily = Pick<Family, "inputs" | "init" | "phases"> & Partial<Pick<Family, "prepare">>;
