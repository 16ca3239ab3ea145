/** Attention: each place of a sequence takes a mean over places of a sequence, with weights that it computes. */

import { formatShape, GalateaError, type Shape } from "../../core/base/index.ts";
import { constant, foldKey, range, type Tensor } from "../../core/trace/index.ts";
import { type Context, subcontext } from "./context.ts";
import { dropout } from "./dropout.ts";
import { glorotUniform, type Initializer, zeros } from "./initializers.ts";
import { type AffineParameters, affineParameters } from "./module.ts";

/** Far below any score, and finite: a place that may see nothing attends to all places evenly, without NaN. */
const excluded = -1e30;

/** Which places may see which. */
export interface AttentionMask {
  /** Whether place t sees places up to t only, counted from the ends: the last of T sees all of S. */
  readonly causal?: boolean;
  /** bool, broadcasts to [B, heads, T, S]: true where a place may be seen. For padding: [B, 1, 1, S]. */
  readonly visible?: Tensor;
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
 * weights = softmax(q k^T / sqrt(D)) over the visible places; context = weights v
 *
 * Shapes: q [B, heads, T, D], k [B, heads, S, D], v [B, heads, S, V] -> context [B, heads, T, V], weights
 * [B, heads, T, S]; leading axes broadcast.
 * @param dropWeights what is done to the weights before they meet v, such as dropout
 *
 * Source: Vaswani et al., "Attention is all you need" (2017), equation 1.
 */
export function dotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: AttentionMask = {},
  dropWeights: (weights: Tensor) => Tensor = (weights) => weights,
): Attended {
  const scores = q.matmul(k, { transposeB: true }).mul(1 / Math.sqrt(q.shape[q.rank - 1]));
  const weights = masked(scores, mask).softmax(-1);
  return { context: dropWeights(weights).matmul(v), weights };
}

/** Scores [..., T, S] with those of invisible places far below all others. */
function masked(scores: Tensor, { causal = false, visible }: AttentionMask): Tensor {
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
  readonly bias?: boolean;
  /** Share of the weights that is set to 0 in training. */
  readonly dropout?: number;
  /** Of the projections; `glorotUniform` where absent, as in PyTorch. */
  readonly init?: Initializer;
  /** Of the output's projection where that differs. */
  readonly outputInit?: Initializer;
}

export type AttentionParameters = {
  /** The projections to queries, keys and values, one under the other: [3 width, width]. */
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
}

/**
 * Multi-head attention: several attentions side by side, each over its own projection of the vectors.
 *
 * head_i = attention(x Wq_i^T, memory Wk_i^T, memory Wv_i^T); output = [head_1 ... head_n] Wo^T
 *
 * Shapes: see {@link MultiHeadAttention}.
 * @throws GalateaError `config` when the heads do not divide the width.
 *
 * Source: Vaswani et al. (2017), section 3.2.2. Names and layouts as PyTorch's `nn.MultiheadAttention`.
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): MultiHeadAttention {
  const { width, heads, bias = true, init = glorotUniform, outputInit = init } = options;
  if (!Number.isInteger(width / heads)) {
    const seen = `${heads} heads over a width of ${width}`;
    throw new GalateaError("config", "multiHeadAttention", seen, "the heads must divide the width");
  }
  const dropWeights = dropout(options.dropout ?? 0);
  const size = width / heads;
  const split = (x: Tensor): Tensor => x.reshape([x.shape[0], x.shape[1], heads, size]).transpose([0, 2, 1, 3]);
  return {
    init: (key) => {
      const fans = { inputs: width, outputs: width };
      const weight = init(foldKey(key, 0), [3 * width, width], { inputs: width, outputs: 3 * width });
      const out_proj = affineParameters<boolean>(
        outputInit(foldKey(key, 1), [width, width], fans),
        bias ? zeros(key, [width], fans) : undefined,
      );
      return { in_proj_weight: weight, ...(bias && { in_proj_bias: zeros(key, [3 * width], fans) }), out_proj };
    },
    attend: ({ in_proj_weight, in_proj_bias, out_proj }, x, memory, mask, context) => {
      for (const sequence of [x, memory]) requireSequence(in_proj_weight, sequence.shape, width);
      const weights = in_proj_weight.split(3, 0);
      const biases = in_proj_bias?.split(3, 0);
      const [q, k, v] = [x, memory, memory].map((sequence, i) => split(affine(sequence, weights[i], biases?.[i])));
      const drop = (w: Tensor): Tensor => dropWeights.apply({}, w, subcontext(context, 0));
      const attended = dotProductAttention(q, k, v, mask, drop);
      const joined = attended.context.transpose([0, 2, 1, 3]).reshape(x.shape);
      return { output: affine(joined, out_proj.weight, out_proj.bias), weights: attended.weights };
    },
  };
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
