/** Standard operators in other standard operators, for devices that lack them. */

import type { DType } from "../../base/index.ts";
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
  const { emit } = speller;
  if (speller.typeOf(x) === "uint32") {
    emit("Sub", [x, emit("Mul", [emit("Div", [x, y]), y])], {}, output);
    return true;
  }
  const zero = zeroOf(x, speller);
  const isRemainder = attributes.fmod !== undefined && "int" in attributes.fmod && attributes.fmod.int === 1;
  if (zero === undefined || isRemainder) return false;
  const rest = emit("Sub", [x, emit("Mul", [emit("Div", [x, y]), y])]);
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
