/** Ops that join or order the elements along axes, in ONNX. */

import { sizeOf } from "../../../base/index.ts";
import type { ReduceAttrs } from "../../../graph/index.ts";
import { onnxDType } from "../schema.ts";
import { type Lowering, type LoweringContext, lowerEmpty, type SomeLowerings } from "./lowering.ts";
import { stagesOf } from "./stages.ts";

type Reduction = "reduceSum" | "reduceMax" | "reduceMin";
type ReduceOperator = "ReduceSum" | "ReduceMax" | "ReduceMin";

/** Reduces axes, in two stages where that is better, and gives the result's name. */
function reduce(
  { onnx, types, attrs, type, path }: LoweringContext<Reduction>,
  opType: ReduceOperator,
  x: string,
  output?: string,
): string {
  const named = output === undefined ? { path } : { path, output };
  const stages = stagesOf(types[0].shape, attrs.axes, opType === "ReduceSum");
  const node = (input: string, { axes, keepDims }: ReduceAttrs, options: object): string => {
    const attributes = { keepdims: { int: Number(keepDims) } };
    return onnx.node(opType, [input, onnx.ints(axes)], { ...options, attributes });
  };
  if (stages === undefined) return node(x, attrs, named);
  const parted = onnx.reshape(x, stages.shape, { path });
  const partial = node(parted, { axes: [stages.first], keepDims: false }, { path });
  return onnx.reshape(node(partial, { axes: stages.rest, keepDims: false }, { path }), type.shape, named);
}

function lowerReduction(opType: ReduceOperator): Lowering<Reduction> {
  return (context) => {
    const { onnx, inputs, types, attrs, output, path } = context;
    // Without axes ONNX reduces all of them; ours then reduces none.
    if (attrs.axes.length === 0) {
      onnx.node("Identity", inputs, { output, path });
    } else if (opType === "ReduceSum" || types[0].dtype !== "float32") {
      reduce(context, opType, inputs[0], output);
    } else {
      // ONNX Runtime passes over NaN but for an axis' first element. A sum of infinities is NaN only with it.
      const infinite = onnx.node("Max", [inputs[0], onnx.float(Number.POSITIVE_INFINITY)], { path });
      const extremum = reduce(context, opType, inputs[0]);
      onnx.node("Min", [extremum, reduce(context, "ReduceSum", infinite)], { output, path });
    }
  };
}

function lowerPlace(opType: "ArgMax" | "ArgMin"): Lowering<"argMax" | "argMin"> {
  return ({ onnx, inputs, attrs, output, path }) => {
    onnx.node(opType, inputs, { output, path, attributes: { axis: { int: attrs.axis }, keepdims: { int: 0 } } });
  };
}

/** From this many elements on, float32 would round sums too often. */
const longestNarrowSum = 1024;

const lowerCumulativeSum: Lowering<"cumulativeSum"> = ({ onnx, inputs, types, attrs, output, path }) => {
  const { axis, reverse, exclusive } = attrs;
  const axisInput = onnx.constant("int64", [], BigInt64Array.of(BigInt(axis)));
  const attributes = { reverse: { int: Number(reverse) }, exclusive: { int: Number(exclusive) } };
  if (types[0].dtype !== "float32" || types[0].shape[axis] < longestNarrowSum) {
    onnx.node("CumSum", [inputs[0], axisInput], { output, path, attributes });
    return;
  }
  const wide = onnx.node("Cast", inputs, { path, attributes: { to: { int: onnxDType.float64 } } });
  const sums = onnx.node("CumSum", [wide, axisInput], { path, attributes });
  onnx.node("Cast", [sums], { output, path, attributes: { to: { int: onnxDType.float32 } } });
};

/**
 * Of equal elements ONNX's TopK, by its definition, puts the one with the lower index first. ONNX Runtime's kills the
 * process where an axis is empty.
 */
const lowerTopK: Lowering<"topK"> = ({ onnx, inputs, types, attrs, outputs, path }) => {
  const { axis, k, largest } = attrs;
  const [{ dtype, shape: from }] = types;
  const shape = from.with(axis, k);
  if (sizeOf(shape) === 0) {
    lowerEmpty(onnx, { dtype, shape }, { output: outputs[0], path });
    lowerEmpty(onnx, { dtype: "int64", shape }, { output: outputs[1], path });
    return;
  }
  const attributes = { axis: { int: axis }, largest: { int: Number(largest) }, sorted: { int: 1 } };
  onnx.nodeWithOutputs("TopK", [inputs[0], onnx.ints([k])], outputs, { path, attributes });
};

export const reduction = {
  reduceSum: lowerReduction("ReduceSum"),
  reduceMax: lowerReduction("ReduceMax"),
  reduceMin: lowerReduction("ReduceMin"),
  argMax: lowerPlace("ArgMax"),
  argMin: lowerPlace("ArgMin"),
  cumulativeSum: lowerCumulativeSum,
  topK: lowerTopK,
} satisfies SomeLowerings;
