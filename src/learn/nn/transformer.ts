/** The blocks of transformers. */

import { GalateaError } from "../../core/base/index.ts";
import { foldKey, type Tensor } from "../../core/trace/index.ts";
import { type ActivationName, activations } from "./activations.ts";
import { type AttentionMask, type AttentionParameters, multiHeadAttention } from "./attention.ts";
import { type Context, subcontext } from "./context.ts";
import { dropout } from "./dropout.ts";
import type { Initializer } from "./initializers.ts";
import { linear } from "./linear.ts";
import type { AffineParameters } from "./module.ts";
import { layerNorm, type NormParameters } from "./normalization.ts";

export interface TransformerBlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Width of the two-layer network at each place; four times the width where absent. */
  readonly hidden?: number;
  readonly activation?: ActivationName;
  /** Whether norms stand before each part (the residual path then stays untouched) or after each sum. */
  readonly norm?: "before" | "after";
  /** Whether the block also looks at another sequence, as a decoder does at what the encoder read. */
  readonly cross?: boolean;
  readonly dropout?: number;
  /** Of all projections; attention's and linear layers' own where absent. */
  readonly init?: Initializer;
  /** Of the projections that add to the residual path, where that differs. */
  readonly outputInit?: Initializer;
}

export type TransformerBlockParameters = {
  readonly self_attn: AttentionParameters;
  readonly multihead_attn?: AttentionParameters;
  readonly linear1: AffineParameters<true>;
  readonly linear2: AffineParameters<true>;
  readonly norm1: NormParameters;
  readonly norm2: NormParameters;
  readonly norm3?: NormParameters;
};

/** What a block is given beside its sequence. */
export interface BlockInputs {
  readonly mask?: AttentionMask;
  /** The other sequence, [B, S, width], and which of its places may be seen. */
  readonly memory?: Tensor;
  readonly memoryMask?: AttentionMask;
}

export interface BlockOutputs {
  /** [B, T, width]. */
  readonly output: Tensor;
  /** The weights of self-attention, [B, heads, T, T]. */
  readonly weights: Tensor;
  /** The weights on the memory, [B, heads, T, S]. */
  readonly memoryWeights?: Tensor;
}

export interface TransformerBlock {
  init(key: Tensor): TransformerBlockParameters;
  /** x [B, T, width] -> the same shape. */
  apply(parameters: TransformerBlockParameters, x: Tensor, inputs: BlockInputs, context: Context): BlockOutputs;
}

/**
 * One block of a transformer: attention over the own sequence, where asked attention over another one, and a
 * two-layer network at each place, each with a residual sum and a layer norm.
 *
 * norm before: x' = x + f(norm(x)); norm after: x' = norm(x + f(x))
 *
 * Shapes: see {@link TransformerBlock}.
 * @throws GalateaError `config` when the heads do not divide the width.
 *
 * Source: Vaswani et al., "Attention is all you need" (2017); norms before as in Radford et al., "Language models
 * are unsupervised multitask learners" (2019). Names as PyTorch's `TransformerEncoderLayer` and `-DecoderLayer`.
 */
export function transformerBlock(options: TransformerBlockOptions): TransformerBlock {
  const { width, heads, hidden = 4 * width, activation = "gelu", norm = "before", cross = false, init } = options;
  const outputInit = options.outputInit ?? init;
  const rate = options.dropout ?? 0;
  const inits = { ...(init && { init }), ...(outputInit && { outputInit }) };
  const attention = multiHeadAttention({ width, heads, dropout: rate, ...inits });
  const linear1 = linear({ inputs: width, outputs: hidden, ...(init && { init }) });
  const linear2 = linear({ inputs: hidden, outputs: width, ...(outputInit && { init: outputInit }) });
  const normalize = layerNorm({ shape: width });
  const drop = dropout(rate);

  /** The residual sum around one part, with its norm before or after. */
  const residual = (
    x: Tensor,
    normParameters: NormParameters,
    context: Context,
    part: (y: Tensor, context: Context) => Tensor,
  ): Tensor => {
    const normalized = (y: Tensor): Tensor => normalize.apply(normParameters, y, context);
    const changed = part(norm === "before" ? normalized(x) : x, subcontext(context, 0));
    const sum = x.add(drop.apply({}, changed, subcontext(context, 1)));
    return norm === "before" ? sum : normalized(sum);
  };

  return {
    init: (key) => {
      const [self, other, first, second] = [0, 1, 2, 3].map((stream) => foldKey(key, stream));
      return {
        self_attn: attention.init(self),
        ...(cross && { multihead_attn: attention.init(other) }),
        linear1: linear1.init(first),
        linear2: linear2.init(second),
        norm1: normalize.init(key),
        norm2: normalize.init(key),
        ...(cross && { norm3: normalize.init(key) }),
      };
    },
    apply: (parameters, x, { mask = {}, memory, memoryMask = {} }, context) => {
      const { self_attn, multihead_attn, norm1, norm2, norm3 } = parameters;
      const seen: Tensor[] = [];
      const attendTo = (weights: AttentionParameters, other: Tensor | undefined, visible: AttentionMask) => {
        return (y: Tensor, inner: Context): Tensor => {
          const attended = attention.attend(weights, y, other ?? y, visible, inner);
          seen.push(attended.weights);
          return attended.output;
        };
      };
      const feed = (y: Tensor, inner: Context): Tensor => {
        const widened = activations[activation](linear1.apply(parameters.linear1, y, inner));
        return linear2.apply(parameters.linear2, drop.apply({}, widened, inner), inner);
      };
      let y = residual(x, norm1, subcontext(context, 0), attendTo(self_attn, undefined, mask));
      if (multihead_attn) {
        if (!memory) throw new GalateaError("config", norm1.weight.path, "a cross block got no memory", "give it one");
        y = residual(y, norm2, subcontext(context, 1), attendTo(multihead_attn, memory, memoryMask));
      }
      y = residual(y, norm3 ?? norm2, subcontext(context, 2), feed);
      const [weights, memoryWeights] = seen;
      return { output: y, weights, ...(memoryWeights && { memoryWeights }) };
    },
  };
}
