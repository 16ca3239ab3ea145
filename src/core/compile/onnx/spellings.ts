/** Standard operators in other standard operators, for devices that lack them. */

import { type DType, type Shape, sameShape } from "../../base/index.ts";
import type { OnnxBuilder } from "./builder.ts";
import type { OnnxDType, OnnxNode } from "./writer.ts";

/** What a spelling writes with. */
export interface Speller {
  /** For constants. */
  readonly onnx: OnnxBuilder;
  /** Adds a node, itself respelled where the device lacks it. @returns the output's name, a fresh one when not given */
  emit(opType: string, inputs: readonly string[], attributes?: OnnxNode["attributes"], output?: string): string;
  cast(name: string, dtype: DType, output?: string): string;
  typeOf(name: string): OnnxDType;
  /** Known of constants and of the graph's own values, not of what a lowering makes on the way. */
  shapeOf(name: string): Shape | undefined;
}

/**
 * Writes a node's output in another way.
 * @returns false, having written nothing, where it knows none for the node's element type
 */
export type Spelling = (node: OnnxNode, speller: Speller) => boolean;

const spellSign: Spelling = ({ inputs: [x], outputs: [output] }, { emit, cast, onnx }) => {
  const side = (comparison: string): string => cast(emit(comparison, [x, onnx.float(0)]), "float32");
  emit("Sub", [side("Greater"), side("Less")], {}, output);
  return true;
};

/** Adding 2^23 leaves float32 no place for digits after the point, and rounds ties to even numbers. */
const spellRound: Spelling = ({ inputs: [x], outputs: [output] }, { emit, onnx }) => {
  const large = onnx.float(2 ** 23);
  const size = emit("Abs", [x]);
  const rounded = emit("Sub", [emit("Add", [size, large]), large]);
  const whole = emit("Where", [emit("Less", [size, large]), rounded, size]);
  emit("Where", [emit("Less", [x, onnx.float(0)]), emit("Neg", [whole]), whole], {}, output);
  return true;
};

const spellOr: Spelling = ({ inputs: [a, b], outputs: [output] }, { emit }) => {
  emit("Not", [emit("And", [emit("Not", [a]), emit("Not", [b])])], {}, output);
  return true;
};

const spellXor: Spelling = ({ inputs: [a, b], outputs: [output] }, { emit }) => {
  emit("Not", [emit("Equal", [a, b])], {}, output);
  return true;
};

const spellSum: Spelling = ({ inputs: [first, ...others], outputs: [output] }, { emit, onnx }) => {
  const last = others.pop() ?? onnx.float(0);
  const sum = others.reduce((left, right) => emit("Add", [left, right]), first);
  emit("Add", [sum, last], {}, output);
  return true;
};

/** x - m - log(sum(e^(x - m))) with the largest number m. */
const spellLogSoftmax: Spelling = ({ inputs: [x], outputs: [output], attributes }, { emit, onnx }) => {
  const { axis = { int: -1 } } = attributes;
  const axes = onnx.ints(["int" in axis ? axis.int : -1]);
  const kept = { keepdims: { int: 1 } };
  const shifted = emit("Sub", [x, emit("ReduceMax", [x, axes], kept)]);
  const total = emit("ReduceSum", [emit("Exp", [shifted]), axes], kept);
  emit("Sub", [shifted, emit("Log", [total])], {}, output);
  return true;
};

function zeroOf(name: string, { onnx, typeOf }: Speller): string | undefined {
  const dtype = typeOf(name);
  return dtype === "int32" ? onnx.constant("int32", [], Int32Array.of(0)) : undefined;
}

const spellNeg: Spelling = ({ inputs: [x], outputs: [output] }, speller) => {
  const zero = zeroOf(x, speller);
  if (zero !== undefined) speller.emit("Sub", [zero, x], {}, output);
  return zero !== undefined;
};

const spellAbs: Spelling = ({ inputs: [x], outputs: [output] }, speller) => {
  const zero = zeroOf(x, speller);
  if (zero !== undefined) speller.emit("Max", [x, speller.emit("Sub", [zero, x])], {}, output);
  return zero !== undefined;
};

/** x - (x / y) y, where y is added once more if the signs of that and of y differ. */
const spellMod: Spelling = ({ inputs: [x, y], outputs: [output], attributes }, speller) => {
  const { emit, typeOf } = speller;
  const zero = zeroOf(x, speller);
  const isRemainder = attributes.fmod !== undefined && "int" in attributes.fmod && attributes.fmod.int === 1;
  if (isRemainder || (zero === undefined && typeOf(x) !== "uint32")) return false;
  const multiple = emit("Mul", [emit("Div", [x, y]), y]);
  if (zero === undefined) {
    emit("Sub", [x, multiple], {}, output);
    return true;
  }
  const rest = emit("Sub", [x, multiple]);
  const differ = emit("Less", [emit("Mul", [rest, y]), zero]);
  emit("Where", [differ, emit("Add", [rest, y]), rest], {}, output);
  return true;
};

/** Moves 32-bit integers as two floats of 16 bits each, which hold them exactly. */
const spellByHalves: Spelling = ({ opType, inputs: [x, ...places], outputs: [output], attributes }, speller) => {
  const { emit, cast, typeOf, onnx } = speller;
  const dtype = typeOf(x);
  if (dtype !== "int32" && dtype !== "uint32") return false;
  const base = onnx.constant(dtype, [], (dtype === "int32" ? Int32Array : Uint32Array).of(2 ** 16));
  const upper = emit("Div", [x, base]);
  const lower = emit("Sub", [x, emit("Mul", [upper, base])]);
  const move = (part: string): string => cast(emit(opType, [cast(part, "float32"), ...places], attributes), dtype);
  emit("Add", [emit("Mul", [move(upper), base]), move(lower)], {}, output);
  return true;
};

/** TensorProto.DOUBLE. */
const onnxFloat64 = 11;

/** float64 is float32 where there is nothing wider. */
const spellCast: Spelling = ({ inputs: [x], outputs: [output], attributes: { to } }, { cast }) => {
  const isWide = "int" in to && to.int === onnxFloat64;
  if (isWide) cast(x, "float32", output);
  return isWide;
};

/** ONNX Runtime's WebGPU Pow fails on some operands that broadcast. */
const spellPow: Spelling = (node, { emit, shapeOf, onnx }) => {
  const { inputs, outputs } = node;
  const [from, shape] = [inputs.map(shapeOf), shapeOf(outputs[0])];
  if (shape === undefined || from.every((one) => one && (one.length === 0 || sameShape(one, shape)))) return false;
  const operands = inputs.map((name, i) => {
    const same = from[i] !== undefined && sameShape(from[i], shape);
    return same ? name : emit("Expand", [name, onnx.ints(shape)]);
  });
  // Under a name of its own: the result's would lead here again.
  const powers = emit("Pow", operands);
  emit("Reshape", [powers, onnx.ints(shape)], { allowzero: { int: 1 } }, outputs[0]);
  return true;
};

/**
 * ONNX Runtime's WebGPU ConvTranspose is wrong, without a word, for groups of several channels in and one out. Zeros
 * in the weight [G in, 1, ...] make one group of them, [G in, G, ...].
 */
const spellConvTranspose: Spelling = ({ inputs: [x, weight, ...bias], outputs, attributes }, speller) => {
  const { emit, shapeOf, onnx } = speller;
  const shape = shapeOf(weight);
  const groups = attributes.group !== undefined && "int" in attributes.group ? attributes.group.int : 1;
  if (groups === 1 || shape === undefined || shape[1] !== 1 || shape[0] === groups) return false;
  const belongs = Float32Array.from({ length: shape[0] * groups }, (_, i) =>
    Number(Math.floor(Math.floor(i / groups) / (shape[0] / groups)) === i % groups),
  );
  const mask = onnx.constant("float32", [shape[0], groups, ...shape.slice(2).map(() => 1)], belongs);
  const whole = emit("Mul", [weight, mask]);
  emit("ConvTranspose", [x, whole, ...bias], { ...attributes, group: { int: 1 } }, outputs[0]);
  return true;
};

/** Ways around kernels that are wrong in some cases, tried first. */
export const detours: Readonly<Record<string, Spelling>> = {
  Pow: spellPow,
  ConvTranspose: spellConvTranspose,
};

/** What takes the place of operators that have no kernel for the element type at hand. */
export const spellings: Readonly<Record<string, Spelling>> = {
  Sign: spellSign,
  Round: spellRound,
  Or: spellOr,
  Xor: spellXor,
  Sum: spellSum,
  LogSoftmax: spellLogSoftmax,
  Neg: spellNeg,
  Abs: spellAbs,
  Mod: spellMod,
  Slice: spellByHalves,
  GatherElements: spellByHalves,
  Cast: spellCast,
};
