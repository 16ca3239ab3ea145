/** Rows of a table, by number. */

import type { Tensor } from "../../core/trace/index.ts";
import { type Initializer, normal } from "./initializers.ts";
import type { Module } from "./module.ts";

export type EmbeddingParameters = { readonly weight: Tensor };

export interface EmbeddingOptions {
  /** Number of rows: the size of the vocabulary. */
  readonly count: number;
  /** Size of a row. */
  readonly size: number;
  /** `normal(1)` where absent, as in PyTorch. Its fans are (count, size). */
  readonly init?: Initializer;
}

/**
 * A table of vectors, read by number.
 *
 * y[...] = weight[x[...]]
 *
 * Shapes: x int32 or int64 [...] -> [..., size]; weight [count, size].
 * Units and ranges: x from 0 to count - 1.
 * @throws GalateaError `dtype`, while tracing, when x is not int32 or int64.
 */
export function embedding({ count, size, init = normal(1) }: EmbeddingOptions): Module<EmbeddingParameters> {
  return {
    init: (key) => ({ weight: init(key, [count, size], { inputs: count, outputs: size }) }),
    apply: ({ weight }, x) => weight.gather(x),
  };
}
