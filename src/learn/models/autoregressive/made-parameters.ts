/** The parameters of MADE. */

import type { Tensor } from "../../../core/trace/index.ts";

/** weight [outputs, inputs], bias [outputs] */
export type Affine = { readonly weight: Tensor; readonly bias: Tensor };

/** A type, not an interface, so that it is a parameter tree. */
export type MadeParameters = {
  readonly hidden: readonly Affine[];
  readonly output: Affine;
  /** [D, D] */
  readonly direct?: { readonly weight: Tensor };
};
