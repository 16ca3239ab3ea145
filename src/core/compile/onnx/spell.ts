/** A lowered graph respelled for a device that has kernels for some standard operators and element types only. */

import { type DType, GalateaError } from "../../base/index.ts";
import type { TensorType } from "../../graph/index.ts";
import type { OnnxBuilder } from "./builder.ts";
import type { KernelTable } from "./lowerings/lowering.ts";
import { onnxDType } from "./schema.ts";
import { detours, type Speller, spellings } from "./spellings.ts";
import type { OnnxDType, OnnxNode, OnnxTensor } from "./writer.ts";

const comparisons: readonly string[] = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"];
/** Whose inputs all have the type that is worked on; other operators' further inputs are shapes, axes, places. */
const alike: readonly string[] = [
  ...comparisons,
  ...["Add", "Sub", "Mul", "Div", "Mod", "Pow", "Max", "Min", "Sum", "Concat", "And", "Or", "Xor"],
];
const dtypeByNumber = new Map<number, OnnxDType>(
  Object.entries(onnxDType).map(([name, number]) => [number, name as OnnxDType]),
);

/** The inputs that have the type that a node works on. */
function dataInputs({ opType, inputs }: OnnxNode): readonly number[] {
  if (opType === "Where") return [1, 2];
  if (opType.startsWith("Scatter")) return [0, 2];
  if (opType === "Pad") return inputs.length > 2 ? [0, 2] : [0];
  return alike.includes(opType) ? inputs.map((_, i) => i) : [0];
}

/** The type of an output that is another than the one that the node works on. */
function ownType({ opType, attributes }: OnnxNode, output: number): OnnxDType | undefined {
  if (opType === "Cast" && "int" in attributes.to) return dtypeByNumber.get(attributes.to.int);
  if (comparisons.includes(opType) || opType === "IsNaN" || opType === "IsInf") return "bool";
  return opType === "ArgMax" || opType === "ArgMin" || (opType === "TopK" && output === 1) ? "int64" : undefined;
}

/**
 * Spells nodes in those of the table. Where an operator lacks only a small integer type, its numbers travel as
 * int32; int64 ones must fit in 32 bits (see narrow-int64.ts).
 * @param values types of the graph's values by name
 * @throws GalateaError `backend` when there is no spelling; the message names operator and element type.
 */
export function spellNodes(
  onnx: OnnxBuilder,
  values: ReadonlyMap<string, TensorType>,
  kernels: KernelTable,
): readonly OnnxNode[] {
  const spelled: OnnxNode[] = [];
  const written = new Map<string, OnnxDType>();
  const constants = new Map<string, OnnxTensor>();
  let constantsSeen = 0;
  /** Layer path of the node that is being spelled. */
  let path = "";

  const constant = (name: string): OnnxTensor | undefined => {
    for (; constantsSeen < onnx.initializers.length; constantsSeen++) {
      constants.set(onnx.initializers[constantsSeen].name, onnx.initializers[constantsSeen]);
    }
    return constants.get(name);
  };
  const typeOf = (name: string): OnnxDType =>
    written.get(name) ?? values.get(name)?.dtype ?? constant(name)?.dtype ?? "float32";
  const nameOf = (output: string): string => (path === "" ? output : `${path}/${output}`);
  const has = (opType: string, dtype: OnnxDType): boolean =>
    (kernels[opType] as readonly OnnxDType[] | undefined)?.includes(dtype) ?? false;

  const speller: Speller = {
    onnx,
    emit: (opType, inputs, attributes = {}, output = onnx.freshName(opType)) => {
      spell({ opType, domain: "", name: nameOf(output), inputs, outputs: [output], attributes });
      return output;
    },
    cast: (name, dtype, output) => speller.emit("Cast", [name], { to: { int: onnxDType[dtype] } }, output),
    typeOf,
    shapeOf: (name) => values.get(name)?.shape ?? constant(name)?.shape,
  };

  const keep = (node: OnnxNode, dtype: OnnxDType): void => {
    spelled.push(node);
    node.outputs.forEach((name, i) => {
      written.set(name, ownType(node, i) ?? dtype);
    });
  };
  const carry = (node: OnnxNode, dtype: DType): void => {
    const data = dataInputs(node);
    const inputs = node.inputs.map((name, i) => (data.includes(i) ? speller.cast(name, "int32") : name));
    const outputs = node.outputs.map((name, i) => (ownType(node, i) ? name : onnx.freshName(node.opType)));
    spell({ ...node, name: nameOf(outputs[0]), inputs, outputs });
    node.outputs.forEach((name, i) => {
      if (name !== outputs[i]) speller.cast(outputs[i], dtype, name);
    });
  };
  const spell = (node: OnnxNode): void => {
    const { opType, domain, inputs, attributes } = node;
    // ConstantOfShape reads a shape, and makes float32 numbers of it.
    const dtype = opType === "ConstantOfShape" ? "float32" : typeOf(inputs[dataInputs(node)[0]]);
    const target = "to" in attributes ? ownType(node, 0) : dtype;
    if (domain !== "") refuse(node, dtype, target);
    else if (detours[opType]?.(node, speller)) return;
    else if (has(opType, dtype) && target !== undefined && has(opType, target)) keep(node, dtype);
    else if (!spellings[opType]?.(node, speller)) {
      const isSmall = dtype === "bool" || dtype === "uint8" || dtype === "int64";
      if (isSmall && (opType in spellings || has(opType, "int32"))) carry(node, dtype);
      else refuse(node, dtype, target);
    }
  };
  const refuse = ({ opType }: OnnxNode, dtype: OnnxDType, target: OnnxDType | undefined): never => {
    const types = dtype === target ? dtype : `${dtype} to ${target ?? "another type"}`;
    const seen = `this device has no kernel for ${opType} of ${types}`;
    throw new GalateaError("backend", path, seen, "compute it with float32 or int32 numbers, or on the CPU");
  };

  for (const node of onnx.nodes) {
    path = node.name.slice(0, Math.max(0, node.name.lastIndexOf("/")));
    spell(node);
  }
  return spelled;
}
