/** Adam and AdamW. */

import { mapTree } from "../../core/base/index.ts";
import { constant, Tensor, type TensorLike, type TensorTree, zeros } from "../../core/trace/index.ts";
import { mapTogether, type Optimizer, requireOption, type UpdateArguments } from "./optimizer.ts";

export interface AdamOptions {
  /** Share of the first moment that is kept, 0 to 1; 0.9 where absent. */
  readonly beta1?: number;
  /** Share of the second moment that is kept, 0 to 1; 0.999 where absent. */
  readonly beta2?: number;
  /** Added to the root of the second moment, 1e-8 where absent. */
  readonly epsilon?: number;
  /** How much parameters are drawn to 0; absent it is 0 for `adam` and 0.01 for `adamW`. */
  readonly weightDecay?: number;
  /** Which parameters decay, by path and tensor; all where absent. */
  readonly decays?: (path: string, parameter: Tensor) => boolean;
}

/**
 * Exponential sums of gradients and of their squares, each of the parameters' structure. They are PyTorch's
 * moments without the factor 1 - beta: exp_avg = (1 - beta1) firstMoment, exp_avg_sq = (1 - beta2) secondMoment.
 */
export type AdamState = { readonly firstMoment: TensorTree; readonly secondMoment: TensorTree };

/**
 * Adam: steps of nearly equal size in every coordinate, from running moments of the gradient.
 *
 * g = gradient + weightDecay * p;  m' = beta1 m + (1 - beta1) g;  v' = beta2 v + (1 - beta2) g^2;
 * p' = p - learningRate * (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon), t = step + 1
 *
 * An update is memory-bound, so we keep M = m / (1 - beta1) and V = v / (1 - beta2) and gather all that is scalar:
 * M' = beta1 M + g;  V' = beta2 V + g^2;  p' = p - a M' / (sqrt(V') + e), with c = sqrt((1 - beta2) / (1 - beta2^t)),
 * e = epsilon / c and a = learningRate (1 - beta1) / ((1 - beta1^t) c): the same numbers in fewer passes.
 *
 * Units and ranges: betas within [0, 1), epsilon above 0, weightDecay at least 0. Steps below 2^24.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015); epsilon and weight decay as in PyTorch.
 */
export function adam(options: AdamOptions = {}): Optimizer<AdamState> {
  return adamOf("adam", { weightDecay: 0, ...options }, (gradient, parameter, decay) => ({
    gradient: gradient.add(parameter.mul(decay)),
    parameter,
  }));
}

/**
 * AdamW: Adam whose weight decay does not pass through the moments.
 *
 * p' = (1 - learningRate * weightDecay) p - Adam's step, from the gradient alone; see {@link adam}
 *
 * Units and ranges: as Adam's.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019); as in PyTorch the decay is
 * multiplied by the learning rate.
 */
export function adamW(options: AdamOptions = {}): Optimizer<AdamState> {
  return adamOf("adamW", { weightDecay: 0.01, ...options }, (gradient, parameter, decay, learningRate) => ({
    gradient,
    parameter: parameter.mul(constant(1).sub(learningRate.mul(decay))),
  }));
}

/** What decay makes of a leaf's gradient and parameter before Adam's step. */
type Decay = (
  gradient: Tensor,
  parameter: Tensor,
  decay: number,
  learningRate: Tensor,
) => { readonly gradient: Tensor; readonly parameter: Tensor };

function adamOf(
  name: string,
  {
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay,
    decays = () => true,
  }: AdamOptions & { weightDecay: number },
  decay: Decay,
): Optimizer<AdamState> {
  requireOption(name, "beta1", beta1, beta1 >= 0 && beta1 < 1, "within [0, 1)");
  requireOption(name, "beta2", beta2, beta2 >= 0 && beta2 < 1, "within [0, 1)");
  requireOption(name, "epsilon", epsilon, epsilon > 0, "above 0");
  requireOption(name, "weightDecay", weightDecay, weightDecay >= 0, "at least 0");
  return {
    init: (parameters) => {
      const nothing = (): TensorTree => mapTree<Tensor, Tensor>(parameters, ({ shape }) => zeros(shape));
      return { firstMoment: nothing(), secondMoment: nothing() };
    },
    update: <T extends TensorTree>(args: UpdateArguments<T, AdamState>) => {
      const learningRate = asTensor(args.learningRate);
      const time = args.step.cast("float32").add(1);
      const correction2 = constant(1 - beta2)
        .div(oneMinusPower(beta2, time))
        .sqrt();
      const floor = constant(epsilon).div(correction2);
      const factor = learningRate.mul(1 - beta1).div(oneMinusPower(beta1, time).mul(correction2));
      const trees = [args.parameters, args.gradients, args.state.firstMoment, args.state.secondMoment];
      const [moved, firstMoment, secondMoment] = mapTogether(
        trees,
        3,
        ([parameter, gradient, first, second], isDecayed: boolean) => {
          const slope = isDecayed ? decay(gradient, parameter, weightDecay, learningRate) : { gradient, parameter };
          const newFirst = first.mul(beta1).add(slope.gradient);
          const newSecond = second.mul(beta2).add(slope.gradient.square());
          const direction = newFirst.div(newSecond.sqrt().add(floor));
          return [slope.parameter.sub(direction.mul(factor)), newFirst, newSecond];
        },
        (path, parameter) => weightDecay > 0 && decays(path, parameter),
      );
      return { parameters: moved as T, state: { firstMoment, secondMoment } };
    },
  };
}

/** 1 - beta^time = -expm1(time log beta), exact also where beta^time is near 1. */
function oneMinusPower(beta: number, time: Tensor): Tensor {
  return beta === 0 ? constant(1) : time.mul(Math.log(beta)).expm1().neg();
}

function asTensor(number: TensorLike): Tensor {
  return number instanceof Tensor ? number : constant(number);
}
