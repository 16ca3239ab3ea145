/** Conformance cases of compositions. */

import { formatShape } from "../../src/core/base/index.ts";
import type { composite } from "../../src/core/graph/ops/composite.ts";
import { type HostValue, hostValue } from "../../src/engine/interpreter/index.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";
import { float, floats, inf, nan, spread, uniform } from "./cases-values.ts";

function along(x: HostValue, axis: number, name = ""): CaseOf<"softmax"> {
  return { name: name || `${formatShape(x.shape)} along ${axis}`, attrs: { axis }, inputs: [x] };
}

const overClasses: readonly [CaseOf<"softmax">, ...CaseOf<"softmax">[]] = [
  along(uniform([3, 7], -4, 4), 1),
  along(uniform([3, 7], -4, 4), 0),
  along(uniform([2, 3, 4, 5], -4, 4), 3),
  along(uniform([2, 3, 4, 5], -4, 4), 1),
  along(uniform([40], -9, 9), 0),
  along(uniform([5, 1]), 1),
  along(float([0, 3], []), 1),
  along(float([3, 0], []), 1),
  along(float([2, 3], [1000, 999, -1000, -1000, -1000, -1001]), 1, "numbers whose powers overflow"),
  along(float([2, 3], [-inf, 0, 1, -1e30, -1e30, 0]), 1, "excluded classes"),
  along(float([1, 3], [-1e30, -1e30, -1e30]), 1, "no class but excluded ones"),
  along(float([2, 3], [nan, 0, 1, 2, nan, 3]), 1, "NaN spreads over its row"),
];

function labelled(
  x: HostValue,
  dtype: "int32" | "int64",
  labels: readonly number[],
  name = "",
): CaseOf<"crossEntropy"> {
  const inputs = [x, hostValue(dtype, x.shape.slice(0, -1), labels)];
  return { name: name || `${formatShape(x.shape)}, ${dtype} labels ${labels.join(" ")}`, attrs: {}, inputs };
}

function layerNormCase(x: HostValue, epsilon: number, name = ""): CaseOf<"layerNorm"> {
  const size = x.shape.at(-1) as number;
  const inputs = [x, uniform([size], 0.5, 2, "weight"), uniform([size], -1, 1, "bias")];
  return { name: name || `${formatShape(x.shape)}, epsilon ${epsilon}`, attrs: { epsilon }, inputs };
}

export const compositeCases: Pick<ConformanceCases, keyof typeof composite> = {
  softmax: overClasses,
  logSoftmax: overClasses,
  crossEntropy: [
    labelled(uniform([3, 7], -4, 4), "int32", [0, 6, 3]),
    labelled(uniform([3, 7], -4, 4), "int64", [1, 1, 1]),
    labelled(uniform([2, 3, 5], -4, 4), "int32", [0, 1, 2, 3, 4, 0]),
    labelled(uniform([5], -4, 4), "int64", [4]),
    labelled(uniform([4, 1]), "int32", [0, 0, 0, 0]),
    labelled(float([0, 3], []), "int32", []),
    labelled(float([2, 3], [1000, 0, -1000, -1000, -1000, 1000]), "int32", [2, 2], "numbers whose powers overflow"),
    labelled(float([2, 3], [-inf, 0, 1, -inf, 0, 1]), "int32", [1, 0], "an impossible class"),
    labelled(float([2, 3], [nan, 0, 1, 2, 3, 4]), "int32", [1, 0], "NaN stays in its row"),
  ],
  gelu: [
    { name: "a matrix", attrs: {}, inputs: [uniform([5, 7], -4, 4)] },
    { name: "a scalar", attrs: {}, inputs: [uniform([], -2, 2)] },
    { name: "an empty axis", attrs: {}, inputs: [float([2, 0], [])] },
    { name: "special numbers", attrs: {}, inputs: [floats(0, -0, inf, nan, 1e-20, -1e-20, 30, -30, 3e38)] },
  ],
  layerNorm: [
    layerNormCase(spread([3, 8]), 1e-5),
    layerNormCase(uniform([2, 3, 17]), 1e-3),
    layerNormCase(uniform([9]), 1e-5),
    layerNormCase(uniform([4, 1]), 1e-5),
    layerNormCase(float([0, 4], []), 1e-5),
    layerNormCase(float([2, 3], [5, 5, 5, 0, 0, 0]), 1e-5, "rows without variance"),
    layerNormCase(uniform([2, 300], 99, 101), 1e-5, "a mean far from 0"),
    layerNormCase(float([2, 2], [nan, 1, 1, 2]), 1e-5, "NaN stays in its row"),
  ],
};
