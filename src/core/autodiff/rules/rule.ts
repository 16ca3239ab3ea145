/** What a gradient rule is, and what rules share. */

import { sameShape } from "../../base/index.ts";
import type { AttrsOf, DifferentiableOp } from "../../graph/index.ts";
import type { Tensor } from "../../trace/index.ts";

/** What a rule may ask of the differentiation that it is part of. */
export interface Surroundings {
  /** Whether the gradient by each input is used; a rule may give others all the same. */
  readonly wanted: readonly boolean[];
  /** Differentiates a graph that the op holds; see {@link "../grad.ts"}. */
  readonly pullback: (
    outputs: readonly Tensor[],
    gradients: readonly (Tensor | undefined)[],
    wrt: readonly Tensor[],
  ) => readonly (Tensor | undefined)[];
}

export interface RuleContext<N extends DifferentiableOp> extends Surroundings {
  readonly inputs: readonly Tensor[];
  /** The first output, which for most ops is the only one. */
  readonly output: Tensor;
  readonly outputs: readonly Tensor[];
  /** The gradients by all outputs; `undefined` where the loss does not depend on one. */
  readonly gradients: readonly (Tensor | undefined)[];
  readonly attrs: AttrsOf<N>;
}

/** From the gradient by the first output (zeros where it has none) to the gradients by the inputs. */
export type GradientRule<N extends DifferentiableOp> = (
  gradient: Tensor,
  context: RuleContext<N>,
) => readonly (Tensor | undefined)[];

/** Rules of some ops. */
export type SomeRules = { readonly [N in DifferentiableOp]?: GradientRule<N> };

/** Sums a gradient over the axes along which its input was broadcast. */
export function toShapeOf(gradient: Tensor, input: Tensor): Tensor {
  const { shape } = input;
  if (sameShape(gradient.shape, shape)) return gradient;
  const missing = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => {
    const repeated = axis < missing || (shape[axis - missing] === 1 && size !== 1);
    return repeated ? [axis] : [];
  });
  return gradient.sum(axes, true).reshape(shape);
}
