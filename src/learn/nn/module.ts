/** The module contract: what a layer is, and the inference of a composition's parameter tree. */

import type { Tensor, TensorTree } from "../../core/trace/index.ts";
import type { Context } from "./context.ts";

/**
 * A layer: plain data with two traced functions.
 *
 * `init` makes the parameters from a random key; `apply` computes the output. Neither keeps anything:
 * running statistics leave through {@link Context.update}.
 *
 * Shapes: the key is uint32 [2]; what `x` and the result must be is each layer's to say.
 */
export interface Module<P extends TensorTree = TensorTree> {
  init(key: Tensor): P;
  apply(parameters: P, x: Tensor, context: Context): Tensor;
}

/** The parameter tree of a layer that has none. */
export type NoParameters = Readonly<Record<never, never>>;

/** A function of one tensor: a layer without parameters, such as an activation. */
export type TensorFunction = (x: Tensor) => Tensor;

/** What a composition is made of. */
export type Layer = Module | TensorFunction;

/** The parameter tree of a layer. */
export type ParametersOf<L> = L extends Module<infer P> ? P : NoParameters;

/** A weight, and a bias unless it was declined; where that is not known, perhaps a bias. */
export type AffineParameters<Bias extends boolean> = boolean extends Bias
  ? { readonly weight: Tensor; readonly bias?: Tensor }
  : Bias extends true
    ? { readonly weight: Tensor; readonly bias: Tensor }
    : { readonly weight: Tensor };

/** A function as a module; a module as itself. */
export function toModule(layer: Layer): Module {
  if (typeof layer !== "function") return layer;
  return { init: () => ({}), apply: (_, x) => layer(x) };
}

/** A parameter record with or without a bias, as its type says. */
export function affineParameters<Bias extends boolean>(
  weight: Tensor,
  bias: Tensor | undefined,
): AffineParameters<Bias> {
  const parameters: AffineParameters<boolean> = bias ? { weight, bias } : { weight };
  return parameters as AffineParameters<Bias>;
}
