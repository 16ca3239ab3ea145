/** From one thing to a sequence of tokens: an encoder reads, a decoder writes and looks at what was read. */

import { mapTree } from "../../../core/base/index.ts";
import { foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import type { Condition, Family, TensorBatch } from "../family.ts";
import { beamSearch, repeatRows } from "./beam-search.ts";
import { drawingControls, searchControls } from "./drawing-controls.ts";
import { type Generated, generate } from "./generate.ts";
import { requireTokens } from "./language-model.ts";
import { accuracyOf, meanOverTokens, shiftedRight, tokenLoss, tokenScores } from "./token-loss.ts";
import { type Encoder, type Memory, resolveViews, type TokenNetwork } from "./token-network.ts";

export interface SequenceToSequenceOptions<E extends TensorTree, D extends TensorTree> {
  /** What the encoder reads of an example, and answers are for. */
  readonly inputs: Readonly<Record<string, Condition>>;
  readonly encoder: Encoder<E>;
  readonly decoder: TokenNetwork<D>;
  /** Tokens of a target at most, T, its end included. */
  readonly places: number;
  readonly begin: number;
  /** The token after which an answer ends; all are of T tokens where absent. */
  readonly end?: number;
  /** What stands after the end, and does not count; all tokens count where absent. */
  readonly pad?: number;
  /** Share of the loss that all tokens have alike; 0 where absent. */
  readonly smoothing?: number;
  /** Weight of a penalty for places of the memory that all tokens together look at more or less than once; 0 where absent. */
  readonly attentionSpread?: number;
}

function isTokens({ dtype, shape }: Condition): boolean {
  return dtype === "int32" && shape.length === 1;
}

/** A type, not an interface, so that it is a parameter tree. */
export type SequenceToSequenceParameters<E extends TensorTree, D extends TensorTree> = {
  readonly encoder: E;
  readonly decoder: D;
};

/**
 * An encoder and a decoder: log p(y | x) = sum over t of log p(y_t | y_<t, x).
 *
 * Shapes: reads the encoder's inputs and `target` int32 [B, T], its end and padding included; samples are `target` int32
 * [count, T] for the encoder's inputs as conditions, and `attention` float32 [count, T, S], where each token looked.
 * Units and ranges: `negativeLogLikelihood` in nats a sequence, `tokens` how many that are.
 * @throws GalateaError `config` when a token is none of the decoder's.
 *
 * Source: Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks" (2014).
 */
export function sequenceToSequence<E extends TensorTree, D extends TensorTree>(
  options: SequenceToSequenceOptions<E, D>,
): Family<SequenceToSequenceParameters<E, D>> {
  const { inputs, encoder, decoder, places, begin, end, pad, smoothing = 0, attentionSpread = 0 } = options;
  requireTokens({ begin, end, pad }, decoder.vocabulary);
  type Parameters = SequenceToSequenceParameters<E, D>;
  const read = (parameters: Parameters, batch: TensorBatch, context: Context) => {
    const memory = encoder.encode(parameters.encoder, batch, subcontext(context, 0));
    const given = shiftedRight(batch.target, begin);
    const reading = decoder.read(parameters.decoder, given, memory, subcontext(context, 1));
    return { ...reading, inside: { ...memory.inside, ...reading.inside } };
  };
  const scoresOf = (parameters: Parameters, batch: TensorBatch) =>
    tokenScores(read(parameters, batch, evaluationContext()).logits, batch.target, pad);

  return {
    name: "sequence-to-sequence",
    inputs: { ...inputs, target: { dtype: "int32", shape: [places] } },
    // Only tokens can be cut: what else is read may count from its first to its last place.
    ...(pad !== undefined &&
      Object.values(inputs).every(isTokens) && { sequences: [...Object.keys(inputs), "target"] }),
    outputs: { target: { dtype: "int32", shape: [places] } },
    conditions: inputs,
    controls: { ...drawingControls(true), ...searchControls },
    init: (key) => ({ encoder: encoder.init(foldKey(key, 0)), decoder: decoder.init(foldKey(key, 1)) }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const { logits, inside, penalties } = read(parameters, batch, context);
          const metrics: Record<string, Tensor> = {
            accuracy: accuracyOf(tokenScores(logits, batch.target, pad)),
          };
          let loss = tokenLoss(logits, batch.target, pad, smoothing);
          if (penalties) {
            metrics.penalty = meanOverTokens(penalties, batch.target, pad);
            loss = loss.add(metrics.penalty);
          }
          if (attentionSpread > 0) {
            metrics.unevenness = unevennessOf(inside.memoryAttention, batch.target, pad);
            loss = loss.add(metrics.unevenness.mul(attentionSpread));
          }
          return { loss, metrics };
        },
      },
    ],
    sample: (parameters, key, { count, conditions, controls }) => {
      const memory = encoder.encode(parameters.encoder, conditions, evaluationContext());
      const { tokens } = answer(parameters.decoder, memory, key, count, controls);
      return { target: tokens };
    },
    scores: ["negativeLogLikelihood", "tokens", "right"],
    score: (parameters, batch) => ({ ...scoresOf(parameters, batch) }),
    logProb: (parameters, batch) => scoresOf(parameters, batch).negativeLogLikelihood.neg(),
    exact: true,
    inspect: (parameters, batch) => read(parameters, batch, evaluationContext()).inside,
    views: {
      ...encoder.views,
      ...resolveViews(decoder, {
        read: { kind: "tokens", field: "target", offset: -1 },
        said: { kind: "tokens", field: "target", offset: 0 },
        memory: encoder.axis ?? { kind: "places", field: Object.keys(inputs)[0] },
      }),
    },
  };

  function answer(
    parameters: D,
    memory: Memory,
    key: Tensor,
    count: number,
    controls: Readonly<Record<string, number>>,
  ): Generated {
    const { beams } = controls;
    const usual = {
      vocabulary: decoder.vocabulary,
      most: places,
      begin,
      ...(end !== undefined && { end }),
      pad: pad ?? begin,
      // Without an end, the first token is one like all others.
      never: end === undefined ? [] : [begin, ...(pad === undefined ? [] : [pad])].filter((token) => token !== end),
    };
    if (beams === 1) {
      const { temperature, topK, topP, repetitionPenalty } = controls;
      const stepping = decoder.begin(parameters, { batch: count, most: places, inBlocks: true }, memory);
      return generate(stepping, count, key, { ...usual, temperature, topK, topP, repetitionPenalty });
    }
    const { places: vectors, visible, tokens } = memory;
    const kept: Memory = { places: vectors, ...(visible && { visible }), ...(tokens && { tokens }) };
    const repeated = mapTree<Tensor, Tensor>(kept as never, (x) => repeatRows(x, beams)) as unknown as Memory;
    const stepping = decoder.begin(parameters, { batch: count * beams, most: places }, repeated);
    return beamSearch(stepping, count, { ...usual, beams, lengthPenalty: controls.lengthPenalty });
  }
}

/**
 * How far attention is from giving each place its share: the mean over places i of (1 - sum over t of a_ti)^2.
 *
 * Shapes: weights [B, maps, T, S], of which the mean over maps counts; targets int32 [B, T] -> a scalar.
 *
 * Source: Xu et al., "Show, attend and tell" (2015), equation 14: doubly stochastic attention; the mean over places in the
 * place of their sum, so that its weight does not depend on their number.
 */
export function unevennessOf(weights: Tensor, targets: Tensor, pad: number | undefined): Tensor {
  const [batch, , steps] = weights.shape;
  const looked = weights.mean(1); // [B, T, S]
  const counted =
    pad === undefined ? looked : looked.mul(targets.notEqual(pad).cast("float32").reshape([batch, steps, 1]));
  return counted.sum(1).neg().add(1).square().mean();
}
