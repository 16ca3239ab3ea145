/** Answers in the words of a text: where they begin and where they end. */

import { concat, foldKey, range, stack, type Tensor, tensor, where } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, initializers, linear, subcontext } from "../../nn/index.ts";
import type { Family, TensorBatch } from "../family.ts";
import { impossible } from "../sequence/next-token.ts";
import { type TokenDecoderParameters, type TransformerNetworkOptions, transformerParts } from "./token-decoder.ts";

export interface SpanExtractorOptions extends Omit<TransformerNetworkOptions, "places" | "positions"> {
  /** Tokens of a text, C, and of a question, Q, at most. */
  readonly contextWords: number;
  readonly questionWords: number;
  /** Tokens of an answer at most. */
  readonly answerWords: number;
  /** The token that fills texts and questions up. */
  readonly pad: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type SpanExtractorParameters = {
  readonly network: TokenDecoderParameters;
  /** What is added to tokens of the question, of the text, and of the text where the question has them: [3, width]. */
  readonly kinds: Tensor;
  /** From a place to its scores as the first and as the last: [2, width]. */
  readonly ends: { readonly weight: Tensor; readonly bias: Tensor };
};

/**
 * A transformer that reads a question and a text, and scores each place of the text as the first and as the last of the
 * answer: log p = log softmax(first)_i + log softmax(last)_j. The answer is the best span with i <= j < i + answerWords.
 *
 * Tokens of the text that are in the question are marked as such, so that words that were never learned can be found again.
 *
 * Shapes: reads `context` int32 [B, C], `question` int32 [B, Q], `span` int32 [B, 2]; samples are `span`. `inside` holds
 * `attention` [B, depth heads, Q + C, Q + C], the question first.
 * Units and ranges: `negativeLogLikelihood` in nats a question; examples with a span of -1 count as 0 there, and are not
 * trained on.
 * @throws GalateaError `config` when heads do not divide the width.
 *
 * Source: Rajpurkar et al. (2016) for the task; Devlin et al., "BERT" (2019), section 4.2, for the scores; Chen et al.,
 * "Reading Wikipedia to answer open-domain questions" (2017), section 3.2, for marking words and the longest answer.
 */
export function spanExtractor(options: SpanExtractorOptions): Family<SpanExtractorParameters> {
  const { contextWords, questionWords, answerWords, pad, width, heads } = options;
  const places = questionWords + contextWords;
  const parts = transformerParts({ ...options, places, positions: "rotary" }, { causal: false, cross: false });
  const ends = linear({ inputs: width, outputs: 2, init: initializers.normal(0.02) });

  /** Scores of places as first and last, [B, C] each, and what attention looked at. */
  const read = (parameters: SpanExtractorParameters, { context: text, question }: TensorBatch, context: Context) => {
    const rows = text.shape[0];
    const tokens = concat([question, text], 1);
    const asked = question.reshape([rows, 1, questionWords]);
    const same = text.reshape([rows, contextWords, 1]).equal(asked).and(asked.notEqual(pad));
    const isAsked = same.any(2).cast("int32"); // [B, C]
    const kind = concat([question.mul(0), isAsked.add(1)], 1);
    let x = parts.embed(parameters.network, tokens, undefined, subcontext(context, 0));
    x = x.add(parameters.kinds.gather(kind));
    const visible = tokens.notEqual(pad).reshape([rows, 1, 1, places]);
    const seen: Tensor[] = [];
    parts.passes(parameters.network).forEach((own, i) => {
      const entering = parts.enter(x, i, undefined);
      const { output, weights } = parts.block.apply(own, entering, { mask: { visible } }, subcontext(context, 1 + i));
      x = output;
      seen.push(weights);
    });
    const ofText = parts.finish(parameters.network, x, context).slice(1, questionWords, contextWords);
    const scores = ends.apply(parameters.ends as never, ofText, context); // [B, C, 2]
    const hidden = text.equal(pad).cast("float32").mul(impossible);
    const [first, last] = scores.split(2, 2).map((one) => one.reshape([rows, contextWords]).add(hidden));
    return { first, last, attention: stack(seen, 1).reshape([rows, seen.length * heads, places, places]) };
  };

  /** -log p of each example, and whether it counts, [B] each. */
  const judge = (parameters: SpanExtractorParameters, batch: TensorBatch, context: Context) => {
    const { first, last } = read(parameters, batch, context);
    const [start, end] = batch.span.split(2, 1).map((one) => one.reshape([batch.span.shape[0]]));
    const counts = start.greaterEqual(0).cast("float32");
    const loss = first.crossEntropy(start.maximum(0)).add(last.crossEntropy(end.maximum(0)));
    const right = first.argMax(1).cast("int32").equal(start).and(last.argMax(1).cast("int32").equal(end));
    return { negativeLogLikelihood: loss.mul(counts), counts, right: right.cast("float32") };
  };

  /** The best of all spans that may be, int32 [B, 2]. */
  const best = (first: Tensor, last: Tensor): Tensor => {
    const rows = first.shape[0];
    const sums = first.reshape([rows, contextWords, 1]).add(last.reshape([rows, 1, contextWords]));
    const later = range(contextWords, "int32")
      .reshape([1, contextWords])
      .sub(range(contextWords, "int32").reshape([contextWords, 1]));
    const isLegal = later.greaterEqual(0).and(later.less(answerWords));
    const legal = where(isLegal, sums, tensor([2 * impossible], [1]));
    const chosen = legal
      .reshape([rows, contextWords * contextWords])
      .argMax(1)
      .cast("int32");
    const start = chosen.div(contextWords); // rounds toward 0
    return stack([start, chosen.sub(start.mul(contextWords))], 1);
  };

  const conditions = {
    context: { dtype: "int32", shape: [contextWords] },
    question: { dtype: "int32", shape: [questionWords] },
  } as const;
  return {
    name: "span-extractor",
    inputs: { ...conditions, span: { dtype: "int32", shape: [2] } },
    outputs: { span: { dtype: "int32", shape: [2] } },
    conditions,
    quotes: { span: "context" },
    init: (key) => ({
      network: parts.init(foldKey(key, 0)),
      kinds: initializers.normal(0.5)(foldKey(key, 1), [3, width], { inputs: 3, outputs: width }),
      ends: ends.init(foldKey(key, 2)) as SpanExtractorParameters["ends"],
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const { negativeLogLikelihood, counts, right } = judge(parameters, batch, context);
          const total = counts.sum().maximum(1);
          return { loss: negativeLogLikelihood.sum().div(total), metrics: { accuracy: right.sum().div(total) } };
        },
      },
    ],
    sample: (parameters, _, { conditions: told }) => {
      const { first, last } = read(parameters, told, evaluationContext());
      return { span: best(first, last) };
    },
    scores: ["negativeLogLikelihood"],
    score: (parameters, batch) => {
      const { negativeLogLikelihood } = judge(parameters, batch, evaluationContext());
      return { negativeLogLikelihood };
    },
    inspect: (parameters, batch) => ({ attention: read(parameters, batch, evaluationContext()).attention }),
  };
}
