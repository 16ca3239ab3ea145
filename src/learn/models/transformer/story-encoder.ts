/** An encoder of stories: each sentence is one vector, and the question is one among them. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, ones, randomBernoulli, stack, type Tensor, tensor } from "../../../core/trace/index.ts";
import { dropout, evaluationContext, initializers, sinusoidalPositions, subcontext } from "../../nn/index.ts";
import type { Encoder } from "../sequence/token-network.ts";
import { type TokenDecoderParameters, type TransformerNetworkOptions, transformerParts } from "./token-decoder.ts";

export interface StoryEncoderOptions extends Omit<TransformerNetworkOptions, "places" | "positions"> {
  /** The fields that it reads: int32 [B, sentences, words], the latest last, and int32 [B, words]. */
  readonly story: string;
  readonly question: string;
  readonly sentences: number;
  readonly words: number;
  /** The token that fills sentences and stories up. */
  readonly pad: number;
  /** Chance, in training, that time passes between two sentences without one; 0 where absent. */
  readonly pauses?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type StoryEncoderParameters = {
  readonly network: TokenDecoderParameters;
  /** How much each number of a word's vector counts by the word's place: [words, width]. */
  readonly order: Tensor;
  /** What tells the question from sentences, [width]. */
  readonly asked: Tensor;
};

/** Weights of words by their places in a sentence, so that their sum is not the same in every order. */
function orderWeights(words: number, width: number): Tensor {
  const numbers = Array.from({ length: words * width }, (_, i) => {
    const [word, at] = [1 + Math.floor(i / width), 1 + (i % width)];
    return 1 + (4 * (at - (width + 1) / 2) * (word - (words + 1) / 2)) / (width * words);
  });
  return tensor(numbers, [words, width]);
}

/**
 * Sentences as vectors that know of one another and of the question.
 *
 * A sentence is the sum of its words' vectors, each times learned weights of its place. How long ago it was told is said by
 * waves; in training now and then time passes untold, so that the network does not learn numbers of sentences by heart.
 *
 * Shapes: story int32 [B, sentences, words], question int32 [B, words] -> places [B, 1 + sentences, width], the question
 * first. `inside` holds `encoderAttention`, [B, depth heads, 1 + sentences, 1 + sentences].
 * @throws GalateaError `shape`, while tracing, when the story has other sizes.
 *
 * Source: Dehghani et al., "Universal transformers" (2019), section 3.1, for sentences as vectors; Sukhbaatar et al.,
 * "End-to-end memory networks" (2015), section 4.1, for the first weights of places and for time that passes.
 */
export function storyEncoder(options: StoryEncoderOptions): Encoder<StoryEncoderParameters> {
  const { story, question, sentences, words, pad, width, heads, recurrentDepth = false, pauses = 0 } = options;
  const parts = transformerParts(
    { ...options, places: sentences + 1, positions: "none" },
    { causal: false, cross: false },
  );
  const drop = dropout(options.dropout ?? 0);
  // With pauses a sentence may be twice as long ago.
  const waves = sinusoidalPositions(2 * sentences, width);
  const axis = { kind: "sentences", first: question, field: story } as const;
  const title = "what the question and each sentence see of the others";
  return {
    axis,
    views: { encoderAttention: { kind: "attention", title, rows: axis, columns: axis, heads } },
    init: (key) => ({
      network: parts.init(foldKey(key, 0)),
      order: orderWeights(words, width),
      asked: initializers.normal(1)(foldKey(key, 1), [width], { inputs: width, outputs: width }),
    }),
    encode: (parameters, batch, context) => {
      const [told, asked] = [batch[story], batch[question]];
      const rows = told.shape[0];
      if (told.rank !== 3 || told.shape[1] !== sentences || told.shape[2] !== words) {
        const seen = `a story of ${told.shape.slice(1).join(" x ")}`;
        throw new GalateaError("shape", told.path, seen, `${sentences} sentences of ${words} words`);
      }
      const all = concat([asked.reshape([rows, 1, words]), told], 1);
      const places = sentences + 1;
      const { network } = parameters;
      const isWord = all.notEqual(pad).cast("float32").reshape([rows, places, words, 1]);
      const vectors = parts.embed(network, all.reshape([rows, places * words]), undefined, evaluationContext());
      const weighted = vectors.reshape([rows, places, words, width]).mul(isWord).mul(parameters.order);
      const contents = weighted.sum(2).mul(Math.sqrt(width)); // as big as the waves
      const gaps =
        context.training && context.key && pauses > 0
          ? randomBernoulli(foldKey(context.key, 2001), [rows, sentences], pauses).add(1)
          : ones([rows, sentences]);
      const ago = gaps.cumulativeSum(1, { reverse: true, exclusive: true }).cast("int32");
      const signals = concat([parameters.asked.reshape([1, 1, width]).expand([rows, 1, width]), waves.gather(ago)], 1);
      // The question is always seen; of a story what is filled up is not.
      const seen = told.notEqual(pad).any(2);
      const visible = concat([ones([rows, 1]), seen.cast("float32")], 1).greater(0);
      const mask = { visible: visible.reshape([rows, 1, 1, places]) };
      const looked: Tensor[] = [];
      // Of sentences rather than of each of their words: it is a tenth of the random numbers.
      let x = drop.apply({}, contents.add(signals), subcontext(context, 2000));
      parts.passes(network).forEach((own, i) => {
        const entering = parts.enter(recurrentDepth && i > 0 ? x.add(signals) : x, i, undefined);
        const { output, weights } = parts.block.apply(own, entering, { mask }, subcontext(context, i));
        x = output;
        looked.push(weights);
      });
      return {
        places: parts.finish(network, x, context),
        visible,
        inside: { encoderAttention: stack(looked, 1).reshape([rows, looked.length * heads, places, places]) },
      };
    },
  };
}
