/** A language model: a network that scores next tokens, as a family. */

import { GalateaError } from "../../../core/base/index.ts";
import { foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import type { Condition, Family, TensorBatch } from "../family.ts";
import { drawingControls } from "./drawing-controls.ts";
import { type GenerateOptions, generate } from "./generate.ts";
import { streamTokens } from "./stream-tokens.ts";
import { accuracyOf, tokenLoss, tokenScores } from "./token-loss.ts";
import { type Encoder, type Memory, type Reading, resolveViews, type TokenNetwork } from "./token-network.ts";

export interface LanguageModelOptions<P extends TensorTree> {
  readonly network: TokenNetwork<P>;
  /** Tokens that are predicted of an example, T. */
  readonly places: number;
  /** The token that a sample begins with, which is read and not shown. */
  readonly begin: number;
  /** The token after which a sample ends; it goes on to T tokens where absent. */
  readonly end?: number;
  /** The token that fills examples up, which does not count; all count where absent. */
  readonly pad?: number;
  /** Further tokens that samples do not hold, such as a first one that texts do not hold either. */
  readonly never?: readonly number[];
  /** What it is told of the whole example, such as its label; nothing where absent. */
  readonly told?: {
    /** What the encoder reads of an example, and samples can be told to be. */
    readonly inputs: Readonly<Record<string, Condition>>;
    readonly encoder: Encoder<never>;
  };
}

/** The network's own, and below `told` those of the encoder. */
export type LanguageModelParameters<P extends TensorTree> = P & { readonly told?: TensorTree };

/**
 * An autoregressive model of sequences: log p(x) = sum over t of log p(x_t | x_<t), given what it is told.
 *
 * Shapes: reads `tokens` int32 [B, T + 1], of which each but the first is predicted from those before; samples are `tokens`
 * int32 [count, T]. The condition `tokens` is what a sample begins with, int32 [count, T]: a number below 0 and all after
 * it are free.
 * Units and ranges: `negativeLogLikelihood` in nats a sequence, `tokens` how many that are.
 * @throws GalateaError `config` when a token is none of the network's.
 */
export function languageModel<P extends TensorTree>(
  options: LanguageModelOptions<P>,
): Family<LanguageModelParameters<P>> {
  const { network, places, begin, end, pad, told } = options;
  type Parameters = LanguageModelParameters<P>;
  requireTokens({ begin, end, pad }, network.vocabulary);
  const filling = pad ?? end ?? begin;
  const never = [...(options.never ?? []), ...(pad === undefined ? [] : [pad])].filter((token) => token !== end);
  // Batches may be cut where there is only padding.
  const inputsOf = ({ tokens }: TensorBatch): Tensor => tokens.slice(1, 0, tokens.shape[1] - 1);
  const targetsOf = ({ tokens }: TensorBatch): Tensor => tokens.slice(1, 1, tokens.shape[1] - 1);
  const drawing = (controls: Readonly<Record<string, number>>): GenerateOptions => ({
    vocabulary: network.vocabulary,
    most: places,
    begin,
    ...(end !== undefined && { end }),
    pad: filling,
    never,
    temperature: controls.temperature,
    topK: controls.topK,
    topP: controls.topP,
    repetitionPenalty: controls.repetitionPenalty,
  });
  const memoryOf = (parameters: Parameters, batch: TensorBatch, context: Context): Memory | undefined =>
    told?.encoder.encode(parameters.told as never, batch, subcontext(context, 1000));
  const read = (parameters: Parameters, batch: TensorBatch, context: Context): Reading =>
    network.read(parameters, inputsOf(batch), memoryOf(parameters, batch, context), context);
  return {
    name: "language-model",
    inputs: { ...told?.inputs, tokens: { dtype: "int32", shape: [places + 1] } },
    ...(pad !== undefined && { sequences: ["tokens"] }),
    outputs: { tokens: { dtype: "int32", shape: [places] } },
    conditions: { ...told?.inputs, tokens: { dtype: "int32", shape: [places], optional: -1 } },
    controls: drawingControls(false),
    init: (key) => ({ ...network.init(key), ...(told && { told: told.encoder.init(foldKey(key, 1000)) }) }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const { logits } = read(parameters, batch, context);
          const targets = targetsOf(batch);
          const accuracy = accuracyOf(tokenScores(logits, targets, pad));
          return { loss: tokenLoss(logits, targets, pad), metrics: { accuracy } };
        },
      },
    ],
    sample: (parameters, key, { count, conditions, controls }) => {
      const memory = memoryOf(parameters, conditions, evaluationContext());
      const stepping = network.begin(parameters, { batch: count, most: places, inBlocks: true }, memory);
      const { tokens } = generate(stepping, count, key, drawing(controls), conditions.tokens);
      return { tokens };
    },
    ...(!told && { streaming: streamTokens(network, { places, begin, ...(end !== undefined && { end }), drawing }) }),
    scores: ["negativeLogLikelihood", "tokens", "right"],
    score: (parameters, batch) => {
      const { logits } = read(parameters, batch, evaluationContext());
      return { ...tokenScores(logits, targetsOf(batch), pad) };
    },
    logProb: (parameters, batch) => {
      const { logits } = read(parameters, batch, evaluationContext());
      return tokenScores(logits, targetsOf(batch), pad).negativeLogLikelihood.neg();
    },
    exact: true,
    inspect: (parameters, batch) => read(parameters, batch, evaluationContext()).inside,
    views: resolveViews(network, {
      read: { kind: "tokens", field: "tokens", offset: 0 },
      said: { kind: "tokens", field: "tokens", offset: 1 },
    }),
  };
}

/** @throws GalateaError `config` when a token is none of the vocabulary's. */
export function requireTokens(tokens: Readonly<Record<string, number | undefined>>, vocabulary: number): void {
  for (const [name, token] of Object.entries(tokens)) {
    if (token === undefined || (Number.isInteger(token) && token >= 0 && token < vocabulary)) continue;
    throw new GalateaError("config", name, `token ${token} of ${vocabulary}`, `it must be from 0 to ${vocabulary - 1}`);
  }
}
