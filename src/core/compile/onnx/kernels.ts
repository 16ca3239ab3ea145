/** Which of the nodes of a lowered op a device has no kernel for. */

import type { KernelTable } from "./lowerings/lowering.ts";
import { onnxDType } from "./schema.ts";
import type { OnnxDType, OnnxNode } from "./writer.ts";

/** An operator on an element type. */
export interface MissingKernel {
  readonly opType: string;
  readonly dtype: OnnxDType;
}

/** The element type of a value that nodes read, by its name. */
export type TypeOfName = (name: string) => OnnxDType | undefined;

const comparisons = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "IsNaN", "IsInf"];
const dtypeByNumber = new Map<number, OnnxDType>(
  Object.entries(onnxDType).map(([name, number]) => [number, name as OnnxDType]),
);

/** The element type that decides which kernel runs a node. */
function decidingType({ opType, inputs }: OnnxNode, typeOf: TypeOfName): OnnxDType {
  // Its input is a shape; without a value of another type its numbers are floats.
  if (opType === "ConstantOfShape") return "float32";
  return typeOf(inputs[opType === "Where" ? 1 : 0]) ?? "float32";
}

/** The element types of a node's outputs, from the one that decides. */
function outputTypes({ opType, outputs, attributes }: OnnxNode, dtype: OnnxDType): readonly OnnxDType[] {
  if (opType === "Cast" && "int" in attributes.to) return [dtypeByNumber.get(attributes.to.int) ?? dtype];
  if (comparisons.includes(opType)) return ["bool"];
  if (opType === "ArgMax" || opType === "ArgMin") return ["int64"];
  if (opType === "TopK") return [dtype, "int64"];
  return outputs.map(() => dtype);
}

/**
 * The first node that the table has no kernel for.
 * @param typeOf element types of what the nodes read and do not write themselves
 */
export function findMissingKernel(
  nodes: readonly OnnxNode[],
  typeOf: TypeOfName,
  kernels: KernelTable,
): MissingKernel | undefined {
  const written = new Map<string, OnnxDType>();
  for (const node of nodes) {
    const { opType, domain, outputs } = node;
    const dtype = decidingType(node, (name) => written.get(name) ?? typeOf(name));
    const known: readonly string[] = domain === "" ? (kernels[opType] ?? []) : [];
    if (!known.includes(dtype)) return { opType, dtype };
    const types = outputTypes(node, dtype);
    outputs.forEach((name, i) => {
      written.set(name, types[i]);
    });
  }
  return undefined;
}
