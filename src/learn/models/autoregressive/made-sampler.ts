/** Sampling MADE as one compiled loop, one input a step, which computes each hidden unit once. */

import { scan, type Tensor, zeros } from "../../../core/trace/index.ts";
import type { Timetable } from "./made-masks.ts";
import type { MadeParameters } from "./made-parameters.ts";

/**
 * Samples of MADE: float32 [count, D] of 0 and 1.
 *
 * A hidden unit of degree m is computed in the step after the first m inputs are known, and kept. What is not known
 * yet is 0 till then, so that no mask is needed, and all steps together do the work of one forward pass.
 * @param mask number of each sample's mask, [count]
 * @param uniform numbers in (0, 1) by step, [D, count]
 */
export function drawInOrder(
  parameters: MadeParameters,
  steps: Timetable,
  mask: Tensor,
  uniform: Tensor,
  temperature: number,
): Tensor {
  const [count] = mask.shape;
  const [size] = uniform.shape;
  const hidden = parameters.hidden.map(({ bias }) => bias.size);
  // By step: the input that is drawn, [D, count], and the units that can be computed by then, [D, count, most].
  const drawn = steps.drawn.gather(mask).transpose();
  const units = steps.units.map(({ indices, present }) => ({
    indices: indices.gather(mask).transpose([1, 0, 2]),
    present: present.gather(mask).transpose([1, 0, 2]),
  }));
  const { output, direct: shortcut } = parameters;
  type Carry = { readonly x: Tensor; readonly h: readonly Tensor[] };
  type Step = { readonly drawn: Tensor; readonly uniform: Tensor; readonly units: typeof units };
  const start: Carry = { x: zeros([count, size]), h: hidden.map((width) => zeros([count, width])) };
  const { carry } = scan(
    ({ x, h }: Carry, step: Step) => {
      let below = x;
      const next = parameters.hidden.map(({ weight, bias }, layer) => {
        const { indices, present } = step.units[layer];
        const sums = weight.gather(indices).matmul(below.unsqueeze(2)).squeeze(2).add(bias.gather(indices)); // [count, most]
        const values = sums.relu().mul(present);
        below = h[layer].add(values.scatterAddAlongAxis(indices, hidden[layer], 1));
        return below;
      });
      const dot = (weight: Tensor, vector: Tensor): Tensor => weight.gather(step.drawn).mul(vector).sum(1);
      const odds = dot(output.weight, below).add(output.bias.gather(step.drawn));
      const all = shortcut ? odds.add(dot(shortcut.weight, x)) : odds;
      const bit = step.uniform.less(all.mul(1 / temperature).sigmoid()).cast("float32");
      const told = bit.unsqueeze(1).scatterAddAlongAxis(step.drawn.unsqueeze(1), size, 1);
      return { carry: { x: x.add(told), h: next }, y: {} };
    },
    start,
    { drawn, uniform, units } as Step,
  );
  return carry.x;
}
