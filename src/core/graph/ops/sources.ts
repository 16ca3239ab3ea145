/** Ops that bring numbers into a graph: inputs, constants and random numbers. */

import { type DType, formatShape, type HostArray, type Shape, sizeOf } from "../../base/index.ts";
import { discreteOp, OpProblem, requireDType, requireInputs, type TensorType } from "./definition.ts";

export interface InputAttrs {
  /** Unique in its graph: the leaf's path in the traced function's arguments. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface ConstantAttrs {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Row-major elements; never changed after the node is made. */
  readonly data: HostArray;
}

function requireKey(type: TensorType): void {
  requireDType(type, ["uint32"], "its key");
  if (type.shape.length !== 1 || type.shape[0] !== 2) {
    throw new OpProblem("shape", `its key has shape ${formatShape(type.shape)}`, "a key is [2]: high word, low word");
  }
}

/** The type of random numbers. */
function drawn(inputs: readonly TensorType[], shape: Shape): readonly TensorType[] {
  requireInputs(inputs, 1);
  requireKey(inputs[0]);
  return [{ dtype: "float32", shape }];
}

export const sources = {
  input: discreteOp<InputAttrs>({
    doc: "A value that the caller gives.",
    shapes: "-> [shape...]",
    infer: (inputs, { dtype, shape }) => {
      requireInputs(inputs, 0);
      return [{ dtype, shape }];
    },
  }),
  constant: discreteOp<ConstantAttrs>({
    doc: "Numbers known while tracing.",
    shapes: "-> [shape...]",
    infer: (inputs, { dtype, shape, data }) => {
      requireInputs(inputs, 0);
      if (data.length !== sizeOf(shape)) {
        throw new OpProblem(
          "shape",
          `${data.length} numbers for shape ${formatShape(shape)}`,
          "the counts must be equal",
        );
      }
      return [{ dtype, shape }];
    },
  }),
  randomUniform: discreteOp<{ readonly shape: Shape; readonly bits: 16 | 23 }>({
    doc: "Numbers in (0, 1) from a key [2]: whole numbers of 23 or 16 bits plus one half, over 2^bits (see core/base/key.ts).",
    shapes: "[2] -> [shape...]",
    infer: (inputs, { shape, bits }) => {
      if (bits !== 16 && bits !== 23) throw new OpProblem("internal", `numbers of ${bits} bits`, "it makes 16 or 23");
      return drawn(inputs, shape);
    },
  }),
  randomBernoulli: discreteOp<{ readonly shape: Shape; readonly probability: number }>({
    doc: "1 with a probability, in steps of 2^-16, else 0, from a key [2].",
    shapes: "[2] -> [shape...]",
    infer: (inputs, { shape, probability }) => {
      if (!(probability >= 0 && probability <= 1)) {
        throw new OpProblem("config", `a probability of ${probability}`, "it must lie within [0, 1]");
      }
      return drawn(inputs, shape);
    },
  }),
  randomNormal: discreteOp<{ readonly shape: Shape }>({
    doc: "Standard normal numbers from a key [2], by Box and Muller's transform of 24 and 32 bits; none is beyond 5.77.",
    shapes: "[2] -> [shape...]",
    infer: (inputs, { shape }) => drawn(inputs, shape),
  }),
  foldKey: discreteOp({
    doc: "The key of stream `data` below `key`: (key [2], data uint32 scalar) -> [2] (see core/base/key.ts).",
    shapes: "[2] x [] -> [2]",
    infer: (inputs) => {
      requireInputs(inputs, 2);
      requireKey(inputs[0]);
      requireDType(inputs[1], ["uint32"], "its stream");
      if (inputs[1].shape.length !== 0) {
        throw new OpProblem("shape", `its stream has shape ${formatShape(inputs[1].shape)}`, "it must be a scalar");
      }
      return [{ dtype: "uint32", shape: [2] }];
    },
  }),
};
