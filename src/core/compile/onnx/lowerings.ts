/** How each op is spelled in ONNX (opset 21): a mapped type over the op table, so none can be left out. */

import type { OpName } from "../../graph/index.ts";
import { blockedConvolution } from "./lowerings/blocked-convolution.ts";
import { composite } from "./lowerings/composite.ts";
import { controlFlow } from "./lowerings/control-flow.ts";
import { convolution } from "./lowerings/convolution.ts";
import { elementwise } from "./lowerings/elementwise.ts";
import { indexing } from "./lowerings/indexing.ts";
import { layout } from "./lowerings/layout.ts";
import { linearAlgebra } from "./lowerings/linear-algebra.ts";
import type { Lowering } from "./lowerings/lowering.ts";
import { pooling } from "./lowerings/pooling.ts";
import { reduction } from "./lowerings/reduction.ts";
import { sources } from "./lowerings/sources.ts";

export type Lowerings = { readonly [N in OpName]: Lowering<N> };

export const lowerings: Lowerings = {
  ...sources,
  ...elementwise,
  ...layout,
  ...indexing,
  ...reduction,
  ...linearAlgebra,
  ...convolution,
  ...composite,
  ...controlFlow,
  ...blockedConvolution,
  ...pooling,
};
