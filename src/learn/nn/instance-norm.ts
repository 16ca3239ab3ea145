/** Normalization of each channel of each example. */

import { formatShape, GalateaError } from "../../core/base/index.ts";
import { ones, type TensorTree, zeros } from "../../core/trace/index.ts";
import type { Module, NoParameters } from "./module.ts";
import { centre, type NormParameters } from "./normalization.ts";

export interface InstanceNormOptions<Affine extends boolean = boolean> {
  readonly channels: number;
  /** Whether channels are scaled and shifted afterwards, by parameters; false where absent, as in PyTorch. */
  readonly affine?: Affine;
  readonly epsilon?: number;
}

/** Scale and shift, or nothing. */
export type InstanceNormParameters<Affine extends boolean> = boolean extends Affine
  ? NormParameters | NoParameters
  : Affine extends true
    ? NormParameters
    : NoParameters;

/**
 * Normalizes each channel of each example over its places, in training as afterwards.
 *
 * y = (x - mean(x)) / sqrt(var(x) + epsilon) [* weight[channel] + bias[channel]], var biased
 *
 * Shapes: x [B, channels, ...] with at least one axis of places -> the same; weight and bias [channels].
 * Units and ranges: epsilon 1e-5 where absent.
 * @throws GalateaError `shape`, while tracing, when x has other channels or no places.
 *
 * Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization" (2016).
 */
export function instanceNorm<const Affine extends boolean = false>({
  channels,
  affine,
  epsilon = 1e-5,
}: InstanceNormOptions<Affine>): Module<InstanceNormParameters<Affine>> {
  return {
    init: () => {
      const parameters: TensorTree = affine ? { weight: ones([channels]), bias: zeros([channels]) } : {};
      return parameters as InstanceNormParameters<Affine>;
    },
    apply: (given, x) => {
      if (x.rank < 3 || x.shape[1] !== channels) {
        const seen = `instanceNorm: its input has shape ${formatShape(x.shape)}`;
        throw new GalateaError("shape", x.path, seen, `it must be [B, ${channels}, ...]`);
      }
      const places = x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
      const { deviations, factor } = centre(x, places, epsilon);
      const { weight, bias } = given as Partial<NormParameters>;
      if (!weight || !bias) return deviations.mul(factor);
      const perChannel = [channels, ...places.map(() => 1)];
      return deviations.mul(weight.reshape(perChannel).mul(factor)).add(bias.reshape(perChannel));
    },
  };
}
