/** Stochastic gradient descent. */

import { mapTree } from "../../core/base/index.ts";
import { type Tensor, type TensorTree, zeros } from "../../core/trace/index.ts";
import { alike, mapTogether, type Optimizer, requireOption, type UpdateArguments } from "./optimizer.ts";

export interface SgdOptions {
  /** Share of the velocity that is kept, 0 to 1; 0 where absent, and then there is no state. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Factor of an added gradient `weightDecay * parameter`; 0 where absent. */
  readonly weightDecay?: number;
}

/** `velocity` is PyTorch's `momentum_buffer`; absent without momentum. */
export type SgdState = { readonly velocity?: TensorTree };

/**
 * Stochastic gradient descent, with momentum where asked.
 *
 * g = gradient + weightDecay * p;  v' = momentum * v + g;  p' = p - learningRate * d,
 * where d = v', with nesterov d = g + momentum * v', without momentum d = g
 *
 * Units and ranges: momentum within [0, 1), weightDecay at least 0.
 * @throws GalateaError `config` when an option is outside its range, or nesterov without momentum.
 *
 * Source: Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
 * learning" (2013), in PyTorch's form, dampening 0, where the learning rate is outside of the velocity.
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer<SgdState> {
  requireOption("sgd", "momentum", momentum, momentum >= 0 && momentum < 1, "within [0, 1)");
  requireOption("sgd", "momentum", momentum, !nesterov || momentum > 0, "above 0 with nesterov");
  requireOption("sgd", "weightDecay", weightDecay, weightDecay >= 0, "at least 0");
  return {
    init: (parameters) =>
      momentum === 0 ? {} : { velocity: mapTree<Tensor, Tensor>(parameters, ({ shape }) => zeros(shape)) },
    update: <T extends TensorTree>({ parameters, gradients, state, learningRate }: UpdateArguments<T, SgdState>) => {
      const decayed = (gradient: Tensor, parameter: Tensor): Tensor =>
        weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay));
      if (state.velocity === undefined) {
        const [moved] = mapTogether(
          [parameters, gradients],
          1,
          ([parameter, gradient]) => [parameter.sub(decayed(gradient, parameter).mul(learningRate))],
          alike,
        );
        return { parameters: moved as T, state };
      }
      const trees = [parameters, gradients, state.velocity];
      const [moved, velocity] = mapTogether(
        trees,
        2,
        ([parameter, gradient, before]) => {
          const slope = decayed(gradient, parameter);
          const after = before.mul(momentum).add(slope);
          const direction = nesterov ? slope.add(after.mul(momentum)) : after;
          return [parameter.sub(direction.mul(learningRate)), after];
        },
        alike,
      );
      return { parameters: moved as T, state: { velocity } };
    },
  };
}
