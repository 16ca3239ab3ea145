/** The op table: every primitive that a graph can hold.
 *
 * Gradients (core/autodiff), lowerings (core/compile/onnx) and reference kernels (engine/interpreter)
 * are mapped types over its names, so an op that lacks one of them does not compile. */

import { blockedConvolution } from "./ops/blocked-convolution.ts";
import { composite } from "./ops/composite.ts";
import { controlFlow } from "./ops/control-flow.ts";
import { convolution } from "./ops/convolution.ts";
import type { OpDefinition } from "./ops/definition.ts";
import { elementwise } from "./ops/elementwise.ts";
import { indexing } from "./ops/indexing.ts";
import { layout } from "./ops/layout.ts";
import { linearAlgebra } from "./ops/linear-algebra.ts";
import { pooling } from "./ops/pooling.ts";
import { reduction } from "./ops/reduction.ts";
import { sources } from "./ops/sources.ts";

export const opTable = {
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

export type OpName = keyof typeof opTable;

/** The attributes type of an op. */
export type AttrsOf<N extends OpName> = (typeof opTable)[N] extends OpDefinition<infer Attrs> ? Attrs : never;

/** The ops that have a gradient rule. */
export type DifferentiableOp = {
  [N in OpName]: (typeof opTable)[N]["differentiable"] extends true ? N : never;
}[OpName];

export const opNames = Object.keys(opTable) as readonly OpName[];

/** Whether an op computes each element from the elements at the same place, its inputs broadcast. */
export function isElementwise(name: OpName): boolean {
  return name in elementwise;
}

export function isDifferentiable(name: OpName): name is DifferentiableOp {
  return opTable[name].differentiable;
}
