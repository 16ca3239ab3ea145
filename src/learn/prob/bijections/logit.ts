/** Numbers between 0 and 1 stretched over the whole line. */

import { GalateaError } from "../../../core/base/index.ts";
import type { Tensor } from "../../../core/trace/index.ts";
import type { ElementwiseResult } from "./elementwise.ts";

export interface UnitOptions {
  /** How far 0 and 1 are moved inside, at least 0 and below 0.5; 0.05 in the source, 1e-6 in others. */
  readonly alpha: number;
}

function requireAlpha(alpha: number): void {
  if (alpha > 0 && alpha < 0.5) return;
  throw new GalateaError("config", "alpha", `is ${alpha}`, "it must lie above 0 and below 0.5");
}

/**
 * y = logit(alpha + (1 - 2 alpha) x), with logit(p) = log p - log(1 - p)
 *
 * Units and ranges: x from 0 to 1.
 * @throws GalateaError `config` when alpha is outside its range.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017), section 4.1.
 */
export function fromUnit(x: Tensor, { alpha }: UnitOptions): ElementwiseResult {
  requireAlpha(alpha);
  const logP = x
    .mul(1 - 2 * alpha)
    .add(alpha)
    .log();
  const logRest = x
    .mul(2 * alpha - 1)
    .add(1 - alpha)
    .log();
  const logDerivative = logP
    .add(logRest)
    .neg()
    .add(Math.log(1 - 2 * alpha));
  return { y: logP.sub(logRest), logDerivative };
}

/** The inverse of {@link fromUnit}, without its derivative. */
export function toUnit(y: Tensor, { alpha }: UnitOptions): Tensor {
  requireAlpha(alpha);
  return y
    .sigmoid()
    .sub(alpha)
    .mul(1 / (1 - 2 * alpha));
}
