/** A denoiser of vectors: fully connected residual layers. */

import { GalateaError } from "../../../core/base/index.ts";
import { foldKey } from "../../../core/trace/index.ts";
import { linear, silu } from "../../nn/index.ts";
import { conditioning, type Denoiser, hiddenInit, initParts, plainInit, type Trees, zeroInit } from "./denoiser.ts";

export interface MlpDenoiserOptions {
  /** Values of a vector. */
  readonly size: number;
  readonly width: number;
  /** Number of residual layers. */
  readonly depth: number;
  readonly classes?: number;
}

/**
 * h = W x; then `depth` times h += W2 silu(W1 silu(h) + time and class); out = W silu(h).
 *
 * Shapes: x [B, size] -> [B, size].
 * @throws GalateaError `config` when width or depth is no whole number of at least 1.
 */
export function mlpDenoiser({ size, width, depth, classes }: MlpDenoiserOptions): Denoiser {
  for (const [name, value] of Object.entries({ width, depth })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new GalateaError("config", name, `is ${value}`, "it must be a whole number of at least 1");
  }
  const told = conditioning({ width, ...(classes !== undefined && { classes }) });
  const blocks = Array.from({ length: depth }, () => ({
    linear1: linear({ inputs: width, outputs: width, ...hiddenInit }),
    condition: linear({ inputs: width, outputs: width, ...plainInit }),
    linear2: linear({ inputs: width, outputs: width, ...zeroInit }),
  }));
  const ends = {
    conditioning: told,
    input: linear({ inputs: size, outputs: width, ...plainInit }),
    output: linear({ inputs: width, outputs: size, ...zeroInit }),
  };
  return {
    init: (key) => ({
      ...initParts(ends, foldKey(key, 0)),
      blocks: blocks.map((parts, i) => initParts(parts, foldKey(key, i + 1))),
    }),
    apply: (tree, x, inputs, context) => {
      const p = tree as Readonly<Record<string, never>> & { readonly blocks: readonly Trees[] };
      const condition = told.apply(p.conditioning, inputs, context);
      let h = ends.input.apply(p.input, x, context);
      blocks.forEach((block, i) => {
        const q = p.blocks[i] as Readonly<Record<string, never>>;
        const shift = block.condition.apply(q.condition, condition, context);
        const inner = block.linear1.apply(q.linear1, silu(h), context).add(shift);
        h = h.add(block.linear2.apply(q.linear2, silu(inner), context));
      });
      return ends.output.apply(p.output, silu(h), context);
    },
  };
}
