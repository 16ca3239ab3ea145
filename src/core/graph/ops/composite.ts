/** Compositions of other ops that runtimes compute in one pass. Each could be written with the rest of the table,
 * and is tested against that. */

import { formatShape, sameShape } from "../../base/index.ts";
import { OpProblem, op, requireAxis, requireDType, requireInputs, type TensorType } from "./definition.ts";

function requireFloats(inputs: readonly TensorType[], count: number): void {
  requireInputs(inputs, count);
  for (const input of inputs) requireDType(input, ["float32"], "its input");
}

function requireClasses(inputs: readonly TensorType[], axis: number): void {
  requireFloats(inputs, 1);
  requireAxis(axis, inputs[0]);
}

export interface LayerNormAttrs {
  /** Added to the variance. */
  readonly epsilon: number;
}

export const composite = {
  softmax: op<{ readonly axis: number }>({
    doc: "e^x / sum of e^x along an axis, without overflow.",
    shapes: "[A..., N, B...] -> [A..., N, B...]",
    infer: (inputs, { axis }) => {
      requireClasses(inputs, axis);
      return [inputs[0]];
    },
  }),
  logSoftmax: op<{ readonly axis: number }>({
    doc: "x - log(sum of e^x) along an axis, without overflow.",
    shapes: "[A..., N, B...] -> [A..., N, B...]",
    infer: (inputs, { axis }) => {
      requireClasses(inputs, axis);
      return [inputs[0]];
    },
  }),
  crossEntropy: op({
    doc: "log(sum of e^x) - x[label] over the last axis, without overflow; int32 or int64 labels from 0 to K - 1.",
    shapes: "[..., K] x [...] -> [...]",
    infer: (inputs) => {
      requireInputs(inputs, 2);
      const [logits, labels] = inputs;
      requireDType(logits, ["float32"], "its logits");
      requireDType(labels, ["int32", "int64"], "its label");
      const { shape } = logits;
      if (!((shape.at(-1) ?? 0) >= 1)) {
        throw new OpProblem("shape", `logits of shape ${formatShape(shape)}`, "their last axis must hold the classes");
      }
      if (!sameShape(shape.slice(0, -1), labels.shape)) {
        const seen = `labels ${formatShape(labels.shape)} for logits ${formatShape(shape)}`;
        throw new OpProblem("shape", seen, `the labels must be ${formatShape(shape.slice(0, -1))}`);
      }
      return [{ dtype: "float32", shape: labels.shape }];
    },
  }),
  gelu: op({
    doc: "x (1 + erf(x / sqrt 2)) / 2, exact.",
    shapes: "[...] -> [...]",
    infer: (inputs) => {
      requireFloats(inputs, 1);
      return [inputs[0]];
    },
  }),
  layerNorm: op<LayerNormAttrs>({
    doc: "(x - mean) * r * weight + bias over the last axis, r = 1 / sqrt(var + epsilon), var biased; also mean and r.",
    shapes: "[..., N] x [N] x [N] -> [..., N], [..., 1], [..., 1]",
    infer: (inputs) => {
      requireFloats(inputs, 3);
      const [{ shape }, ...parameters] = inputs;
      const size = shape.at(-1);
      if (size === undefined || size < 1) {
        throw new OpProblem("shape", `its input has shape ${formatShape(shape)}`, "the last axis must have an element");
      }
      const misfit = parameters.find((parameter) => parameter.shape.length !== 1 || parameter.shape[0] !== size);
      if (misfit) {
        const seen = `weight or bias of shape ${formatShape(misfit.shape)} for ${formatShape(shape)}`;
        throw new OpProblem("shape", seen, `each must be [${size}]`);
      }
      const statistic: TensorType = { dtype: "float32", shape: [...shape.slice(0, -1), 1] };
      return [inputs[0], statistic, statistic];
    },
  }),
};
