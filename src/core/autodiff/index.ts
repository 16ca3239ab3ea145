/** Gradients, graph to graph: one rule for each differentiable op. Rules are written with Tensor, so
 * this folder sees trace; it computes no numbers. */

export { grad, gradients, pullback } from "./grad.ts";
export { type GradientRules, gradientRules } from "./rules.ts";
