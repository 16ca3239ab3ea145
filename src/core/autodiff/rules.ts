/** One gradient rule for each differentiable op, in the language of traced code.
 *
 * A rule maps the gradients of the loss by an op's outputs to the gradients by its inputs; as it is made
 * of the same ops, gradients of gradients follow. `undefined` says that an input gets none (integers). */

import { GalateaError } from "../base/index.ts";
import {
  type DifferentiableOp,
  formatPlace,
  type Node,
  type OpDefinition,
  opTable,
  parsePlace,
} from "../graph/index.ts";
import { Tensor, zeros } from "../trace/index.ts";
import { composite } from "./rules/composite.ts";
import { controlFlow } from "./rules/control-flow.ts";
import { convolution } from "./rules/convolution.ts";
import { elementwise } from "./rules/elementwise.ts";
import { indexing } from "./rules/indexing.ts";
import { layout } from "./rules/layout.ts";
import { linearAlgebra } from "./rules/linear-algebra.ts";
import { pooling } from "./rules/pooling.ts";
import { reduction } from "./rules/reduction.ts";
import type { GradientRule, Surroundings } from "./rules/rule.ts";

/** The table's type: leaving out an op does not compile. */
export type GradientRules = { readonly [N in DifferentiableOp]: GradientRule<N> };

export const gradientRules: GradientRules = {
  ...elementwise,
  ...layout,
  ...indexing,
  ...reduction,
  ...linearAlgebra,
  ...convolution,
  ...composite,
  ...controlFlow,
  ...pooling,
};

/** The path of what belongs to a node's gradients: its layer, in the backward stage. */
export function backwardPath({ path }: Node): string {
  return formatPlace({ layer: parsePlace(path).layer, stage: "backward" });
}

/** The gradients by the inputs of a node, from those by its outputs, of which at least one is given. */
export function inputGradients(
  node: Node,
  gradients: readonly (Tensor | undefined)[],
  surroundings: Surroundings,
): readonly (Tensor | undefined)[] {
  const rule = gradientRules[node.op as DifferentiableOp] as GradientRule<never> | undefined;
  const { refusesGradient }: OpDefinition<never> = opTable[node.op];
  if (refusesGradient) throw new GalateaError("gradient", node.path, ...refusesGradient);
  // An op without a rule is a discrete one: its derivative is zero.
  if (!rule) return node.inputs.map(() => undefined);
  const scope = backwardPath(node);
  const outputs = node.outputs.map((output) => new Tensor(output, scope));
  const inputs = node.inputs.map((input) => new Tensor(input, scope));
  const given = gradients.map((gradient) => gradient?.within(scope));
  const [output] = outputs;
  const attrs = node.attrs as never;
  const first = given[0] ?? zeros(output.shape).within(scope);
  return rule(first, { inputs, output, outputs, gradients: given, attrs, ...surroundings });
}
