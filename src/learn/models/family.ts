/** The family contract: what every kind of generative model offers to training, sampling and judging.
 *
 * Everything here is traced code. A family says what it needs of a batch, and what it can do; nothing
 * outside this folder asks which family it is. */

import type { TensorType } from "../../core/graph/index.ts";
import type { Tensor, TensorTree } from "../../core/trace/index.ts";
import type { Context } from "../nn/index.ts";

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

export interface Family<P extends TensorTree = TensorTree> {
  /** Such as `vae`. */
  readonly name: string;
  /** What it reads of an example. */
  readonly inputs: FieldTypes;
  /** What a sample consists of. */
  readonly outputs: FieldTypes;
  /** Fresh parameters from a key, uint32 [2]. */
  init(key: Tensor): P;
  readonly phases: readonly Phase<P>[];
  /** New examples: each output [count, ...shape]. */
  sample(parameters: P, key: Tensor, count: number): TensorBatch;
  /** Names of what `score` gives. */
  readonly scores?: readonly string[];
  /** Scores of each example, all [B]; what its loss is made of, in natural units. */
  score?(parameters: P, batch: TensorBatch, key: Tensor): TensorBatch;
  /** Log-density of each example, exact or an importance-weighted lower bound: [B], in nats. */
  logProb?(parameters: P, batch: TensorBatch, options: LogProbOptions): Tensor;
  /** The latent code of each example, [B, D]. */
  encode?(parameters: P, batch: TensorBatch): Tensor;
  /** Examples of latent codes [B, D]. */
  decode?(parameters: P, latents: Tensor): TensorBatch;
  /** Examples encoded and decoded, deterministically. */
  reconstruct?(parameters: P, batch: TensorBatch): TensorBatch;
}

/** What a training step needs of a family. */
export type TrainableFamily = Pick<Family, "inputs" | "init" | "phases">;
