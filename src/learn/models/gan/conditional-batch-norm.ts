/** Batch normalization whose scale and shift belong to a class. */

import { GalateaError } from "../../../core/base/index.ts";
import { ones, type Tensor, zeros } from "../../../core/trace/index.ts";
import { type BatchNormParameters, batchNorm, type Context } from "../../nn/index.ts";

/** A layer that may be told each example's class, int32 [B]. */
export interface ConditionalLayer<P> {
  init(key: Tensor): P;
  apply(parameters: P, x: Tensor, labels: Tensor | undefined, context: Context): Tensor;
}

/**
 * Batch normalization, with scale and shift of each class where there are classes.
 *
 * y = (x - mean) / sqrt(var + epsilon) * weight[label] + bias[label]
 *
 * Shapes: x [B, channels, ...] -> the same; labels [B]; weight and bias [classes, channels] ([channels] without classes),
 * running_mean and running_var [channels].
 * @throws GalateaError `internal`, while tracing, when there are classes but no labels.
 *
 * Source: de Vries et al., "Modulating early visual processing by language" (2017); Miyato and Koyama, "cGANs with
 * projection discriminator" (2018), for generators.
 */
export function conditionalBatchNorm(channels: number, classes?: number): ConditionalLayer<BatchNormParameters> {
  const norm = batchNorm({ channels });
  if (classes === undefined) {
    return { init: norm.init, apply: (parameters, x, _, context) => norm.apply(parameters, x, context) };
  }
  return {
    init: (key) => ({ ...norm.init(key), weight: ones([classes, channels]), bias: zeros([classes, channels]) }),
    apply: ({ weight, bias, running_mean, running_var }, x, labels, context) => {
      if (!labels) throw new GalateaError("internal", weight.path, "got no labels", "the layer has classes");
      const plain = { weight: ones([channels]), bias: zeros([channels]), running_mean, running_var };
      const normalized = norm.apply(plain, x, context);
      const places = [x.shape[0], channels, ...x.shape.slice(2).map(() => 1)];
      const ofLabels = (table: Tensor): Tensor => table.gather(labels).reshape(places);
      return normalized.mul(ofLabels(weight)).add(ofLabels(bias));
    },
  };
}
