/** Layout ops that do nothing, that undo or follow one of their own kind, or take back what another has added.
 *
 * Elements are only moved, so that every rule is exact. */

import { type Shape, sameShape } from "../../base/index.ts";
import { emitValue, isOp, type Node, type SliceAttrs, type Value } from "../../graph/index.ts";

type LayoutRule = (node: Node, inputs: readonly Value[]) => Value | undefined;

function ifSameType(value: Value, node: Node): Value | undefined {
  const [output] = node.outputs;
  return sameShape(value.shape, output.shape) && value.dtype === output.dtype ? value : undefined;
}

/** The same elements under another shape, without a reshape of a reshape. */
export function reshaped(x: Value, shape: Shape, path: string): Value {
  const from = x.node.op === "reshape" ? x.node.inputs[0] : x;
  return sameShape(from.shape, shape) ? from : emitValue("reshape", [from], { shape }, path);
}

const reshape: LayoutRule = (node, [x]) => {
  if (!isOp(node, "reshape") || (x.node.op !== "reshape" && !ifSameType(x, node))) return undefined;
  return reshaped(x, node.attrs.shape, node.path);
};

/** Transposes that compose, or that move only axes of size 1: those are reshapes, which copy nothing. */
const transpose: LayoutRule = (node, [x]) => {
  if (!isOp(node, "transpose")) return undefined;
  const { permutation } = node.attrs;
  const inner = isOp(x.node, "transpose") ? x.node : undefined;
  const composed = inner ? permutation.map((axis) => inner.attrs.permutation[axis]) : permutation;
  const from = inner ? inner.inputs[0] : x;
  if (composed.every((axis, i) => axis === i)) return from;
  const moving = composed.filter((axis) => from.shape[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || axis > moving[i - 1])) {
    return reshaped(from, node.outputs[0].shape, node.path);
  }
  return inner && emitValue("transpose", [from], { permutation: composed }, node.path);
};

const expand: LayoutRule = (node, [x]) => {
  if (!isOp(node, "expand")) return undefined;
  return ifSameType(x, node) ?? (x.node.op === "expand" ? emitValue("expand", x.node.inputs, node.attrs) : undefined);
};

const reverse: LayoutRule = (node, [x]) => {
  if (!isOp(node, "reverse")) return undefined;
  const inner = isOp(x.node, "reverse") ? x.node : undefined;
  const [from, before] = inner ? [inner.inputs[0], inner.attrs.axes] : [x, []];
  // What is reversed twice stays.
  const axes = x.shape.flatMap((size, axis) =>
    size > 1 && before.includes(axis) !== node.attrs.axes.includes(axis) ? [axis] : [],
  );
  if (axes.length === 0) return from;
  return !inner && axes.length === node.attrs.axes.length
    ? undefined
    : emitValue("reverse", [from], { axes }, node.path);
};

const pad: LayoutRule = (node, [x]) => {
  if (!isOp(node, "pad")) return undefined;
  const same = ifSameType(x, node);
  if (same || !isOp(x.node, "pad") || node.attrs.mode || x.node.attrs.mode) return same;
  const [outer, inner] = [node.attrs, x.node.attrs];
  if (!Object.is(outer.value ?? 0, inner.value ?? 0)) return undefined;
  const low = outer.low.map((count, axis) => count + inner.low[axis]);
  const high = outer.high.map((count, axis) => count + inner.high[axis]);
  return emitValue("pad", x.node.inputs, { ...outer, low, high }, node.path);
};

/** Parts that are joined again: of one concat by another, or of one tensor. */
const concat: LayoutRule = (node, inputs) => {
  if (!isOp(node, "concat")) return undefined;
  const { axis } = node.attrs;
  const parts: Value[] = [];
  for (const input of inputs) {
    const isJoined = isOp(input.node, "concat") && input.node.attrs.axis === axis;
    for (const part of isJoined ? input.node.inputs : [input]) {
      const last = parts.at(-1);
      const joined = last && joinedBlocks(last, part, axis, node.path);
      if (joined) parts.splice(-1, 1, joined);
      else if (part.shape[axis] > 0) parts.push(part);
    }
  }
  if (parts.length === 0) return inputs[0];
  if (parts.length === 1) return parts[0];
  return parts.length === inputs.length && parts.every((part, i) => part === inputs[i])
    ? undefined
    : emitValue("concat", parts, { axis }, node.path);
};

/** Two blocks of one tensor that lie side by side, as one. */
function joinedBlocks(a: Value, b: Value, axis: number, path: string): Value | undefined {
  if (!isOp(a.node, "slice") || !isOp(b.node, "slice") || a.node.inputs[0] !== b.node.inputs[0]) return undefined;
  const [first, second] = [a.node.attrs, b.node.attrs];
  const isStepped = [first, second].some(({ steps }) => steps?.some((step) => step > 1));
  const followsOn = first.starts.every(
    (start, i) => second.starts[i] === (i === axis ? start + first.sizes[axis] : start),
  );
  if (isStepped || !followsOn) return undefined;
  const [x] = a.node.inputs;
  const sizes = first.sizes.with(axis, first.sizes[axis] + second.sizes[axis]);
  return sameShape(sizes, x.shape) ? x : emitValue("slice", [x], { starts: first.starts, sizes }, path);
}

const slice: LayoutRule = (node, [x]) => {
  if (!isOp(node, "slice")) return undefined;
  const same = ifSameType(x, node);
  if (same || node.attrs.sizes.includes(0)) return same;
  const below = belowSlice(x.node, node.attrs);
  if (!below) return undefined;
  const { value, attrs } = below;
  const sliced = sameShape(value.shape, attrs.sizes) ? value : emitValue("slice", [value], attrs, node.path);
  return x.node.op === "expand" ? emitValue("expand", [sliced], { shape: node.outputs[0].shape }, node.path) : sliced;
};

/** The tensor below a layout op that a slice of its result reads alone, with the slice of it. */
function belowSlice(node: Node, attrs: SliceAttrs): { readonly value: Value; readonly attrs: SliceAttrs } | undefined {
  const { starts, sizes } = attrs;
  const steps = attrs.steps ?? starts.map(() => 1);
  const lastOf = (axis: number): number => starts[axis] + (sizes[axis] - 1) * steps[axis];
  const within = (axis: number, from: number, count: number): boolean =>
    starts[axis] >= from && lastOf(axis) < from + count;
  if (isOp(node, "slice")) {
    const inner = node.attrs;
    const innerSteps = inner.steps ?? starts.map(() => 1);
    const from = starts.map((start, axis) => inner.starts[axis] + start * innerSteps[axis]);
    const every = steps.map((step, axis) => step * innerSteps[axis]);
    return { value: node.inputs[0], attrs: blockOf(from, sizes, every) };
  }
  if (isOp(node, "pad")) {
    const [value] = node.inputs;
    const { low } = node.attrs;
    if (!value.shape.every((size, axis) => within(axis, low[axis], size))) return undefined;
    const from = starts.map((start, axis) => start - low[axis]);
    return { value, attrs: blockOf(from, sizes, steps) };
  }
  if (isOp(node, "concat")) {
    const { axis } = node.attrs;
    let before = 0;
    for (const value of node.inputs) {
      if (within(axis, before, value.shape[axis])) {
        return { value, attrs: blockOf(starts.with(axis, starts[axis] - before), sizes, steps) };
      }
      before += value.shape[axis];
    }
  }
  if (isOp(node, "expand") && node.inputs[0].shape.length === starts.length) {
    const [value] = node.inputs;
    const isRepeated = value.shape.map((size, axis) => size === 1 && node.attrs.shape[axis] !== 1);
    const all = (numbers: readonly number[], instead: number): number[] =>
      numbers.map((number, axis) => (isRepeated[axis] ? instead : number));
    return { value, attrs: blockOf(all(starts, 0), all(sizes, 1), all(steps, 1)) };
  }
  return undefined;
}

function blockOf(starts: Shape, sizes: Shape, steps: readonly number[]): SliceAttrs {
  return steps.every((step, axis) => step === 1 || sizes[axis] <= 1) ? { starts, sizes } : { starts, sizes, steps };
}

const cast: LayoutRule = (node, [x]) => (isOp(node, "cast") ? ifSameType(x, node) : undefined);

const rules: readonly LayoutRule[] = [reshape, transpose, expand, reverse, pad, concat, slice, cast];

/** What stands for a layout op whose inputs are already simple; `undefined` where nothing simpler does. */
export const simplifyLayout: LayoutRule = (node, inputs) => {
  for (const rule of rules) {
    const value = rule(node, inputs);
    if (value) return value;
  }
  return undefined;
};
