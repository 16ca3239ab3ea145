/** What a network offers that says how probable each next token of a sequence is: to training all places at once, to
 * generation one after another. */

import type { Tensor, TensorTree } from "../../../core/trace/index.ts";
import type { Context } from "../../nn/index.ts";

/** What an encoder read, for a decoder to look at. */
export interface Memory {
  /** [B, S, size]. */
  readonly places: Tensor;
  /** bool [B, S]: true where there is something to see; everywhere where absent. */
  readonly visible?: Tensor;
  /** int32 [B, S]: the token that was read at each place, where tokens were; what a decoder may copy. */
  readonly tokens?: Tensor;
}

export interface Reading {
  /** Scores of the token after each place, before softmax: [B, T, vocabulary]. */
  readonly logits: Tensor;
  /** What the scores were computed from, [B, T, size]. */
  readonly states?: Tensor;
  /** What the network itself wants to be small, [B, T]: it is added to the loss of each token that counts. */
  readonly penalties?: Tensor;
  /** What went on inside, by name, for people to look at; what nobody reads is not computed. */
  readonly inside: Readonly<Record<string, Tensor>>;
}

/** One place read. */
export interface Step<S> {
  /** [B, vocabulary]. */
  readonly logits: Tensor;
  /** What the scores were computed from, [B, size]. */
  readonly states?: Tensor;
  readonly state: S;
}

/** A reading place by place. Leaves of the state are [B, ...], so that rows can change their places. */
export interface Stepping<S extends TensorTree = TensorTree> {
  readonly state: S;
  /** Reads token number `place`, int32 [B], from 0; may be called in a loop. */
  step(state: S, token: Tensor, place: Tensor): Step<S>;
}

export interface TokenNetwork<P extends TensorTree = TensorTree> {
  /** Number of tokens. */
  readonly vocabulary: number;
  init(key: Tensor): P;
  /** Tokens int32 [B, T], all places at once. */
  read(parameters: P, tokens: Tensor, memory: Memory | undefined, context: Context): Reading;
  /** The same place by place, up to `most` places. */
  begin(parameters: P, sizes: { readonly batch: number; readonly most: number }, memory?: Memory): Stepping;
}

/** Turns a batch's fields into a memory. */
export interface Encoder<P extends TensorTree = TensorTree> {
  init(key: Tensor): P;
  /** `inside`: what went on, by name, for people to look at. */
  encode(
    parameters: P,
    batch: Readonly<Record<string, Tensor>>,
    context: Context,
  ): Memory & { readonly inside?: Readonly<Record<string, Tensor>> };
}
