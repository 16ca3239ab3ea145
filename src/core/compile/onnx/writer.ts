/** From a plain description of an ONNX model to the bytes of the file. */

import type { Shape } from "../../base/index.ts";
import { attributeType, modelMessage, onnxDType } from "./schema.ts";

export type OnnxDType = keyof typeof onnxDType;

/** Attribute values: a number written as `{ int }` or `{ float }` so that the type is never guessed. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly opType: string;
  /** Operator set; empty for the standard one. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: Shape;
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: Shape;
}

/** A model's graph, or one that a node runs; the latter may also read the names around it. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxModel extends OnnxGraph {
  /** Version of each operator set used, by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

function attributeMessage(name: string, value: OnnxAttribute): object {
  if ("int" in value) return { name, i: value.int, type: attributeType.int };
  if ("float" in value) return { name, f: value.float, type: attributeType.float };
  if ("ints" in value) return { name, ints: value.ints, type: attributeType.ints };
  if ("graph" in value) return { name, g: graphMessage(value.graph), type: attributeType.graph };
  return { name, s: new TextEncoder().encode(value.string), type: attributeType.string };
}

function valueMessage({ name, dtype, shape }: OnnxValue): object {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: onnxDType[dtype], shape: { dim } } } };
}

function graphMessage(graph: OnnxGraph): object {
  return {
    name: graph.name,
    node: graph.nodes.map(({ opType, domain, name, inputs, outputs, attributes }) => ({
      opType,
      domain,
      name,
      input: inputs,
      output: outputs,
      attribute: Object.entries(attributes).map(([key, value]) => attributeMessage(key, value)),
    })),
    initializer: graph.initializers.map(({ name, dtype, shape, bytes }) => ({
      name,
      dims: shape,
      dataType: onnxDType[dtype],
      rawData: bytes,
    })),
    input: graph.inputs.map(valueMessage),
    output: graph.outputs.map(valueMessage),
  };
}

/** The file's bytes; weights are written as raw data. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return modelMessage
    .encode({
      irVersion: 10,
      producerName: "galatea",
      graph: graphMessage(model),
      opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
      metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    })
    .finish();
}
