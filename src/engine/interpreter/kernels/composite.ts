/** Kernels of compositions. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import { erf } from "../erf.ts";
import type { HostValue } from "../value.ts";
import type { Kernel } from "./kernel.ts";

/** Maps each vector along an axis. */
function alongAxis(x: HostValue, axis: number, map: (vector: Float64Array) => Float64Array): HostValue {
  const [count, after] = [x.shape[axis], sizeOf(x.shape.slice(axis + 1))];
  const data = new Float64Array(x.data.length);
  const vector = new Float64Array(count);
  for (let start = 0; start < data.length; start += count * after) {
    for (let a = 0; a < after; a++) {
      for (let i = 0; i < count; i++) vector[i] = x.data[start + i * after + a];
      map(vector).forEach((element, i) => {
        data[start + i * after + a] = element;
      });
    }
  }
  return { ...x, data };
}

function highestOf(vector: Float64Array): number {
  return vector.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

function statistic(shape: Shape, data: Float64Array): HostValue {
  return { dtype: "float32", shape: [...shape.slice(0, -1), 1], data };
}

export const composite = {
  softmax: ([x], { axis }) =>
    alongAxis(x, axis, (vector) => {
      const highest = highestOf(vector);
      const powers = vector.map((element) => Math.exp(element - highest));
      const total = powers.reduce((sum, power) => sum + power, 0);
      return powers.map((power) => power / total);
    }),
  logSoftmax: ([x], { axis }) =>
    alongAxis(x, axis, (vector) => {
      const highest = highestOf(vector);
      const total = Math.log(vector.reduce((sum, element) => sum + Math.exp(element - highest), 0));
      return vector.map((element) => element - highest - total);
    }),
  crossEntropy: ([logits, labels]) => {
    const classes = logits.shape.at(-1) as number;
    const data = labels.data.map((label, row) => {
      if (label < 0 || label >= classes) {
        throw new GalateaError("backend", "interpreter", `label ${label}`, `it must lie within 0 to ${classes - 1}`);
      }
      const vector = logits.data.subarray(row * classes, (row + 1) * classes);
      const highest = highestOf(vector);
      return highest - vector[label] + Math.log(vector.reduce((sum, element) => sum + Math.exp(element - highest), 0));
    });
    return { dtype: "float32", shape: labels.shape, data };
  },
  gelu: ([x]) => ({ ...x, data: x.data.map((number) => 0.5 * number * (1 + erf(number * Math.SQRT1_2))) }),
  layerNorm: ([x, weight, bias], { epsilon }) => {
    const size = weight.data.length;
    const rows = x.data.length / size;
    const [means, factors] = [new Float64Array(rows), new Float64Array(rows)];
    const data = x.data.slice();
    for (let row = 0; row < rows; row++) {
      const vector = data.subarray(row * size, (row + 1) * size);
      const mean = vector.reduce((sum, element) => sum + element, 0) / size;
      const variance = vector.reduce((sum, element) => sum + (element - mean) ** 2, 0) / size;
      means[row] = mean;
      factors[row] = 1 / Math.sqrt(variance + epsilon);
      vector.forEach((element, i) => {
        vector[i] = (element - mean) * factors[row] * weight.data[i] + bias.data[i];
      });
    }
    return [{ ...x, data }, statistic(x.shape, means), statistic(x.shape, factors)];
  },
} satisfies { [N in OpName]?: Kernel<N> };
