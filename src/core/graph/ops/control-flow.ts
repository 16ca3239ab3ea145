/** Ops that run a graph of their own: loops, and parts whose results are computed again for their gradients. */

import { formatShape, sameShape } from "../../base/index.ts";
import {
  type Body,
  OpProblem,
  op,
  opWithoutGradient,
  requireDType,
  requireInputs,
  type TensorType,
} from "./definition.ts";

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

export interface LoopAttrs {
  /** One step: (carries, invariants) -> (whether another one follows, next carries). */
  readonly body: Body;
  readonly carries: number;
  /** The largest number of steps. */
  readonly most: number;
}

export interface CheckpointAttrs {
  readonly body: Body;
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

function typesOf(results: Body["outputs"]): TensorType[] {
  return results.map(({ value: { dtype, shape } }) => ({ dtype, shape }));
}

/** @param carries how many of the inputs are carries; the others are invariants */
function requireInputsOf(body: Body, inputs: readonly TensorType[], carries: number): void {
  if (inputs.length !== body.inputs.length || inputs.length < carries) {
    throw new OpProblem("internal", `got ${inputs.length} inputs`, `its body takes ${body.inputs.length}`);
  }
  body.inputs.forEach((wanted, i) => {
    requireType(inputs[i], wanted, i < carries ? `carry ${i}` : `invariant ${i - carries}`);
  });
}

export const controlFlow = {
  scan: op<ScanAttrs>({
    doc:
      "Its body `length` times in a row: (first carries, tensors to slice [length, ...], invariants) -> (last carries, " +
      "stacked results [length, ...]).",
    shapes: "[C...] x [length, X...] x [I...] -> [C...], [length, Y...]",
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
  loop: opWithoutGradient<LoopAttrs>(
    {
      doc:
        "Its body until that says to stop, at most `most` times: (first carries, invariants) -> (last carries); the body " +
        "gives a bool, whether to go on, and the next carries.",
      shapes: "[C...] x [I...] -> [C...]",
      infer: (inputs, { body, carries, most }) => {
        requireInputsOf(body, inputs, carries);
        const [goesOn, ...next] = typesOf(body.outputs);
        requireType(goesOn, { dtype: "bool", shape: [] }, "whether to go on");
        next.forEach((type, i) => {
          requireType(type, body.inputs[i], `the next carry ${i}`);
        });
        if (!Number.isInteger(most) || most < 0) {
          throw new OpProblem("config", `at most ${most} steps`, "it must be a whole number from 0 up");
        }
        return next;
      },
    },
    ["a loop that stops early has no gradient", "use scan, or stopGradient() on what it gives"],
  ),
  checkpoint: op<CheckpointAttrs>({
    doc: "What its body computes; for gradients it is computed again, so that nothing inside is kept until then.",
    shapes: "[I...] -> [O...]",
    infer: (inputs, { body }) => {
      requireInputsOf(body, inputs, 0);
      return typesOf(body.outputs);
    },
  }),
  barrier: op({
    doc: "x, but not before `after` is there: (x, after) -> x. No pass moves or merges what is computed from it.",
    shapes: "[...] x [A...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 2);
      const [x, after] = inputs;
      requireDType(x, ["float32"], "x");
      requireDType(after, ["float32"], "after");
      return [{ dtype: x.dtype, shape: x.shape }];
    },
  }),
};
