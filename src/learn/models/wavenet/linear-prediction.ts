/** Linear prediction: the next sample as a weighted sum of the last ones, and scores of levels around it. */

import { concat, type Tensor, tensor } from "../../../core/trace/index.ts";
import { initializers, linear } from "../../nn/index.ts";

export interface LinearPredictionOptions {
  /** Tokens that are scored, of which the first are so many levels of mu-law. */
  readonly vocabulary: number;
  readonly levels: number;
  /** Samples that are predicted from. */
  readonly order: number;
  /** Size of the states that say how far off the prediction is. */
  readonly states: number;
  /** Size of a memory's places, which say more of the factors; nothing does where absent. */
  readonly memory?: number | undefined;
}

export type LinearPredictionParameters = {
  /** Factors of the last samples, the oldest first: [order]. */
  readonly weight: Tensor;
  /** What a place of the memory adds to them, [order, memory]. */
  readonly told?: { readonly weight: Tensor };
  /** From a state to how far the mean lies off, and to the logarithm of its sharpness: [2, states]. */
  readonly output: { readonly weight: Tensor; readonly bias: Tensor };
};

export interface LinearPrediction {
  init(key: Tensor): LinearPredictionParameters;
  /** Factors of the last samples by places [N, memory], or for all alike: [N or 1, order]. */
  factors(parameters: LinearPredictionParameters, places: Tensor | undefined): Tensor;
  /** What tokens score: amplitudes of the last samples [N, order], the oldest first, their factors, states [N, states] -> [N, vocabulary]. */
  scores(parameters: LinearPredictionParameters, last: Tensor, factors: Tensor, states: Tensor): Tensor;
}

/** Sharpness at first: a deviation of 0.1 of companded amplitudes, which reach from -1 to 1. */
const firstSharpness = Math.log(50);
/** And at most: a deviation of a fifth of a step of 256 levels. */
const mostSharpness = Math.log(2e5);
/** What tokens that are no levels score. */
const otherwise = -8;

/**
 * A linear prediction and a normal distribution around it, of companded amplitudes.
 *
 *     p = sum over k of a_k x_(t-k),  m = sign(p) ln(1 + mu |p|) / ln(1 + mu) + d,  score of level v = -s (y_v - m)^2
 *
 * with y_v = 2 v / mu - 1; the factors a follow the memory, and d and ln s are the network's. At first p is the last sample.
 *
 * Source: Atal and Hanauer, "Speech analysis and synthesis by linear prediction of the speech wave" (1971); Valin and Skoglund,
 * "LPCNet" (2019), for a network that knows the prediction, whose factors there follow from the spectrum; Ping, Peng and
 * Chen, "ClariNet" (2019), for a normal distribution of samples.
 */
export function linearPrediction(options: LinearPredictionOptions): LinearPrediction {
  const { vocabulary, levels, order, states, memory } = options;
  const mu = levels - 1;
  const output = linear({ inputs: states, outputs: 2, init: initializers.zeros });
  const told =
    memory === undefined
      ? undefined
      : linear({ inputs: memory, outputs: order, bias: false, init: initializers.zeros });
  const isLevel = Array.from({ length: vocabulary }, (_, v) => v < levels);
  const y = isLevel.map((is, v) => (is ? (2 * v) / mu - 1 : 0));
  // -s (y - m)^2 as a product of [s m, s, s m^2] with what is known of the tokens.
  const basis = tensor(
    [...y.map((value) => 2 * value), ...y.map((value) => -(value ** 2)), ...isLevel.map((is) => (is ? -1 : 0))],
    [3, vocabulary],
  );
  const others = tensor(
    isLevel.map((is) => (is ? 0 : otherwise)),
    [1, vocabulary],
  );
  return {
    init: (key) => ({
      weight: tensor(
        Array.from({ length: order }, (_, k) => (k === order - 1 ? 1 : 0)),
        [order],
      ),
      ...(told && { told: told.init(key) }),
      output: { ...output.init(key), bias: tensor([0, firstSharpness], [2]) },
    }),
    factors: (parameters, places) => {
      const own = parameters.weight.reshape([1, order]);
      if (!told || !parameters.told || !places) return own;
      return own.add(places.matmul(parameters.told.weight, { transposeB: true }));
    },
    scores: (parameters, last, factors, hidden) => {
      const predicted = last.mul(factors).sum(1, true); // [N, 1]
      const companded = predicted
        .abs()
        .mul(mu)
        .add(1)
        .log()
        .mul(1 / Math.log1p(mu))
        .mul(predicted.sign());
      const { weight, bias } = parameters.output;
      const [off, sharp] = hidden.matmul(weight, { transposeB: true }).add(bias).split(2, 1);
      const s = sharp.minimum(mostSharpness).exp();
      const m = companded.add(off);
      return concat([s.mul(m), s, s.mul(m.square())], 1)
        .matmul(basis)
        .add(others);
    },
  };
}
