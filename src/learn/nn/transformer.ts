/** The blocks of transformers. */

import { GalateaError } from "../../core/base/index.ts";
import { concat, foldKey, range, type Tensor, zeros } from "../../core/trace/index.ts";
import { type ActivationName, activations } from "./activations.ts";
import {
  type AttentionMask,
  type AttentionParameters,
  type MultiHeadAttended,
  multiHeadAttention,
  type Remembered,
} from "./attention.ts";
import { type Context, subcontext } from "./context.ts";
import { dropout } from "./dropout.ts";
import type { Initializer } from "./initializers.ts";
import { linear } from "./linear.ts";
import type { AffineParameters, Module } from "./module.ts";
import { layerNorm } from "./normalization.ts";
import { rmsNorm } from "./rms-norm.ts";

export interface TransformerBlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values, and whether places turn queries and keys: see {@link multiHeadAttention}. */
  readonly keyValueHeads?: number;
  readonly rotary?: boolean;
  /** Width of the two-layer network at each place; four times the width where absent. */
  readonly hidden?: number;
  readonly activation?: ActivationName;
  /**
   * Whether half of the first layer's outputs, after the activation, are factors of the other half (with silu:
   * SwiGLU); that layer then has twice as many outputs.
   */
  readonly gated?: boolean;
  /** Whether norms stand before each part (the residual path then stays untouched) or after each sum. */
  readonly norm?: "before" | "after";
  /** `layer` where absent; `rms` has no biases. */
  readonly normKind?: "layer" | "rms";
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
  readonly norm1: BlockNormParameters;
  readonly norm2: BlockNormParameters;
  readonly norm3?: BlockNormParameters;
};

/** Scale, and shift but for `rms`. */
export type BlockNormParameters = { readonly weight: Tensor; readonly bias?: Tensor };

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

/**
 * Keys and values of places that were read, for a block that goes on place by place. A loop copies what a step changes:
 * places may be kept in blocks, of which a step changes the one that is being filled, and reads those that are settled.
 * What stands at places not yet read means nothing. A type, so that a loop can carry it.
 */
export type Past = {
  /** All blocks but the last, [B, keyValueHeads, (blocks - 1) size, D]; there is none where one block holds all. */
  readonly settled?: Remembered;
  /** The block that is being filled, [B, keyValueHeads, size, D]. */
  readonly recent: Remembered;
};

/** What a block that goes on place by place is given. */
export interface StepInputs {
  readonly past: Past;
  /** The number of the place, int32 scalar. */
  readonly place: Tensor;
  /** Added to the scores of all places that there is room for, broadcasts to [B, heads, 1, blocks size]. */
  readonly bias?: Tensor;
  /** Of the other sequence, as `rememberMemory` gives it. */
  readonly memory?: Remembered;
  readonly memoryMask?: AttentionMask;
}

export interface StepOutputs {
  /** [B, 1, width]. */
  readonly output: Tensor;
  /** The weights on the memory, [B, heads, 1, S]. */
  readonly memoryWeights?: Tensor;
  /** What was past, and the place's own keys and values. */
  readonly past: Past;
}

export interface TransformerBlock {
  init(key: Tensor): TransformerBlockParameters;
  /** x [B, T, width] -> the same shape. */
  apply(parameters: TransformerBlockParameters, x: Tensor, inputs: BlockInputs, context: Context): BlockOutputs;
  /** Room for keys and values of so many blocks of so many places, all 0: what `step` begins with. */
  emptyPast(batch: number, blocks: number, size: number): Past;
  /** The past whose last block, of which place number `start` is the first, is full: that one is settled. */
  settle(past: Past, start: Tensor): Past;
  /** Keys and values of the other sequence, [B, S, width], for `step`. */
  rememberMemory(parameters: TransformerBlockParameters, memory: Tensor): Remembered;
  /**
   * One place after those that are past, x [B, 1, width] -> the same shape: what `apply`, causal, gives there.
   */
  step(parameters: TransformerBlockParameters, x: Tensor, inputs: StepInputs, context: Context): StepOutputs;
}

/**
 * One block of a transformer: attention over the own sequence, where asked attention over another one, and a
 * two-layer network at each place, each with a residual sum and a norm.
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
  const { width, heads, keyValueHeads = heads, hidden = 4 * width, activation = "gelu", gated = false } = options;
  const { norm = "before", normKind = "layer", cross = false, rotary = false, init } = options;
  const outputInit = options.outputInit ?? init;
  const rate = options.dropout ?? 0;
  const inits = { ...(init && { init }), ...(outputInit && { outputInit }) };
  const attention = multiHeadAttention({ width, heads, keyValueHeads, rotary, dropout: rate, ...inits });
  // Places of the other sequence are another's: they are not turned.
  const memoryAttention = multiHeadAttention({ width, heads, keyValueHeads, dropout: rate, ...inits });
  const linear1 = linear({ inputs: width, outputs: gated ? 2 * hidden : hidden, ...(init && { init }) });
  const linear2 = linear({ inputs: hidden, outputs: width, ...(outputInit && { init: outputInit }) });
  const normalize = (
    normKind === "layer" ? layerNorm({ shape: width }) : rmsNorm({ shape: width })
  ) as Module<BlockNormParameters>;
  const drop = dropout(rate);

  /** The residual sum around one part, with its norm before or after. */
  const residual = (
    x: Tensor,
    normParameters: BlockNormParameters,
    context: Context,
    part: (y: Tensor, context: Context) => Tensor,
  ): Tensor => {
    const normalized = (y: Tensor): Tensor => normalize.apply(normParameters, y, context);
    const changed = part(norm === "before" ? normalized(x) : x, subcontext(context, 0));
    const sum = x.add(drop.apply({}, changed, subcontext(context, 1)));
    return norm === "before" ? sum : normalized(sum);
  };

  type Attend = (y: Tensor, context: Context) => MultiHeadAttended;
  /** A block whose places look at their own sequence, and perhaps at another one, as they are told. */
  const run = (
    { linear1: first, linear2: second, norm1, norm2, norm3 }: TransformerBlockParameters,
    x: Tensor,
    attend: Attend,
    attendMemory: Attend | undefined,
    context: Context,
  ): BlockOutputs => {
    const seen: Tensor[] = [];
    const looking = (look: Attend) => (y: Tensor, inner: Context) => {
      const { output, weights } = look(y, inner);
      seen.push(weights);
      return output;
    };
    const feed = (y: Tensor, inner: Context): Tensor => {
      const widened = linear1.apply(first, y, inner);
      const [gate, rest] = gated ? widened.split(2, -1) : [widened, undefined];
      const active = activations[activation](gate);
      return linear2.apply(second, drop.apply({}, rest ? active.mul(rest) : active, inner), inner);
    };
    let y = residual(x, norm1, subcontext(context, 0), looking(attend));
    if (cross) {
      if (!attendMemory)
        throw new GalateaError("config", norm1.weight.path, "a cross block got no memory", "give it one");
      y = residual(y, norm2, subcontext(context, 1), looking(attendMemory));
    }
    y = residual(y, norm3 ?? norm2, subcontext(context, 2), feed);
    const [weights, memoryWeights] = seen;
    return { output: y, weights, ...(memoryWeights && { memoryWeights }) };
  };

  return {
    init: (key) => {
      const [self, other, first, second] = [0, 1, 2, 3].map((stream) => foldKey(key, stream));
      return {
        self_attn: attention.init(self),
        ...(cross && { multihead_attn: memoryAttention.init(other) }),
        linear1: linear1.init(first),
        linear2: linear2.init(second),
        norm1: normalize.init(key),
        norm2: normalize.init(key),
        ...(cross && { norm3: normalize.init(key) }),
      };
    },
    apply: (parameters, x, { mask = {}, memory, memoryMask = {} }, context) => {
      const { self_attn, multihead_attn } = parameters;
      const attend: Attend = (y, inner) => attention.attend(self_attn, y, y, mask, inner);
      const attendMemory: Attend | undefined =
        multihead_attn &&
        memory &&
        ((y, inner) => memoryAttention.attend(multihead_attn, y, memory, memoryMask, inner));
      return run(parameters, x, attend, attendMemory, context);
    },
    emptyPast: (batch, blocks, size) => {
      const room = (places: number): Remembered => {
        const empty = zeros([batch, keyValueHeads, places, width / heads]);
        return { keys: empty, values: empty };
      };
      return { ...(blocks > 1 && { settled: room((blocks - 1) * size) }), recent: room(size) };
    },
    settle: ({ settled, recent }, start) => ({
      ...(settled && { settled: writtenOver(settled, start, recent) }),
      recent,
    }),
    rememberMemory: ({ multihead_attn }, memory) => {
      if (multihead_attn) return memoryAttention.remember(multihead_attn, memory);
      throw new GalateaError("config", "transformerBlock", "it has no other sequence", "make it with cross: true");
    },
    step: (parameters, x, { past, place, bias, memory, memoryMask = {} }, context) => {
      const { self_attn, multihead_attn } = parameters;
      const [batch] = x.shape;
      const size = past.recent.keys.shape[2];
      // Where one block holds all, it begins at 0 whatever the place.
      const start = past.settled ? place.div(size).mul(size) : undefined;
      const within = start ? place.sub(start) : place;
      const known = (count: number, last: Tensor): Tensor => range(count, "int32").lessEqual(last);
      const recentVisible = known(size, within);
      const settledPlaces = past.settled?.keys.shape[2] ?? 0;
      const visible = start ? concat([known(settledPlaces, start.sub(1)), recentVisible], 0) : recentVisible;
      const shift =
        start && bias ? concat([bias.slice(3, 0, settledPlaces), bias.dynamicSlice(3, start, size)], 3) : bias;
      const mask = { visible: visible.reshape([1, 1, 1, settledPlaces + size]), ...(shift && { bias: shift }) };
      let now = past;
      // One place is no sequence: everything but attention is computed of rows [B, width].
      const asRow =
        (look: Attend): Attend =>
        (y, inner) => {
          const { output, weights } = look(y.reshape([batch, 1, width]), inner);
          return { output: output.reshape([batch, width]), weights };
        };
      const attend: Attend = (y, inner) => {
        const { queries, remembered } = attention.askAndRemember(self_attn, y, place);
        now = { ...past, recent: writtenOver(past.recent, within, remembered) };
        const parts = [...(now.settled ? [now.settled] : []), now.recent];
        return attention.recall(self_attn, queries, parts, mask, inner);
      };
      const attendMemory: Attend | undefined =
        multihead_attn &&
        memory &&
        asRow((y, inner) => {
          return memoryAttention.recall(
            multihead_attn,
            memoryAttention.ask(multihead_attn, y),
            [memory],
            memoryMask,
            inner,
          );
        });
      const row = x.reshape([batch, width]);
      const { output, memoryWeights } = run(parameters, row, asRow(attend), attendMemory, context);
      return {
        output: output.reshape([batch, 1, width]),
        ...(memoryWeights && { memoryWeights }),
        past: now,
      };
    },
  };
}

/** What is remembered with some places' own from place number `start` on. */
function writtenOver({ keys, values }: Remembered, start: Tensor, own: Remembered): Remembered {
  return {
    keys: keys.dynamicUpdateSlice(2, start, own.keys),
    values: values.dynamicUpdateSlice(2, start, own.values),
  };
}
