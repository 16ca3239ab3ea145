/** Kernels of loops, and of what is computed twice. */

import { sizeOf } from "../../../core/base/index.ts";
import { graphOf, type OpName } from "../../../core/graph/index.ts";
import type { HostValue } from "../value.ts";
import type { Kernel } from "./kernel.ts";

/** Row `at` of the first axis. */
function rowOf({ dtype, shape: [, ...shape], data }: HostValue, at: number): HostValue {
  const size = sizeOf(shape);
  return { dtype, shape, data: data.slice(at * size, (at + 1) * size) };
}

export const controlFlow = {
  scan: (inputs, { body, carries, scanned, length, reverse }, run) => {
    let carry = inputs.slice(0, carries);
    const sequences = inputs.slice(carries, carries + scanned);
    const invariants = inputs.slice(carries + scanned);
    const stacks = body.outputs.slice(carries).map(({ value: { dtype, shape } }) => ({
      dtype,
      shape: [length, ...shape],
      data: new Float64Array(length * sizeOf(shape)),
    }));
    for (let step = 0; step < length; step++) {
      const at = reverse ? length - 1 - step : step;
      const results = run(graphOf(body), [...carry, ...sequences.map((value) => rowOf(value, at)), ...invariants]);
      carry = results.slice(0, carries);
      stacks.forEach(({ data }, i) => {
        const row = results[carries + i].data;
        data.set(row, at * row.length);
      });
    }
    return [...carry, ...stacks];
  },
  loop: (inputs, { body, carries, most }, run) => {
    const invariants = inputs.slice(carries);
    let carry = inputs.slice(0, carries);
    for (let step = 0; step < most; step++) {
      const [goesOn, ...next] = run(graphOf(body), [...carry, ...invariants]);
      carry = next;
      if (goesOn.data[0] === 0) break;
    }
    return carry;
  },
  checkpoint: (inputs, { body }, run) => run(graphOf(body), inputs),
  barrier: ([x]) => x,
} satisfies { [N in OpName]?: Kernel<N> };
