/** Networks that read the past of a series. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  initializers,
  layerNorm,
  linear,
  lstm,
  subcontext,
  type TransformerBlockParameters,
  transformerBlock,
} from "../../nn/index.ts";
import type { PastReader } from "./forecaster.ts";

export interface LstmReaderOptions {
  /** Values of the past, cut into steps of `patch` values each. */
  readonly context: number;
  readonly patch: number;
  readonly hidden: number;
  readonly layers: number;
  readonly dropout?: number;
}

/** The past as steps [B, steps, patch]; before its beginning stands its first value, where steps do not divide it. */
function cutSteps(past: Tensor, patch: number): Tensor {
  const [batch, context] = past.shape;
  const steps = Math.ceil(context / patch);
  return past.padEdge([0, steps * patch - context], [0, 0]).reshape([batch, steps, patch]);
}

/** @throws GalateaError `config` when a step is longer than the past. */
function stepsOf(context: number, patch: number): number {
  if (patch >= 1 && patch <= context) return Math.ceil(context / patch);
  throw new GalateaError(
    "config",
    "patch",
    `steps of ${patch} values of ${context}`,
    `it must be from 1 to ${context}`,
  );
}

/**
 * LSTMs over steps of some values each; their last hidden state, and the past itself, describe it.
 *
 * Source: Hochreiter and Schmidhuber (1997); the past beside it as in Zeng et al., "Are transformers effective for time
 * series forecasting?" (2023), whose linear model is what is left when the LSTM says nothing.
 */
export function lstmReader({ context, patch, hidden, layers, dropout = 0 }: LstmReaderOptions): PastReader {
  const steps = stepsOf(context, patch);
  const recurrent = lstm({ inputs: patch, hidden, layers, dropout, forgetBias: 1 });
  return {
    size: hidden + context,
    init: (key) => recurrent.init(key),
    apply: (parameters, past, given) => {
      const [batch] = past.shape;
      const { output } = recurrent.run(parameters as never, cutSteps(past, patch), given);
      return concat([output.slice(1, steps - 1, 1).reshape([batch, hidden]), past], 1);
    },
  };
}

export interface PatchTransformerOptions {
  readonly context: number;
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly dropout?: number;
}

type PatchParameters = {
  readonly patches: TensorTree;
  readonly positions: Tensor;
  readonly blocks: readonly TransformerBlockParameters[];
  readonly norm: TensorTree;
};

/**
 * A transformer over steps of some values each, all of which see one another; all its places describe the past.
 *
 * Source: Nie, Nguyen, Sinthong and Kalagnanam, "A time series is worth 64 words" (PatchTST, 2023).
 */
export function patchTransformer(options: PatchTransformerOptions): PastReader {
  const { context, patch, width, depth, heads, dropout = 0 } = options;
  const steps = stepsOf(context, patch);
  const enter = linear({ inputs: patch, outputs: width });
  const block = transformerBlock({ width, heads, hidden: 2 * width, dropout });
  const norm = layerNorm({ shape: width });
  return {
    size: steps * width,
    init: (key) => ({
      patches: enter.init(foldKey(key, 0)),
      positions: initializers.normal(0.02)(foldKey(key, 1), [steps, width], { inputs: width, outputs: width }),
      blocks: Array.from({ length: depth }, (_, i) => block.init(foldKey(key, 3 + i))),
      norm: norm.init(foldKey(key, 2)),
    }),
    apply: (tree, past, given) => {
      const parameters = tree as PatchParameters;
      const [batch] = past.shape;
      const patches = cutSteps(past, patch);
      let x = enter.apply(parameters.patches as never, patches, given).add(parameters.positions);
      parameters.blocks.forEach((own, i) => {
        x = block.apply(own, x, {}, subcontext(given, i)).output;
      });
      return norm.apply(parameters.norm as never, x, given).reshape([batch, steps * width]);
    },
  };
}
