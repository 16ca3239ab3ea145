/** Ops that run a graph of their own: loops. */

import { formatShape, sameShape } from "../../base/index.ts";
import { type Body, OpProblem, op, type TensorType } from "./definition.ts";

export interface ScanAttrs {
  /** One step: (carries, slices of what is scanned, invariants) -> (next carries, slices of what is stacked). */
  readonly body: Body;
  readonly carries: number;
  readonly scanned: number;
  /** Number of steps. */
  readonly length: number;
  /** Whether the last slice comes first; results are stacked at the places of the slices that they belong to. */
  readonly reverse: boolean;
}

function formatType({ dtype, shape }: TensorType): string {
  return `${dtype}${formatShape(shape)}`;
}

/** @param role what the value is, such as `carry 0` */
function requireType(seen: TensorType, wanted: TensorType, role: string): void {
  if (seen.dtype === wanted.dtype && sameShape(seen.shape, wanted.shape)) return;
  const code = seen.dtype === wanted.dtype ? "shape" : "dtype";
  throw new OpProblem(code, `${role} is ${formatType(seen)}`, `its body takes ${formatType(wanted)}`);
}

export const controlFlow = {
  scan: op<ScanAttrs>({
    doc:
      "Its body `length` times in a row: (first carries, tensors to slice [length, ...], invariants) -> (last carries, " +
      "stacked results [length, ...]).",
    infer: (inputs, { body, carries, scanned, length }) => {
      if (inputs.length !== body.inputs.length || inputs.length < carries + scanned) {
        throw new OpProblem("internal", `got ${inputs.length} inputs`, `its body takes ${body.inputs.length}`);
      }
      body.inputs.forEach((wanted, i) => {
        const isSliced = i >= carries && i < carries + scanned;
        if (!isSliced) {
          requireType(inputs[i], wanted, i < carries ? `carry ${i}` : `invariant ${i - carries - scanned}`);
          return;
        }
        const [steps, ...shape] = inputs[i].shape;
        if (steps !== length) {
          const seen = `input ${i} is ${formatType(inputs[i])} for ${length} steps`;
          throw new OpProblem("shape", seen, `its first axis must be ${length}`);
        }
        requireType({ dtype: inputs[i].dtype, shape }, wanted, `a slice of input ${i}`);
      });
      const results = body.outputs.map(({ value }) => value);
      const next = results.slice(0, carries);
      next.forEach(({ dtype, shape }, i) => {
        requireType({ dtype, shape }, body.inputs[i], `the next carry ${i}`);
      });
      const stacked = results.slice(carries).map(({ dtype, shape }) => ({ dtype, shape: [length, ...shape] }));
      return [...next.map(({ dtype, shape }) => ({ dtype, shape })), ...stacked];
    },
  }),
};
