/** Coupling layers: one part of an example stays and says how the other one is transformed. */

import { GalateaError, type Shape } from "../../../core/base/index.ts";
import { concat, type Tensor, type TensorTree, tensor } from "../../../core/trace/index.ts";
import { type ElementwiseBijection, sumOverEvent } from "../../prob/index.ts";
import type { FlowLayer, Given } from "./layer.ts";
import type { MakeConditioner } from "./networks.ts";

export interface CouplingOptions {
  /** Channels of x [B, C, ...]; at least 2. */
  readonly channels: number;
  /** Whether the last channels steer the first ones, instead of the first the last. */
  readonly reverse?: boolean;
  readonly transform: ElementwiseBijection;
  readonly network: MakeConditioner;
}

/**
 * Half of the channels transformed given the other half.
 *
 * y_kept = x_kept; y_moved = T(x_moved; network(x_kept)); log |det| = sum of log T'
 *
 * Shapes: x [B, C, ...] -> the same; with an odd C the kept half is the larger one.
 * @throws GalateaError `config` when there is but one channel.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017), section 3.2; with splines for
 * T: Durkan et al., "Neural spline flows" (2019), section 3.2.
 */
export function coupling({ channels, reverse = false, transform, network }: CouplingOptions): FlowLayer {
  if (channels < 2) {
    const right = "coupling takes at least 2; an autoregressive flow takes 1";
    throw new GalateaError("config", "coupling", `${channels} channel`, right);
  }
  const moved = Math.floor(channels / 2);
  const kept = channels - moved;
  const conditioner = network(kept, transform.size * moved);
  const divide = (x: Tensor): { readonly known: Tensor; readonly other: Tensor } => {
    const [first, last] = x.split(reverse ? [moved, kept] : [kept, moved], 1);
    return reverse ? { known: last, other: first } : { known: first, other: last };
  };
  const join = (known: Tensor, other: Tensor): Tensor => concat(reverse ? [other, known] : [known, other], 1);
  const step = (direction: "forward" | "inverse", parameters: TensorTree, x: Tensor, given: Given) => {
    const { known, other } = divide(x);
    const { y, logDerivative } = transform[direction](other, conditioner.apply(parameters, known, given));
    return { changed: join(known, y), logDet: sumOverEvent(logDerivative) };
  };
  return bothWays(conditioner, step);
}

export interface MaskedCouplingOptions {
  /** 1 where a number stays, 0 where it is transformed: float32 numbers of `shape`. */
  readonly mask: readonly number[];
  /** [C, ...]. */
  readonly shape: Shape;
  readonly transform: ElementwiseBijection;
  readonly network: MakeConditioner;
}

/**
 * A coupling of which any mask says what stays.
 *
 * y = m x + (1 - m) T(x; network(m x)); log |det| = sum of (1 - m) log T'
 *
 * Source: Dinh, Sohl-Dickstein and Bengio (2017), section 3.4, equation 9.
 */
export function maskedCoupling({ mask, shape, transform, network }: MaskedCouplingOptions): FlowLayer {
  const [channels] = shape;
  const conditioner = network(channels, transform.size * channels);
  const step = (direction: "forward" | "inverse", parameters: TensorTree, x: Tensor, given: Given) => {
    const stays = tensor(mask, shape);
    const moves = tensor(
      mask.map((one) => 1 - one),
      shape,
    );
    const kept = x.mul(stays);
    const { y, logDerivative } = transform[direction](x, conditioner.apply(parameters, kept, given));
    return { changed: kept.add(y.mul(moves)), logDet: sumOverEvent(logDerivative.mul(moves)) };
  };
  return bothWays(conditioner, step);
}

/** Ones on the squares of a chessboard of which the first one is `first`, in every channel of [C, H, W]. */
export function checkerboard([channels, height, width]: Shape, first: 0 | 1): number[] {
  return Array.from({ length: channels * height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width) % height, i % width];
    return (row + column) % 2 === 0 ? first : 1 - first;
  });
}

/** What a coupling makes of numbers in a direction, and the logarithm of the determinant of that. */
type Step = (
  direction: "forward" | "inverse",
  parameters: TensorTree,
  x: Tensor,
  given: Given,
) => { readonly changed: Tensor; readonly logDet: Tensor };

/** A layer of a step that goes both ways. */
function bothWays({ init }: { init(key: Tensor): TensorTree }, step: Step): FlowLayer {
  return {
    init: (key) => init(key),
    forward: (parameters, x, given) => {
      const { changed: y, logDet } = step("forward", parameters, x, given);
      return { y, logDet };
    },
    inverse: (parameters, y, given) => {
      const { changed: x, logDet } = step("inverse", parameters, y, given);
      return { x, logDet };
    },
  };
}
