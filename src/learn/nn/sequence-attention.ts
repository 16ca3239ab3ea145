/** Attention as recurrent networks use it: a state looks over a sequence and takes a weighted mean of it, the context
 * vector. */

import { formatShape, GalateaError } from "../../core/base/index.ts";
import { concat, foldKey, type Tensor } from "../../core/trace/index.ts";
import { excluded } from "./attention.ts";
import { glorotUniform } from "./initializers.ts";

/** How well a query fits a place: `additive` of Bahdanau, the others of Luong. */
export const attentionScores = ["additive", "dot", "general", "concat"] as const;

export type AttentionScore = (typeof attentionScores)[number];

export interface SequenceAttentionOptions {
  readonly score: AttentionScore;
  /** Sizes of a query and of a place of the memory; the same for `dot`. */
  readonly query: number;
  readonly memory: number;
  /** Size of the hidden layer of `additive` and `concat`; the query's where absent. */
  readonly hidden?: number;
  /** Whether the scores of `additive` and `concat` know how much was looked at each place before: false where absent. */
  readonly coverage?: boolean;
}

/** Named by the letters of the papers; which there are depends on the score. */
export type SequenceAttentionParameters = {
  /** Of `additive`: [hidden, query] and [hidden, memory]; of `concat`: [hidden, query + memory]. */
  readonly W?: Tensor;
  readonly U?: Tensor;
  readonly v?: Tensor;
  /** With coverage: [hidden]. */
  readonly w_c?: Tensor;
  /** Of `general`: [query, memory]. */
  readonly W_a?: Tensor;
};

/** A memory and what scoring needs of it, computed once. A type, so that a loop can carry it. */
export type PreparedMemory = { readonly memory: Tensor; readonly keys: Tensor };

export interface SequenceAttended {
  /** The context vectors, [B, T, memory]. */
  readonly context: Tensor;
  /** [B, T, S]; each row sums to 1. */
  readonly weights: Tensor;
}

export interface SequenceAttention {
  init(key: Tensor): SequenceAttentionParameters;
  /** Once for each memory [B, S, memory]. */
  prepare(parameters: SequenceAttentionParameters, memory: Tensor): PreparedMemory;
  /**
   * Queries [B, T, query] look over the memory.
   * @param visible bool [B, S], true where a place may be seen; all may where absent
   * @param coverage the sum of the weights of former queries, [B, S]; needed with `coverage` only
   * @throws GalateaError `shape`, while tracing, when a query has another size
   */
  attend(
    parameters: SequenceAttentionParameters,
    queries: Tensor,
    prepared: PreparedMemory,
    visible?: Tensor,
    coverage?: Tensor,
  ): SequenceAttended;
}

/**
 * Attention with a chosen score.
 *
 * additive: v . tanh(W q + U m); dot: q . m; general: q . W_a m; concat: v . tanh(W [q; m]).
 * weights = softmax of the scores over the visible places; context = sum of weights m; with coverage c, w_c c is added
 * within the tanh
 *
 * Shapes: see {@link SequenceAttention}.
 * @throws GalateaError `config` when `dot` is asked for sizes that differ, or it or `general` for coverage.
 *
 * Source: Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate" (2015),
 * appendix A.1.2, without biases; Luong, Pham and Manning, "Effective approaches to attention-based neural machine
 * translation" (2015), section 3.1; coverage: See, Liu and Manning, "Get to the point" (2017), equation 11.
 */
export function sequenceAttention(options: SequenceAttentionOptions): SequenceAttention {
  const { score, query, memory: size, hidden = query, coverage: covers = false } = options;
  if (score === "dot" && query !== size) {
    const seen = `queries of ${query} numbers for a memory of ${size}`;
    throw new GalateaError("config", "sequenceAttention", seen, "dot needs the same size: choose general");
  }
  const matrix = (key: Tensor, stream: number, rows: number, columns: number): Tensor =>
    glorotUniform(foldKey(key, stream), [rows, columns], { inputs: columns, outputs: rows });
  const isHidden = score === "additive" || score === "concat";
  if (covers && !isHidden) {
    throw new GalateaError("config", "sequenceAttention", `coverage with ${score}`, "choose additive or concat");
  }
  /** The parts of the hidden layer's weights that meet queries and places. */
  const weightsOf = ({ W, U }: SequenceAttentionParameters): readonly Tensor[] => {
    if (!W) return [];
    return U ? [W, U] : W.split([query, size], 1);
  };
  return {
    init: (key) => {
      if (score === "dot") return {};
      if (score === "general") return { W_a: matrix(key, 0, query, size) };
      const v = matrix(key, 2, 1, hidden).reshape([hidden]);
      const last = { v, ...(covers && { w_c: matrix(key, 3, hidden, 1).reshape([hidden]) }) };
      if (score === "concat") return { W: matrix(key, 0, hidden, query + size), ...last };
      return { W: matrix(key, 0, hidden, query), U: matrix(key, 1, hidden, size), ...last };
    },
    prepare: (parameters, memory) => {
      if (score === "dot") return { memory, keys: memory };
      const weight = parameters.W_a ?? weightsOf(parameters)[1];
      return { memory, keys: memory.matmul(weight, { transposeB: true }) };
    },
    attend: (parameters, queries, { memory, keys }, visible, coverage) => {
      const [batch, steps, found] = queries.shape;
      if (queries.rank !== 3 || found !== query) {
        const seen = `queries of shape ${formatShape(queries.shape)}`;
        throw new GalateaError("shape", queries.path, seen, `they must be [B, T, ${query}]`);
      }
      const [, places] = memory.shape;
      let scores: Tensor; // [B, T, S]
      if (isHidden) {
        const asked = queries.matmul(weightsOf(parameters)[0], { transposeB: true }); // [B, T, hidden]
        const met = asked.reshape([batch, steps, 1, hidden]).add(keys.reshape([batch, 1, places, hidden]));
        const { w_c } = parameters;
        const covered = w_c && coverage ? met.add(coverage.reshape([batch, 1, places, 1]).mul(w_c)) : met;
        scores = covered
          .tanh()
          .mul(parameters.v as Tensor)
          .sum(3);
      } else {
        scores = queries.matmul(keys, { transposeB: true });
      }
      if (visible) {
        const hiddenPlaces = visible.not().cast("float32").reshape([batch, 1, places]);
        scores = scores.add(hiddenPlaces.mul(excluded));
      }
      const weights = scores.softmax(-1);
      return { context: weights.matmul(memory), weights };
    },
  };
}

/**
 * Luong's attentional state: what the context and the query say together.
 *
 * h~ = tanh(W_c [context; query])
 *
 * Shapes: context [B, T, M], query [B, T, Q], weight [outputs, M + Q] -> [B, T, outputs].
 *
 * Source: Luong, Pham and Manning (2015), equation 5.
 */
export function attentionalState(weight: Tensor, context: Tensor, query: Tensor): Tensor {
  return concat([context, query], 2).matmul(weight, { transposeB: true }).tanh();
}
