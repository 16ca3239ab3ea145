/** Ops that join or order the elements along axes, in ONNX. */

import { type Shape, sizeOf } from "../../../base/index.ts";
import type { ReduceAttrs } from "../../../graph/index.ts";
import { onnxDType } from "../schema.ts";
import type { Lowering, LoweringContext, SomeLowerings } from "./lowering.ts";
import { stagesOf } from "./stages.ts";

type Reduction = "reduceSum" | "reduceMax" | "reduceMin";
type ReduceOperator = "ReduceSum" | "ReduceMax" | "ReduceMin";

/** Axes of more than one element in groups that lie side by side, but for axes of one element between. */
function neighbours(shape: Shape, axes: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const axis of axes.filter((one) => shape[one] !== 1)) {
    const last = groups.at(-1)?.at(-1);
    if (last === undefined || sizeOf(shape.slice(last + 1, axis)) !== 1) groups.push([axis]);
    else groups[groups.length - 1].push(axis);
  }
  return groups;
}

/**
 * Reduces axes, in two stages where that is better, and gives the result's name.
 *
 * ONNX Runtime is fast where axes that go and axes that stay alternate three times at most, such as all but the channels
 * of [B, C, H, W]. Of more, such as all but the channels of [B, C/b, H, W, b], the first ones go first, as the last ones
 * are the slower the shorter the runs behind them are.
 */
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
  if (stages === undefined) {
    const { shape } = types[0];
    const groups = neighbours(shape, attrs.axes);
    const stays = shape.map((_, axis) => axis).filter((axis) => !attrs.axes.includes(axis));
    if (groups.length + neighbours(shape, stays).length <= 3) return node(x, attrs, named);
    const [first] = groups;
    const rest = attrs.axes.filter((axis) => !first.includes(axis));
    const outer = node(x, { axes: first, keepDims: true }, { path });
    return onnx.reshape(node(outer, { axes: rest, keepDims: true }, { path }), type.shape, named);
  }
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
 * Of equal elements ONNX's TopK, by its definition, puts the one with the lower index first. ONNX Runtime's
 * kills the process where an axis is empty, which is never lowered.
 */
const lowerTopK: Lowering<"topK"> = ({ onnx, inputs, attrs, outputs, path }) => {
  const { axis, k, largest } = attrs;
  const attributes = { axis: { int: axis }, largest: { int: Number(largest) }, sorted: { int: 1 } };
  onnx.node("TopK", [inputs[0], onnx.ints([k])], { outputs, path, attributes });
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
