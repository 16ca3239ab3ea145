/** Networks that say how a layer transforms one part of an example, given another part. */

import { foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { conv2d, dropout, initializers, type Layer, linear, type Module, relu, sequential } from "../../nn/index.ts";
import type { Given } from "./layer.ts";

/** From what is known of an example to the numbers that steer the rest. */
export interface Conditioner<P extends TensorTree = TensorTree> {
  init(key: Tensor): P;
  apply(parameters: P, x: Tensor, given: Given): Tensor;
}

/** A conditioner for so many channels in and out. */
export type MakeConditioner = (inputs: number, outputs: number) => Conditioner;

/** A type, not an interface, so that it is a parameter tree. */
export type SteeredParameters = {
  readonly first: TensorTree;
  readonly rest: TensorTree;
  /** Of what turns a condition into a part of the first layer's output. */
  readonly condition?: TensorTree;
};

/** Before a ReLU: variance is kept through the layer. */
const hiddenInit = { init: initializers.heNormal, biasInit: initializers.zeros };
/** With zeros every layer of a flow begins as the identity. */
const outputInit = { init: initializers.zeros, biasInit: initializers.zeros };

/** Layers of which the first one also sees the condition. */
export function steered(
  first: Module,
  rest: Module,
  width: number,
  condition?: number,
): Conditioner<SteeredParameters> {
  const conditionLayer =
    condition === undefined ? undefined : linear({ inputs: condition, outputs: width, bias: false });
  return {
    init: (key) => ({
      first: first.init(foldKey(key, 0)),
      rest: rest.init(foldKey(key, 1)),
      ...(conditionLayer && { condition: conditionLayer.init(foldKey(key, 2)) }),
    }),
    apply: (parameters, x, { context, condition: wanted }) => {
      let hidden = first.apply(parameters.first, x, context);
      if (conditionLayer && wanted && parameters.condition) {
        const shift = conditionLayer.apply(parameters.condition as never, wanted, context); // [B, width]
        hidden = hidden.add(shift.reshape([...shift.shape, ...hidden.shape.slice(2).map(() => 1)]));
      }
      return rest.apply(parameters.rest, hidden, context);
    },
  };
}

export interface MlpConditionerOptions {
  /** Widths of hidden layers, at least one. */
  readonly hidden: readonly number[];
  /** Size of the condition; none where absent. */
  readonly condition?: number;
  /** Share of hidden numbers that training drops; 0 where absent. */
  readonly dropout?: number;
}

/** Fully connected, with ReLU between. */
export function mlpConditioner({ hidden, condition, dropout: rate = 0 }: MlpConditionerOptions): MakeConditioner {
  return (inputs, outputs) => {
    const between = (): Layer[] => (rate > 0 ? [relu, dropout(rate)] : [relu]);
    const rest = hidden.flatMap((width, i): Layer[] => {
      const last = i === hidden.length - 1;
      const next = last ? outputs : hidden[i + 1];
      return [...between(), linear({ inputs: width, outputs: next, ...(last ? outputInit : hiddenInit) })];
    });
    const first = linear({ inputs, outputs: hidden[0], ...hiddenInit });
    return steered(first as Module, sequential(...rest), hidden[0], condition);
  };
}

export interface ConvConditionerOptions {
  /** Channels of the hidden layers. */
  readonly hidden: number;
  readonly condition?: number;
}

/**
 * Convolutions of 3 x 3, 1 x 1 and 3 x 3 with ReLU between.
 *
 * Source: Kingma and Dhariwal, "Glow" (2018), section 4, without the norms inside.
 */
export function convConditioner({ hidden, condition }: ConvConditionerOptions): MakeConditioner {
  return (inputs, outputs) => {
    const first = conv2d({ inputs, outputs: hidden, kernel: 3, padding: 1, ...hiddenInit });
    const rest = sequential(
      relu,
      conv2d({ inputs: hidden, outputs: hidden, kernel: 1, ...hiddenInit }),
      relu,
      conv2d({ inputs: hidden, outputs, kernel: 3, padding: 1, ...outputInit }),
    );
    return steered(first as Module, rest as Module, hidden, condition);
  };
}
