/** Collects ONNX nodes and constants under fresh names while a graph is lowered. */

import type { HostArray, Shape } from "../../base/index.ts";
import type { OnnxAttribute, OnnxDType, OnnxNode, OnnxTensor } from "./writer.ts";

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
  /** Layer path, the beginning of the node's name. */
  readonly path?: string;
  /** The output's name; a fresh one when absent. */
  readonly output?: string;
}

function bytesOf(array: HostArray | BigUint64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export class OnnxBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly domains = new Set<string>();
  private readonly known = new Map<string, string>();
  private count = 0;

  freshName(stem: string): string {
    return `${stem}_${this.count++}`;
  }

  /** Adds a node with one output and gives the output's name. */
  node(opType: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const output = options.output ?? this.freshName(opType);
    this.nodeWithOutputs(opType, inputs, [output], options);
    return output;
  }

  /** Adds a node with several outputs of given names. */
  nodeWithOutputs(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    { attributes = {}, domain = "", path = "" }: Omit<NodeOptions, "output"> = {},
  ): void {
    const name = path === "" ? outputs[0] : `${path}/${outputs[0]}`;
    this.domains.add(domain);
    this.nodes.push({ opType, domain, name, inputs, outputs, attributes });
  }

  /** The same elements under another shape, in which a 0 means an empty axis. */
  reshape(input: string, shape: Shape, options: NodeOptions = {}): string {
    return this.node("Reshape", [input, this.ints(shape)], { ...options, attributes: { allowzero: { int: 1 } } });
  }

  /** A constant; small equal ones are shared. */
  constant(dtype: OnnxDType, shape: Shape, data: HostArray | BigUint64Array): string {
    const key = data.length <= 64 ? `${dtype}[${shape.join()}]${bytesOf(data).join()}` : undefined;
    const shared = key === undefined ? undefined : this.known.get(key);
    if (shared !== undefined) return shared;
    const name = this.freshName("constant");
    this.initializers.push({ name, dtype, shape, bytes: bytesOf(data) });
    if (key !== undefined) this.known.set(key, name);
    return name;
  }

  /** An int64 vector, as shape, axes and pads inputs want. */
  ints(values: readonly number[]): string {
    return this.constant("int64", [values.length], BigInt64Array.from(values, BigInt));
  }

  float(value: number): string {
    return this.constant("float32", [], Float32Array.of(value));
  }

  uint64(value: bigint): string {
    return this.constant("uint64", [], BigUint64Array.of(value));
  }
}
