/** Attention: each place of a sequence takes a mean over places of a sequence, with weights that it computes. */

import { formatShape, GalateaError, type Shape } from "../../core/base/index.ts";
import { concat, constant, foldKey, range, type Tensor } from "../../core/trace/index.ts";
import { type Context, subcontext } from "./context.ts";
import { dropout } from "./dropout.ts";
import { glorotUniform, type Initializer, zeros } from "./initializers.ts";
import { type AffineParameters, affineParameters } from "./module.ts";
import { rotary } from "./positions.ts";

/** Far below any score, and finite: a place that may see nothing attends to all places evenly, without NaN. */
export const excluded = -1e30;

/** Which places may see which. */
export interface AttentionMask {
  /** Whether place t sees places up to t only, counted from the ends: the last of T sees all of S. */
  readonly causal?: boolean;
  /** bool, broadcasts to [B, heads, T, S]: true where a place may be seen. For padding: [B, 1, 1, S]. */
  readonly visible?: Tensor;
  /** Added to the scores, broadcasts to [B, heads, T, S]: such as a learned bias of distances. */
  readonly bias?: Tensor;
}

export interface Attended {
  /** [B, heads, T, V]. */
  readonly context: Tensor;
  /** [B, heads, T, S]: how much place t takes of place s; each row sums to 1. */
  readonly weights: Tensor;
}

/**
 * Scaled dot-product attention.
 *
 * weights = softmax(q k^T / sqrt(D) + bias) over the visible places; context = weights v
 *
 * Shapes: q [B, heads, T, D], k [B, groups, S, D], v [B, groups, S, V] -> context [B, heads, T, V], weights
 * [B, heads, T, S]. There are as many groups as heads, or fewer: then heads / groups heads in a row share keys and values.
 * @param dropWeights what is done to the weights before they meet v, such as dropout
 *
 * Source: Vaswani et al., "Attention is all you need" (2017), equation 1; groups: Ainslie et al., "GQA" (2023).
 */
export function dotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: AttentionMask = {},
  dropWeights: (weights: Tensor) => Tensor = (weights) => weights,
): Attended {
  return attendToParts(q, [{ keys: k, values: v }], mask, dropWeights);
}

/** The same where keys and values stand in several parts one after another: the mask is one over all of them. */
function attendToParts(
  q: Tensor,
  parts: readonly Remembered[],
  mask: AttentionMask,
  dropWeights: (weights: Tensor) => Tensor,
): Attended {
  const scale = 1 / Math.sqrt(q.shape[q.rank - 1]);
  const [heads, groups] = [q, parts[0].keys].map(({ shape }) => shape[shape.length - 3]);
  const areShared = heads !== groups && q.rank === 4;
  // The heads of a group one under the other are one product with the group's keys, which are not repeated.
  const [batch, , steps] = q.shape;
  const together = (x: Tensor): Tensor =>
    areShared ? x.reshape([batch, groups, (heads / groups) * steps, x.shape[3]]) : x;
  const apart = (x: Tensor): Tensor => (areShared ? x.reshape([batch, heads, steps, x.shape[3]]) : x);
  const asked = together(q);
  const products = parts.map(({ keys }) => asked.matmul(keys, { transposeB: true }));
  const [only, ...more] = products;
  const joined = apart(more.length === 0 ? only : concat(products, -1));
  const weights = masked(joined.mul(scale), mask).softmax(-1);
  const shown = together(dropWeights(weights));
  const places = parts.map(({ keys }) => keys.shape[keys.rank - 2]);
  const shares = more.length === 0 ? [shown] : shown.split(places, -1);
  const contexts = parts.map(({ values }, i) => shares[i].matmul(values));
  return { context: apart(contexts.reduce((sum, context) => sum.add(context))), weights };
}

/** Scores [..., T, S] with those of invisible places far below all others. */
function masked(products: Tensor, { causal = false, visible, bias }: AttentionMask): Tensor {
  const scores = bias ? products.add(bias) : products;
  const [steps, places] = scores.shape.slice(-2);
  const hidden: Tensor[] = []; // 1 where a place may not be seen
  if (causal) {
    const latest = range(steps, "int32").add(places - steps); // that place t sees
    const later = range(places, "int32").greater(latest.reshape([steps, 1]));
    hidden.push(later.cast("float32")); // [T, S]
  }
  if (visible) hidden.push(constant(1).sub(visible.cast("float32")));
  return hidden.reduce((sum, places) => sum.add(places.mul(excluded)), scores);
}

export interface MultiHeadAttentionOptions {
  /** Size of the vectors at each place. */
  readonly width: number;
  /** Divides the width. */
  readonly heads: number;
  /** Heads of keys and values, each for as many heads of queries; divides `heads`, which it is where absent. */
  readonly keyValueHeads?: number;
  /** Whether queries and keys are turned by their places; see {@link rotary}. */
  readonly rotary?: boolean;
  readonly bias?: boolean;
  /** Share of the weights that is set to 0 in training. */
  readonly dropout?: number;
  /** Of the projections; `glorotUniform` where absent, as in PyTorch. */
  readonly init?: Initializer;
  /** Of the output's projection where that differs. */
  readonly outputInit?: Initializer;
}

export type AttentionParameters = {
  /** The projections to queries, keys and values, one under the other: [3 width, width], less with fewer keys. */
  readonly in_proj_weight: Tensor;
  readonly in_proj_bias?: Tensor;
  readonly out_proj: AffineParameters<boolean>;
};

/** What one sequence takes from another. */
export interface MultiHeadAttended {
  /** [B, T, width]. */
  readonly output: Tensor;
  /** [B, heads, T, S], before dropout. */
  readonly weights: Tensor;
}

/** Keys and values of places, [B, keyValueHeads, S, width / heads]: what attention needs to know of them. A type, so that
 * a loop can carry it. */
export type Remembered = { readonly keys: Tensor; readonly values: Tensor };

export interface MultiHeadAttention {
  init(key: Tensor): AttentionParameters;
  /**
   * Places of x [B, T, width] look at places of the memory [B, S, width]: for self-attention, x itself.
   * @throws GalateaError `shape`, while tracing, when one of the two is not [B, places, width]
   */
  attend(
    parameters: AttentionParameters,
    x: Tensor,
    memory: Tensor,
    mask: AttentionMask,
    context: Context,
  ): MultiHeadAttended;
  /** Queries of a sequence whose first place is number `start`, 0 where absent: [B, heads, places, width / heads]. */
  ask(parameters: AttentionParameters, x: Tensor, start?: number | Tensor): Tensor;
  /** Keys and values of a memory whose first place is number `start`, 0 where absent. */
  remember(parameters: AttentionParameters, memory: Tensor, start?: number | Tensor): Remembered;
  /** Both of one sequence, in one product. */
  askAndRemember(
    parameters: AttentionParameters,
    x: Tensor,
    start?: number | Tensor,
  ): { readonly queries: Tensor; readonly remembered: Remembered };
  /**
   * Places that ask look at what is remembered, in one or more parts: the second half
   * of `attend`. Mask and weights are over the places of all parts, in their order.
   */
  recall(
    parameters: AttentionParameters,
    queries: Tensor,
    remembered: readonly Remembered[],
    mask: AttentionMask,
    context: Context,
  ): MultiHeadAttended;
}

/**
 * Multi-head attention: several attentions side by side, each over its own projection of the vectors.
 *
 * head_i = attention(x Wq_i^T, memory Wk_i^T, memory Wv_i^T); output = [head_1 ... head_n] Wo^T
 *
 * Shapes: see {@link MultiHeadAttention}.
 * @throws GalateaError `config` when the heads do not divide the width, or heads of keys those of queries.
 *
 * Source: Vaswani et al. (2017), section 3.2.2. Names and layouts as PyTorch's `nn.MultiheadAttention`.
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): MultiHeadAttention {
  const { width, heads, keyValueHeads = heads, bias = true, init = glorotUniform, outputInit = init } = options;
  requireHeads(width, heads, keyValueHeads);
  const dropWeights = dropout(options.dropout ?? 0);
  const size = width / heads;
  const rows = [width, keyValueHeads * size, keyValueHeads * size];
  const total = rows.reduce((sum, count) => sum + count);
  const turned = (x: Tensor, start: number | Tensor): Tensor => (options.rotary ? rotary(x, start) : x);
  /** The queries (0), keys (1) or values (2) of a sequence, [B, heads, places, size]. */
  const project = ({ in_proj_weight, in_proj_bias }: AttentionParameters, sequence: Tensor, which: 0 | 1 | 2) => {
    requireSequence(in_proj_weight, sequence.shape, width);
    const weight = in_proj_weight.split(rows, 0)[which];
    return byHeads(affine(sequence, weight, in_proj_bias?.split(rows, 0)[which]));
  };
  const byHeads = (y: Tensor): Tensor => {
    const [batch, places, all] = y.shape;
    return y.reshape([batch, places, all / size, size]).transpose([0, 2, 1, 3]);
  };
  const layer: MultiHeadAttention = {
    init: (key) => {
      const fans = { inputs: width, outputs: width };
      const weight = init(foldKey(key, 0), [total, width], { inputs: width, outputs: total });
      const out_proj = affineParameters<boolean>(
        outputInit(foldKey(key, 1), [width, width], fans),
        bias ? zeros(key, [width], fans) : undefined,
      );
      return { in_proj_weight: weight, ...(bias && { in_proj_bias: zeros(key, [total], fans) }), out_proj };
    },
    attend: (parameters, x, memory, mask, context) =>
      layer.recall(parameters, layer.ask(parameters, x), [layer.remember(parameters, memory)], mask, context),
    ask: (parameters, x, start = 0) => turned(project(parameters, x, 0), start),
    remember: (parameters, memory, start = 0) => ({
      keys: turned(project(parameters, memory, 1), start),
      values: project(parameters, memory, 2),
    }),
    askAndRemember: (parameters, x, start = 0) => {
      const { in_proj_weight, in_proj_bias } = parameters;
      requireSequence(in_proj_weight, x.shape, width);
      const [queries, keys, values] = affine(x, in_proj_weight, in_proj_bias).split(rows, 2).map(byHeads);
      return { queries: turned(queries, start), remembered: { keys: turned(keys, start), values } };
    },
    recall: (parameters, queries, remembered, mask, context) => {
      const drop = (w: Tensor): Tensor => dropWeights.apply({}, w, subcontext(context, 0));
      const attended = attendToParts(queries, remembered, mask, drop);
      const [batch, , places] = queries.shape;
      const joined = attended.context.transpose([0, 2, 1, 3]).reshape([batch, places, width]);
      const { weight, bias: shift } = parameters.out_proj;
      return { output: affine(joined, weight, shift), weights: attended.weights };
    },
  };
  return layer;
}

function requireHeads(width: number, heads: number, keyValueHeads: number): void {
  if (!Number.isInteger(width / heads)) {
    const seen = `${heads} heads over a width of ${width}`;
    throw new GalateaError("config", "multiHeadAttention", seen, "the heads must divide the width");
  }
  if (Number.isInteger(heads / keyValueHeads) && keyValueHeads >= 1) return;
  const seen = `${keyValueHeads} heads of keys and values for ${heads} of queries`;
  throw new GalateaError("config", "multiHeadAttention", seen, "they must divide the heads of queries");
}

/** x W^T + b over the last axis of [B, places, inputs]. */
function affine(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  const [batch, places, inputs] = x.shape;
  const product = x.reshape([batch * places, inputs]).matmul(weight, { transposeB: true });
  return (bias ? product.add(bias) : product).reshape([batch, places, weight.shape[0]]);
}

function requireSequence(parameter: Tensor, shape: Shape, width: number): void {
  if (shape.length === 3 && shape[2] === width) return;
  const seen = `multiHeadAttention: a sequence has shape ${formatShape(shape)}`;
  throw new GalateaError("shape", parameter.path, seen, `it must be [B, places, ${width}]`);
}
