/** Speech recognition without alignments: a bidirectional LSTM over features, and CTC. */

import { GalateaError } from "../../../core/base/index.ts";
import {
  foldKey,
  full,
  randomUniform,
  range,
  type Tensor,
  type TensorTree,
  where,
  zeros,
} from "../../../core/trace/index.ts";
import { type Context, conv1d, dropout, evaluationContext, linear, lstm, relu, subcontext } from "../../nn/index.ts";
import { ctcLoss } from "../../prob/index.ts";
import type { Control, Family, TensorBatch } from "../family.ts";
import { prefixBeamSearch } from "./prefix-beam-search.ts";

export interface CtcRecognizerOptions {
  /** Frames of a recording at most, T, and numbers of each, F. */
  readonly frames: number;
  readonly features: number;
  /** Tokens of a transcript at most, L. */
  readonly places: number;
  /** Number of tokens, the blank among them. */
  readonly vocabulary: number;
  /** The token that stands for none; it also fills transcripts up. */
  readonly blank: number;
  /** Size of the states of each direction, and layers. */
  readonly hidden: number;
  readonly layers: number;
  /** Frames that become one before the LSTM, which makes it shorter; 1, where absent, leaves them. */
  readonly stride?: number;
  readonly dropout?: number;
  /** Training hides a stretch of frames and one of features, of up to so many each; 0, where absent, hides none. */
  readonly hiddenFrames?: number;
  readonly hiddenFeatures?: number;
}

const controls: Readonly<Record<string, Control>> = {
  beams: {
    description: "beginnings that are followed at a time (prefix beam search); 1: the most probable token of each time",
    minimum: 1,
    maximum: 256,
    whole: true,
    default: 1,
  },
};

/** A type, not an interface, so that it is a parameter tree. */
export type CtcRecognizerParameters = {
  readonly front: TensorTree;
  readonly recurrent: TensorTree;
  readonly head: TensorTree;
};

/** Frames after the convolution, of so many before. */
export function framesAfter(frames: number, stride: number): number {
  return Math.floor((frames - 1) / stride) + 1;
}

/**
 * A recognizer: features of frames, a convolution along time, LSTMs in both directions, scores of tokens at each time.
 *
 * Shapes: reads `features` float32 [B, T, F], `frames` int32 [B] how many of them there are, `target` int32 [B, L] and
 * `length` int32 [B] how many tokens that is; makes `target` int32 [B, L], blanks after its end: with `beams` 1 of each
 * time the most probable token, without repetitions and blanks, else the best labelling that a search finds. `inspect` gives `scores`, log-probabilities [B, T', V], and `times` [B].
 * Units and ranges: `negativeLogLikelihood` in nats a transcript.
 * @throws GalateaError `config` when the blank is no token.
 *
 * Source: Graves, Fernandez, Gomez and Schmidhuber (2006); Graves, Mohamed and Hinton, "Speech recognition with deep
 * recurrent neural networks" (2013); Park et al., "SpecAugment" (2019), for what training hides.
 */
export function ctcRecognizer(options: CtcRecognizerOptions): Family<CtcRecognizerParameters> {
  const { frames, features, places, vocabulary, blank, hidden, layers, stride = 1, dropout: rate = 0 } = options;
  const { hiddenFrames = 0, hiddenFeatures = 0 } = options;
  if (!Number.isInteger(blank) || blank < 0 || blank >= vocabulary) {
    throw new GalateaError("config", "blank", `token ${blank} of ${vocabulary}`, "it must be one of the tokens");
  }
  const front = conv1d({ inputs: features, outputs: hidden, kernel: 5, padding: 2, stride });
  const recurrent = lstm({ inputs: hidden, hidden, layers, bidirectional: true, dropout: rate, forgetBias: 1 });
  const head = linear({ inputs: 2 * hidden, outputs: vocabulary });
  const drop = dropout(rate);
  const inputs = {
    features: { dtype: "float32", shape: [frames, features] },
    frames: { dtype: "int32", shape: [] },
  } as const;

  /** Scores of each token at each time [B, T', V], and how many times count. */
  const hear = (parameters: CtcRecognizerParameters, batch: TensorBatch, context: Context) => {
    const [rows, frames] = batch.features.shape; // a batch of short recordings has fewer than all frames
    const steps = framesAfter(frames, stride);
    const times = batch.frames.sub(1).div(stride).add(1);
    const present = range(frames, "int32")
      .reshape([1, frames])
      .less(batch.frames.reshape([rows, 1]));
    const heard = batch.features.mul(present.cast("float32").reshape([rows, frames, 1]));
    const shown = hide(heard, batch.frames, context);
    const mixed = relu(front.apply(parameters.front as never, shown.transpose([0, 2, 1]), subcontext(context, 0)));
    const x = drop.apply({}, mixed.transpose([0, 2, 1]), subcontext(context, 1));
    const counts = range(steps, "int32")
      .reshape([1, steps])
      .less(times.reshape([rows, 1]));
    const run = recurrent.run(parameters.recurrent as never, x, subcontext(context, 2), undefined, counts);
    const y = drop.apply({}, run.output, subcontext(context, 3));
    return { logits: head.apply(parameters.head as never, y, context), times };
  };
  /** Features of which, in training, a stretch of frames and one of features are 0, their mean. */
  const hide = (x: Tensor, counts: Tensor, { training, key }: Context): Tensor => {
    if (!training || key === undefined) return x;
    const [rows, frames] = x.shape;
    const stretch = (stream: number, size: number, most: Tensor, within: Tensor): Tensor => {
      const own = foldKey(key, stream);
      const width = most
        .add(1)
        .mul(randomUniform(foldKey(own, 0), [rows, 1]))
        .floor();
      const start = within
        .sub(width)
        .maximum(0)
        .mul(randomUniform(foldKey(own, 1), [rows, 1]))
        .floor();
      const at = range(size, "float32").reshape([1, size]);
      return at
        .less(start)
        .or(at.greaterEqual(start.add(width)))
        .cast("float32");
    };
    let kept = x;
    if (hiddenFrames > 0) {
      const present = counts.cast("float32").reshape([rows, 1]);
      // Of a short recording no more than a fifth.
      const own = stretch(4, frames, present.mul(1 / 5).minimum(hiddenFrames), present);
      kept = kept.mul(own.reshape([rows, frames, 1]));
    }
    if (hiddenFeatures > 0) {
      const own = stretch(5, features, full([rows, 1], hiddenFeatures), full([rows, 1], features));
      kept = kept.mul(own.reshape([rows, 1, features]));
    }
    return kept;
  };
  const lossOf = (parameters: CtcRecognizerParameters, batch: TensorBatch, context: Context): Tensor => {
    const { logits, times } = hear(parameters, batch, context);
    return ctcLoss({ logits, labels: batch.target, times, lengths: batch.length, blank });
  };

  return {
    name: "ctc-recognizer",
    inputs: {
      ...inputs,
      target: { dtype: "int32", shape: [places] },
      length: { dtype: "int32", shape: [] },
    },
    sequences: ["features", "target"],
    outputs: { target: { dtype: "int32", shape: [places] } },
    conditions: inputs,
    controls,
    init: (key) => ({
      front: front.init(foldKey(key, 0)),
      recurrent: recurrent.init(foldKey(key, 1)),
      head: head.init(foldKey(key, 2)),
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const losses = lossOf(parameters, batch, context);
          // Of each token, so that long recordings do not weigh more.
          return { loss: losses.div(batch.length.maximum(1).cast("float32")).mean(), metrics: {} };
        },
      },
    ],
    sample: (parameters, _, { conditions, controls: { beams } }) => {
      const { logits, times } = hear(parameters, conditions, evaluationContext());
      const found = beams === 1 ? collapse : prefixBeamSearch;
      return { target: found(logits, times, { blank, places, beams }) };
    },
    scores: ["negativeLogLikelihood", "tokens"],
    score: (parameters, batch) => ({
      negativeLogLikelihood: lossOf(parameters, batch, evaluationContext()),
      tokens: batch.length.cast("float32"),
    }),
    inspect: (parameters, batch) => {
      const { logits, times } = hear(parameters, batch, evaluationContext());
      return { scores: logits.logSoftmax(2), times };
    },
    views: {
      scores: {
        kind: "scores",
        title: "how probable each token is at each time",
        rows: { kind: "places", field: "features", count: "times" },
        columns: { kind: "vocabulary", field: "target", blank },
      },
    },
  };
}

/**
 * The most probable token of each time, without repetitions and blanks.
 *
 * Shapes: logits [B, T, V], times int32 [B] -> int32 [B, places]; blanks after the end, and what is longer is cut off.
 *
 * Source: Graves et al. (2006), section 3.2: best path decoding.
 */
export function collapse(
  logits: Tensor,
  times: Tensor,
  { blank, places }: { readonly blank: number; readonly places: number },
): Tensor {
  const [batch, steps] = logits.shape;
  const best = logits.argMax(2).cast("int32"); // [B, T]
  const before = steps === 1 ? full([batch, 1], blank, "int32") : undefined;
  const previous = before ?? best.pad([0, 1], [0, 0]).slice(1, 0, steps);
  const first = range(steps, "int32").reshape([1, steps]).equal(0);
  const counts = range(steps, "int32")
    .reshape([1, steps])
    .less(times.reshape([batch, 1]));
  const kept = best.notEqual(blank).and(best.notEqual(previous).or(first)).and(counts);
  // Each kept token goes to the place that is the number of those before it; all others beyond the end.
  const place = kept.cast("float32").cumulativeSum(1, { exclusive: true });
  const target = where(kept, place.minimum(places), full([batch, steps], places)).cast("int32");
  const above = best.sub(blank).cast("float32");
  const gathered = where(kept, above, zeros([batch, steps])).scatterAddAlongAxis(target, places + 1, 1);
  return gathered.slice(1, 0, places).cast("int32").add(blank);
}
