/** A network in which an output depends on only those inputs that come before it in an order. */

import { GalateaError } from "../../../core/base/index.ts";
import { foldKey, type Tensor, tensor } from "../../../core/trace/index.ts";
import { dropout, initializers, type Module, relu, sequential } from "../../nn/index.ts";
import type { Conditioner } from "./networks.ts";
import { steered } from "./networks.ts";

export interface MaskedNetworkOptions {
  /** order[i] is the turn of input i, 0 to D - 1. */
  readonly order: readonly number[];
  /** Numbers that come out for each input. */
  readonly outputs: number;
  /** Widths of hidden layers, at least one. */
  readonly hidden: readonly number[];
  /** Size of a condition that all outputs may depend on; none where absent. */
  readonly condition?: number;
  /** Share of hidden numbers that training drops; 0 where absent. */
  readonly dropout?: number;
}

type MaskedParameters = { readonly weight: Tensor; readonly bias: Tensor };

/** A fully connected layer with weights only where `mask`, [outputs][inputs], holds. */
function maskedLinear(mask: readonly (readonly boolean[])[], last: boolean): Module<MaskedParameters> {
  const shape = [mask.length, mask[0].length];
  const numbers = mask.flat().map(Number);
  const init = last ? initializers.zeros : initializers.heNormal;
  // On average so many weights of a unit are there.
  const fans = { inputs: Math.max(1, numbers.reduce((sum, one) => sum + one, 0) / shape[0]), outputs: shape[0] };
  return {
    init: (key) => ({ weight: init(foldKey(key, 0), shape, fans), bias: initializers.zeros(key, [shape[0]], fans) }),
    apply: ({ weight, bias }, x) => x.matmul(weight.mul(tensor(numbers, shape)), { transposeB: true }).add(bias),
  };
}

/**
 * Fully connected layers with ReLU between, masked: a hidden unit of degree d sees inputs of the turns 0 to d only,
 * and outputs of turn t see hidden units of degrees below t.
 *
 * Shapes: [B, D] -> [B, outputs D], of which the first D are the first number of each input.
 * @throws GalateaError `config` when `order` is no order.
 *
 * Source: Germain, Gregor, Murray and Larochelle, "MADE: masked autoencoder for distribution estimation" (2015),
 * section 4.2, with degrees that take turns instead of random ones.
 */
export function maskedNetwork(options: MaskedNetworkOptions): Conditioner {
  const { order, outputs, hidden, condition, dropout: rate = 0 } = options;
  const size = order.length;
  if (order.toSorted((a, b) => a - b).some((turn, i) => turn !== i)) {
    throw new GalateaError("config", "order", `is ${order.join(", ")}`, `it must hold 0 to ${size - 1}, once each`);
  }
  /** With one input alone, hidden units see the condition only. */
  const degreesOf = (width: number): number[] =>
    Array.from({ length: width }, (_, unit) => (size === 1 ? -1 : unit % (size - 1)));
  const levels = [order, ...hidden.map(degreesOf)];
  const between = hidden.slice(1).map((_, i) => {
    const [from, to] = [levels[i + 1], levels[i + 2]];
    return maskedLinear(
      to.map((degree) => from.map((seen) => seen <= degree)),
      false,
    );
  });
  const first = maskedLinear(
    levels[1].map((degree) => order.map((turn) => turn <= degree)),
    false,
  );
  const last = maskedLinear(
    Array.from({ length: outputs }, () => order).flatMap((turns) =>
      turns.map((turn) => levels[hidden.length].map((degree) => degree < turn)),
    ),
    true,
  );
  const rest = [...between, last].flatMap((layer) => (rate > 0 ? [relu, dropout(rate), layer] : [relu, layer]));
  return steered(first as Module, sequential(...rest), hidden[0], condition) as Conditioner;
}
