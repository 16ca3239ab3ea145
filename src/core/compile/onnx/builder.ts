/** Collects ONNX nodes and constants under fresh names while a graph is lowered. */

import type { HostArray, Shape } from "../../base/index.ts";
import { parsePlace } from "../../graph/index.ts";
import type { OnnxAttribute, OnnxDType, OnnxNode, OnnxTensor, Origin } from "./writer.ts";

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
  /** Layer and stage, the beginning of the node's name; its origin's where absent. */
  readonly path?: string;
  /** The output's name; a fresh one when absent. */
  readonly output?: string;
  /** The names of all outputs, where there are several. */
  readonly outputs?: readonly string[];
  /** The first output's shape, worth saying where it will be reshaped. */
  readonly shape?: Shape;
}

/** `decoder.linear1/backward/`, so that viewers group nodes by layer. */
function namePrefix(path: string): string {
  const { layer, stage } = parsePlace(path);
  return [layer, stage === "forward" ? "" : stage].map((part) => (part === "" ? "" : `${part}/`)).join("");
}

function bytesOf(array: HostArray | BigUint64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export class OnnxBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly domains: Set<string>;
  /** Shapes that are known of what nodes write. */
  readonly shapes = new Map<string, Shape>();
  private readonly known = new Map<string, string>();
  private readonly made = new Map<string, string>();
  private readonly names: { count: number };
  private origin: Origin | undefined;

  /** @param around the builder of the graph around this one, whose names this one does not use again */
  constructor(around?: OnnxBuilder) {
    this.domains = around?.domains ?? new Set();
    this.names = around?.names ?? { count: 0 };
  }

  /** Says what the nodes to come are lowered from. */
  from(origin: Origin): void {
    this.origin = origin;
  }

  freshName(stem: string): string {
    return `${stem}_${this.names.count++}`;
  }

  /** Adds a node and gives its first output's name. */
  node(opType: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const { origin } = this;
    const { attributes = {}, domain = "", path = origin?.path ?? "" } = options;
    const outputs = options.outputs ?? [options.output ?? this.freshName(opType)];
    const name = `${namePrefix(path)}${outputs[0]}`;
    this.domains.add(domain);
    if (options.shape) this.shapes.set(outputs[0], options.shape);
    this.nodes.push({ opType, domain, name, inputs, outputs, attributes, ...(origin && { origin }) });
    return outputs[0];
  }

  /** The same elements under another shape, in which a 0 means an empty axis. */
  reshape(input: string, shape: Shape, options: NodeOptions = {}): string {
    const attributes = { allowzero: { int: 1 } };
    return this.node("Reshape", [input, this.ints(shape)], { ...options, shape, attributes });
  }

  /** What `make` builds, once for each key: small computations that several lowerings need. */
  shared(key: string, make: () => string): string {
    const name = this.made.get(key) ?? make();
    this.made.set(key, name);
    return name;
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
