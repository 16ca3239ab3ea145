/** Gradients against finite differences in float64, first and second order. */

import { gradients } from "../../src/core/autodiff/index.ts";
import { formatShape, type Shape } from "../../src/core/base/index.ts";
import type { Graph } from "../../src/core/graph/index.ts";
import { type Tensor, tensor, trace } from "../../src/core/trace/index.ts";
import { type HostValue, interpret } from "../../src/engine/interpreter/index.ts";
import { uniform } from "../conformance/cases-values.ts";

/** Central differences err by step^2 (about 1e-10) and by float64's rounding over the step (1e-11). */
const step = 1e-5;

/** Constants inside gradient rules, such as 2/sqrt(pi), are rounded to float32: 6e-8 relative. */
const tolerance = 1e-6;

export interface GradientReport {
  /** Where a gradient differs from the finite difference, of the first and of the second order. */
  readonly first: string | undefined;
  readonly second: string | undefined;
  /** Whether any gradient is not 0, that is, whether the comparison says anything. */
  readonly firstMatters: boolean;
  readonly secondMatters: boolean;
}

/** Sums elements with fixed random weights, so that no two elements' gradients are exchangeable. */
function weighted(x: Tensor, name: string): Tensor {
  return x.mul(tensor(uniform(x.shape, 0.25, 1, name).data, x.shape)).sum();
}

/**
 * Compares the gradients of a function by all of its float inputs.
 *
 * With y = f(x), the loss is the weighted sum of y + y^2 / 2 over all float outputs, curved so that linear functions have a second
 * order too; the second order differentiates the weighted sum of the first gradients.
 */
export function checkGradients(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly HostValue[],
): GradientReport {
  const types = inputs.map(({ dtype, shape }) => ({ dtype, shape }));
  const { graph, output } = trace({ inputs: types }, ({ inputs: traced }) => {
    const wrt = traced.filter(({ dtype }) => dtype === "float32");
    const outputs = [f(...traced)].flat().filter(({ dtype }) => dtype === "float32");
    const losses = outputs.map((y, i) => weighted(y.add(y.square().mul(0.5)), i === 0 ? "loss" : `loss ${i}`));
    const loss = losses.reduce((sum, term) => sum.add(term));
    const first = gradients(loss, wrt);
    const slope = first.map((g, i) => weighted(g, `gradient ${i}`)).reduce((sum, term) => sum.add(term));
    return { loss, slope, first, second: gradients(slope, wrt) };
  });
  const scalars: Graph = { inputs: graph.inputs, outputs: graph.outputs.slice(0, 2) };
  const values = interpret(graph, inputs).map(({ data }) => data);
  const count = output.first.length;
  const firsts = values.slice(2, 2 + count);
  const seconds = values.slice(2 + count);
  const floats = inputs.flatMap(({ dtype }, i) => (dtype === "float32" ? [i] : []));

  let first: string | undefined;
  let second: string | undefined;
  floats.forEach((input, i) => {
    const { shape, data } = inputs[input];
    for (let element = 0; element < data.length; element++) {
      const at = (number: number): Float64Array[] => {
        const moved = inputs.map((value, j) => (j === input ? { ...value, data: data.with(element, number) } : value));
        return interpret(scalars, moved).map((value) => value.data);
      };
      const [above, below] = [at(data[element] + step), at(data[element] - step)];
      const numeric = (scalar: number): number => (above[scalar][0] - below[scalar][0]) / (2 * step);
      const place = `input ${input} ${formatShape(shape)}, element ${element}`;
      first ??= mismatch(place, firsts[i][element], numeric(0));
      second ??= mismatch(place, seconds[i][element], numeric(1));
    }
  });
  const matters = (gradient: Float64Array): boolean => gradient.some((number) => number !== 0);
  return { first, second, firstMatters: firsts.some(matters), secondMatters: seconds.some(matters) };
}

function mismatch(place: string, gradient: number, numeric: number): string | undefined {
  const close = Math.abs(gradient - numeric) <= tolerance * Math.max(1, Math.abs(numeric));
  return close ? undefined : `${place}: the gradient is ${gradient}, the finite difference ${numeric}`;
}

/** Runs a traced function of float32 inputs on numbers; gives the elements of each output. */
export function run(f: (...inputs: Tensor[]) => readonly Tensor[], inputs: readonly HostValue[]): number[][] {
  const types = inputs.map(({ dtype, shape }) => ({ dtype, shape }));
  const { graph } = trace({ inputs: types }, ({ inputs: traced }) => f(...traced));
  return interpret(graph, inputs).map(({ data }) => [...data]);
}

/** Fixed numbers as a tensor, for composing functions. */
export function fixed(shape: Shape, name: string): Tensor {
  return tensor(uniform(shape, -1, 1, name).data, shape);
}
