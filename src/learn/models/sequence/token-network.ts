/** What a network offers that says how probable each next token of a sequence is: to training all places at once, to
 * generation one after another. */

import type { Tensor, TensorTree } from "../../../core/trace/index.ts";
import type { Context } from "../../nn/index.ts";
import type { View, ViewAxis, Views } from "../view.ts";

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

/**
 * What is read in blocks of so many places: a step changes little of the state but what belongs to the last block, so that a
 * loop over the places of a block has little to copy.
 */
export interface StepBlocks<S extends TensorTree = TensorTree> {
  readonly size: number;
  /** To be done after the last step of each block, the first place of which is number `start`, int32. */
  settle(state: S, start: Tensor): S;
}

/** A reading place by place. Leaves of the state are [B, ...], so that rows can change their places. */
export interface Stepping<S extends TensorTree = TensorTree> {
  readonly state: S;
  /** There where the state is kept in blocks: see {@link StepBlocks}. */
  readonly blocks?: StepBlocks<S>;
  /** Reads token number `place`, int32 [B], from 0; may be called in a loop. */
  step(state: S, token: Tensor, place: Tensor): Step<S>;
}

/** What stands along an axis of what a network gives: tokens that it reads, those that it scores, places of its memory. */
export type NetworkAxis = { readonly kind: "read" | "said" | "memory" } | Extract<ViewAxis, { readonly kind: "units" }>;

/** A view of a network, which knows no fields. */
export interface NetworkView extends Omit<View, "rows" | "columns"> {
  readonly rows: NetworkAxis;
  readonly columns: NetworkAxis;
}

export interface TokenNetwork<P extends TensorTree = TensorTree> {
  /** Number of tokens. */
  readonly vocabulary: number;
  /** How to read what `inside` holds. */
  readonly views?: Readonly<Record<string, NetworkView>>;
  init(key: Tensor): P;
  /** Tokens int32 [B, T], all places at once. */
  read(parameters: P, tokens: Tensor, memory: Memory | undefined, context: Context): Reading;
  /**
   * The same place by place, up to `most` places.
   * @param sizes with `inBlocks` the state may be one in blocks
   */
  begin(
    parameters: P,
    sizes: { readonly batch: number; readonly most: number; readonly inBlocks?: boolean },
    memory?: Memory,
  ): Stepping;
}

/** Turns a batch's fields into a memory. */
export interface Encoder<P extends TensorTree = TensorTree> {
  /** What its places are. */
  readonly axis?: ViewAxis;
  /** How to read what `inside` holds. */
  readonly views?: Views;
  init(key: Tensor): P;
  /** `inside`: what went on, by name, for people to look at. */
  encode(
    parameters: P,
    batch: Readonly<Record<string, Tensor>>,
    context: Context,
  ): Memory & { readonly inside?: Readonly<Record<string, Tensor>> };
}

/** Views of a network, once it is known what it reads, what it scores, and what its memory's places are. */
export function resolveViews(
  { views = {} }: Pick<TokenNetwork, "views">,
  axes: { readonly read: ViewAxis; readonly said: ViewAxis; readonly memory?: ViewAxis },
): Views {
  const resolve = (axis: NetworkAxis): ViewAxis | undefined => (axis.kind === "units" ? axis : axes[axis.kind]);
  return Object.fromEntries(
    Object.entries(views).flatMap(([name, view]) => {
      const [rows, columns] = [resolve(view.rows), resolve(view.columns)];
      return rows && columns ? [[name, { ...view, rows, columns }]] : [];
    }),
  );
}
