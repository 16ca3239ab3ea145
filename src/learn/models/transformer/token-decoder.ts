/** The network of a GPT, and of a transformer's decoder: blocks that see no later token, and perhaps a memory. */

import { GalateaError } from "../../../core/base/index.ts";
import { foldKey, stack, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  type ActivationName,
  type Context,
  dropout,
  embedding,
  evaluationContext,
  type Initializer,
  initializers,
  layerNorm,
  linear,
  type Module,
  type Past,
  relativeBuckets,
  rmsNorm,
  sinusoidalPositions,
  subcontext,
  type TransformerBlockParameters,
  transformerBlock,
} from "../../nn/index.ts";
import type { Memory, Stepping, TokenNetwork } from "../sequence/token-network.ts";

export const positionKinds = ["learned", "sinusoidal", "rotary", "relative", "none"] as const;

export type PositionKind = (typeof positionKinds)[number];

export interface TransformerNetworkOptions {
  /** Number of tokens. */
  readonly vocabulary: number;
  /** Places that it can read at most. */
  readonly places: number;
  readonly width: number;
  readonly depth: number;
  /**
   * Whether one block is applied `depth` times, told each time where and when, rather than as many blocks once each
   * (a universal transformer, without adaptive halting).
   */
  readonly recurrentDepth?: boolean;
  readonly heads: number;
  readonly keyValueHeads?: number;
  readonly hidden?: number;
  readonly positions: PositionKind;
  readonly activation?: ActivationName;
  readonly gated?: boolean;
  readonly norm?: "before" | "after";
  readonly normKind?: "layer" | "rms";
  readonly dropout?: number;
  readonly init?: Initializer;
}

export interface TokenDecoderOptions extends TransformerNetworkOptions {
  /** Whether it looks at a memory, of vectors of its own width. */
  readonly cross?: boolean;
  /** Whether the table of token vectors also gives the scores; true where absent. */
  readonly tied?: boolean;
}

/** A type, not an interface, so that it is a parameter tree. */
export type TokenDecoderParameters = {
  readonly tokens: { readonly weight: Tensor };
  readonly positions?: { readonly weight: Tensor };
  readonly blocks: readonly TransformerBlockParameters[];
  readonly norm?: TensorTree;
  readonly head?: { readonly weight: Tensor };
};

/** Distances that a learned bias tells apart, and from which on it does not. */
const [buckets, farthest] = [32, 128];

/** What encoder and decoder share: tokens and places become vectors, blocks, a norm at the end. */
export function transformerParts(options: TransformerNetworkOptions, extra: { causal: boolean; cross: boolean }) {
  const { vocabulary, places, width, depth, heads, positions, normKind = "layer", norm = "before" } = options;
  const { init = initializers.normal(0.02), dropout: rate = 0, recurrentDepth = false, ...rest } = options;
  // Each block adds to the residual path twice: the sum's variance stays as with one.
  const outputInit: Initializer = (key, shape, fans) => init(key, shape, fans).mul(1 / Math.sqrt(2 * depth));
  const block = transformerBlock({
    ...rest,
    dropout: rate,
    init,
    outputInit,
    cross: extra.cross,
    rotary: positions === "rotary",
  });
  const table = embedding({ count: vocabulary, size: width, init });
  const drop = dropout(rate);
  const normalize = (normKind === "layer" ? layerNorm({ shape: width }) : rmsNorm({ shape: width })) as Module;
  const waves = positions === "sinusoidal" ? sinusoidalPositions(places, width) : undefined;
  const times = recurrentDepth ? sinusoidalPositions(depth, width) : undefined;
  const requirePlaces = (count: number, at: Tensor): void => {
    if (count <= places) return;
    const right = `it reads ${places} at most: cut the sequence, or train with more places`;
    throw new GalateaError("shape", at.path, `a sequence of ${count} tokens`, right);
  };
  return {
    block,
    requirePlaces,
    init: (key: Tensor) => ({
      tokens: table.init(foldKey(key, 0)),
      ...(positions === "learned" && {
        positions: { weight: init(foldKey(key, 1), [places, width], { inputs: width, outputs: width }) },
      }),
      // One row for each bucket of distances, one bias for each head; the blocks share them.
      ...(positions === "relative" && {
        positions: { weight: init(foldKey(key, 1), [buckets, heads], { inputs: buckets, outputs: heads }) },
      }),
      blocks: Array.from({ length: recurrentDepth ? 1 : depth }, (_, i) => block.init(foldKey(key, 4 + i))),
      ...(norm === "before" && { norm: normalize.init(foldKey(key, 2)) }),
    }),
    /** The block of each pass through the network, from the first to the last. */
    passes: ({ blocks }: Pick<TokenDecoderParameters, "blocks">): readonly TransformerBlockParameters[] =>
      recurrentDepth ? Array.from({ length: depth }, () => blocks[0]) : blocks,
    /** Vectors [B, T, width] as they enter a pass: where one block does all, with signals of place and pass added. */
    enter: (x: Tensor, pass: number, start: Tensor | undefined): Tensor => {
      if (!times) return x;
      const timed = x.add(times.slice(0, pass, 1));
      // The first pass has them from the embedding.
      return waves && pass > 0 ? timed.add(wavesAt(waves, start, x.shape[1])) : timed;
    },
    /** Tokens [B, T], of which the first is number `start`, as vectors [B, T, width]. */
    embed: (
      parameters: TokenDecoderParameters,
      tokens: Tensor,
      start: Tensor | undefined,
      context: Context,
    ): Tensor => {
      let x = table.apply(parameters.tokens as never, tokens, context);
      const count = tokens.shape[1];
      const all = positions === "learned" ? parameters.positions?.weight : waves;
      if (waves) x = x.mul(Math.sqrt(width)); // as big as the waves
      if (all) x = x.add(wavesAt(all, start, count));
      return drop.apply({}, x, subcontext(context, 1000));
    },
    /** The bias of distances of attention, [1, heads, T, S], for the whole table of places. */
    distances: (parameters: TokenDecoderParameters, count: number): Tensor | undefined => {
      if (positions !== "relative" || !parameters.positions) return undefined;
      const numbers = relativeBuckets({ places: count, seen: count, buckets, farthest, bothWays: !extra.causal });
      return parameters.positions.weight.gather(numbers).transpose([2, 0, 1]).reshape([1, heads, count, count]);
    },
    finish: (parameters: TokenDecoderParameters, x: Tensor, context: Context): Tensor =>
      parameters.norm ? normalize.apply(parameters.norm, x, context) : x,
  };
}

/**
 * Places of a block: for each place a loop copies its block, and for each block all of them, which together is least
 * when a block has about as many places as there are blocks.
 */
function blockSize(most: number): number {
  return 2 ** Math.ceil(Math.log2(Math.sqrt(most)));
}

/** Rows of a table of places [places, width] from a place on. */
function wavesAt(table: Tensor, start: Tensor | undefined, count: number): Tensor {
  return start ? table.dynamicSlice(0, start, count) : table.slice(0, 0, count);
}

/**
 * A transformer that scores the next token at each place: of itself a GPT, with a memory the decoder of Vaswani et al.
 *
 * Shapes: see {@link TokenNetwork}. `inside` holds `attention` [B, depth heads, T, T] and, with a memory,
 * `memoryAttention` [B, depth heads, T, S].
 * @throws GalateaError `config` when heads do not divide the width; `shape`, while tracing, for more tokens than `places`.
 *
 * Source: Radford et al., "Language models are unsupervised multitask learners" (2019); Vaswani et al. (2017); relative
 * positions as in Raffel et al. (T5, 2020); gates as in Shazeer, "GLU variants improve transformer" (2020); recurrent
 * depth as in Dehghani et al., "Universal transformers" (2019), section 2.1.
 */
export function tokenDecoder(options: TokenDecoderOptions): TokenNetwork<TokenDecoderParameters> {
  const { vocabulary, width, heads, cross = false, tied = true, init = initializers.normal(0.02) } = options;
  const parts = transformerParts(options, { causal: true, cross });
  const { block } = parts;
  const head = linear({ inputs: width, outputs: vocabulary, bias: false, init });
  /** x [B, T, width] -> [B, T, vocabulary]. */
  const score = (parameters: TokenDecoderParameters, x: Tensor): Tensor => {
    const { weight } = parameters.head ?? parameters.tokens;
    const [batch, count] = x.shape;
    return x
      .reshape([batch * count, width])
      .matmul(weight, { transposeB: true })
      .reshape([batch, count, vocabulary]);
  };
  const memoryMaskOf = ({ visible }: Memory) =>
    visible ? { visible: visible.reshape([visible.shape[0], 1, 1, visible.shape[1]]) } : {};

  return {
    vocabulary,
    views: {
      attention: {
        kind: "attention",
        title: "what each token that is read sees of those before",
        rows: { kind: "read" },
        columns: { kind: "read" },
        heads,
      },
      ...(cross && {
        memoryAttention: {
          kind: "attention",
          title: "where each token that is written comes from",
          rows: { kind: "said" },
          columns: { kind: "memory" },
          heads,
        },
      }),
    },
    init: (key) => ({ ...parts.init(key), ...(!tied && { head: head.init(foldKey(key, 3)) }) }),
    read: (parameters, tokens, memory, context) => {
      const [batch, count] = tokens.shape;
      parts.requirePlaces(count, tokens);
      let x = parts.embed(parameters, tokens, undefined, context);
      const bias = parts.distances(parameters, count);
      const mask = { causal: true, ...(bias && { bias }) };
      const other = memory && { memory: memory.places, memoryMask: memoryMaskOf(memory) };
      const seen: Tensor[] = [];
      const looked: Tensor[] = [];
      parts.passes(parameters).forEach((own, i) => {
        x = parts.enter(x, i, undefined);
        const { output, weights, memoryWeights } = block.apply(own, x, { mask, ...other }, subcontext(context, i));
        x = output;
        seen.push(weights);
        if (memoryWeights) looked.push(memoryWeights);
      });
      const joined = (maps: readonly Tensor[]): Tensor =>
        stack(maps, 1).reshape([batch, maps.length * heads, count, maps[0].shape[3]]);
      const states = parts.finish(parameters, x, context);
      return {
        logits: score(parameters, states),
        states,
        inside: { attention: joined(seen), ...(looked.length > 0 && { memoryAttention: joined(looked) }) },
      };
    },
    begin: (parameters, { batch, most, inBlocks = false }, memory): Stepping => {
      const context = evaluationContext();
      parts.requirePlaces(most, parameters.tokens.weight);
      const size = inBlocks ? blockSize(most) : most;
      const blocks = Math.ceil(most / size);
      const bias = parts.distances(parameters, blocks * size);
      const passes = parts.passes(parameters);
      const remembered = memory && passes.map((own) => block.rememberMemory(own, memory.places));
      const memoryMask = memory && memoryMaskOf(memory);
      const empty = block.emptyPast(batch, blocks, size);
      const state: readonly Past[] = passes.map(() => empty);
      const settle = (pasts: readonly Past[], start: Tensor) => pasts.map((past) => block.settle(past, start));
      return {
        state: state as never,
        ...(blocks > 1 && { blocks: { size, settle: settle as never } }),
        step: (pasts, token, place) => {
          let x = parts.embed(parameters, token.reshape([batch, 1]), place, context);
          const own = bias?.dynamicSlice(2, place, 1);
          const next: Past[] = [];
          passes.forEach((weights, i) => {
            x = parts.enter(x, i, place);
            const found = block.step(
              weights,
              x,
              {
                past: (pasts as unknown as readonly Past[])[i],
                place,
                ...(own && { bias: own }),
                ...(remembered && { memory: remembered[i], memoryMask: memoryMask ?? {} }),
              },
              context,
            );
            x = found.output;
            next.push(found.past);
          });
          const states = parts.finish(parameters, x, context);
          const logits = score(parameters, states).reshape([batch, vocabulary]);
          return { logits, states: states.reshape([batch, width]), state: next as never };
        },
      };
    },
  };
}
