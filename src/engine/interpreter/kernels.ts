/** The table of kernels: what each op computes. */

import type { OpName } from "../../core/graph/index.ts";
import { blockedConvolution } from "./kernels/blocked-convolution.ts";
import { composite } from "./kernels/composite.ts";
import { controlFlow } from "./kernels/control-flow.ts";
import { convolution } from "./kernels/convolution.ts";
import { elementwise } from "./kernels/elementwise.ts";
import { indexing } from "./kernels/indexing.ts";
import type { Kernel } from "./kernels/kernel.ts";
import { layout } from "./kernels/layout.ts";
import { linearAlgebra } from "./kernels/linear-algebra.ts";
import { pooling } from "./kernels/pooling.ts";
import { reduction } from "./kernels/reduction.ts";
import { sources } from "./kernels/sources.ts";

export type { Kernel };

/** The table's type: leaving out an op does not compile. */
export type Kernels = { readonly [N in OpName]: Kernel<N> };

export const kernels: Kernels = {
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
