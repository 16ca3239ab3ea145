/** One curve for all numbers alike. */

import { type Tensor, zeros } from "../../../core/trace/index.ts";
import { type RationalQuadraticOptions, rationalQuadratic, sumOverEvent } from "../../prob/index.ts";
import type { FlowLayer } from "./layer.ts";

/** A type, not an interface, so that it is a parameter tree. */
export type ElementwiseParameters = { readonly curve: Tensor };

/**
 * One monotone spline for all numbers of x, which the layer learns: y_i = T(x_i; curve); log |det| = sum of log T'
 *
 * What a marginal density has that is far from normal, such as a background of one level, no coupling has to mend. It begins as
 * the identity.
 *
 * Shapes: x [B, ...] -> the same; curve [3 bins - 1].
 * @throws GalateaError `config` for options of the spline outside their ranges.
 *
 * Source: the spline is that of Durkan, Bekasov, Murray and Papamakarios, "Neural spline flows" (2019); a map of each number by
 * itself toward the normal density is a step of Chen and Gopinath, "Gaussianization" (2000).
 */
export function elementwise(options: RationalQuadraticOptions = {}): FlowLayer<ElementwiseParameters> {
  const spline = rationalQuadratic(options);
  const step = (direction: "forward" | "inverse", { curve }: ElementwiseParameters, x: Tensor) => {
    const { y, logDerivative } = spline[direction](x.reshape([1, 1, x.size]), curve.reshape([1, spline.size, 1]));
    return { changed: y.reshape(x.shape), logDet: sumOverEvent(logDerivative.reshape(x.shape)) };
  };
  return {
    init: () => ({ curve: zeros([spline.size]) }),
    forward: (parameters, x) => {
      const { changed: y, logDet } = step("forward", parameters, x);
      return { y, logDet };
    },
    inverse: (parameters, y) => {
      const { changed: x, logDet } = step("inverse", parameters, y);
      return { x, logDet };
    },
  };
}
