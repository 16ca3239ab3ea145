/** Ops that join the elements along axes, in ONNX. */

import { type Shape, sizeOf } from "../../../base/index.ts";
import type { LoweringContext, SomeLowerings } from "./lowering.ts";

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
 * ONNX Runtime is fast where axes that go and axes that stay alternate three times at most, such as all but the channels
 * of [B, C, H, W]. Of more, such as all but the channels of [B, C/b, H, W, b], the first ones go first, as the last ones
 * are the slower the shorter the runs behind them are.
 */
function reduce(opType: string): (context: LoweringContext<"reduceSum" | "reduceMax">) => void {
  return ({ onnx, inputs, types, attrs, output, type, path }) => {
    const { axes, keepDims } = attrs;
    const { shape } = types[0];
    const reduced = (x: string, over: readonly number[], keeps: boolean, name?: string): string => {
      const attributes = { keepdims: { int: Number(keeps) } };
      return onnx.node(opType, [x, onnx.ints(over)], { path, attributes, ...(name !== undefined && { output: name }) });
    };
    const groups = neighbours(shape, axes);
    const stays = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    // Without axes ONNX reduces all of them; ours then reduces none.
    if (axes.length === 0) onnx.node("Identity", inputs, { output, path });
    else if (groups.length + neighbours(shape, stays).length <= 3) reduced(inputs[0], axes, keepDims, output);
    else {
      const [first] = groups;
      const rest = axes.filter((axis) => !first.includes(axis));
      onnx.reshape(reduced(reduced(inputs[0], first, true), rest, true), type.shape, { output, path });
    }
  };
}

export const reduction = {
  reduceSum: reduce("ReduceSum"),
  reduceMax: reduce("ReduceMax"),
  argMax: ({ onnx, inputs, attrs, output, path }) => {
    onnx.node("ArgMax", inputs, { output, path, attributes: { axis: { int: attrs.axis }, keepdims: { int: 0 } } });
  },
} satisfies SomeLowerings;
