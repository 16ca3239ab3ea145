import { describe, expect, test } from "vitest";
import { modelMessage, onnxDType } from "./schema.ts";
import type { OnnxModel } from "./writer.ts";
import { encodeModel } from "./writer.ts";

interface Decoded {
  readonly irVersion: number;
  readonly producerName: string;
  readonly graph: {
    readonly name: string;
    readonly node: readonly { readonly attribute: readonly object[] }[];
    readonly initializer: readonly { readonly name: string; readonly rawData: Uint8Array }[];
  };
  readonly opsetImport: readonly object[];
}

/** What the file says, with 64-bit integers as numbers. */
function decode(model: OnnxModel): Decoded {
  const message = modelMessage.decode(encodeModel(model));
  return modelMessage.toObject(message, { longs: Number, defaults: true, arrays: true }) as unknown as Decoded;
}

const bytes = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const model: OnnxModel = {
  name: "tiny",
  nodes: [
    {
      opType: "Gemm",
      domain: "",
      name: "decoder.linear/y",
      inputs: ["x", "w"],
      outputs: ["y"],
      attributes: {
        alpha: { float: -0.5 },
        transB: { int: 1 },
        negative: { int: -1 },
        pads: { ints: [0, 1, -2] },
        direction: { string: "LEFT" },
      },
    },
  ],
  initializers: [{ name: "w", dtype: "float32", shape: [1, 2], bytes: bytes(Float32Array.of(1.5, -2)) }],
  inputs: [{ name: "x", dtype: "float32", shape: [3, 2] }],
  outputs: [{ name: "y", dtype: "float32", shape: [3, 1] }],
  opsets: { "": 21, "com.microsoft": 1 },
  metadata: { family: "vae" },
};

test("a file decodes to what was encoded", () => {
  expect(decode(model)).toMatchObject({
    irVersion: 10,
    producerName: "galatea",
    opsetImport: [
      { domain: "", version: 21 },
      { domain: "com.microsoft", version: 1 },
    ],
    metadataProps: [{ key: "family", value: "vae" }],
    graph: {
      name: "tiny",
      node: [{ opType: "Gemm", domain: "", name: "decoder.linear/y", input: ["x", "w"], output: ["y"] }],
      initializer: [{ name: "w", dataType: 1, dims: [1, 2] }],
      input: [{ name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 3 }, { dimValue: 2 }] } } } }],
      output: [{ name: "y" }],
    },
  });
});

test("attributes keep their type, their sign and their order", () => {
  const attributes = decode(model).graph.node[0].attribute;
  expect(attributes).toMatchObject([
    { name: "alpha", type: 1, f: -0.5 },
    { name: "transB", type: 2, i: 1 },
    { name: "negative", type: 2, i: -1 },
    { name: "pads", type: 7, ints: [0, 1, -2] },
    { name: "direction", type: 3 },
  ]);
});

describe("weights are raw bytes, little-endian", () => {
  const arrays = {
    float32: Float32Array.of(1.5, Number.NaN, -0),
    uint8: Uint8Array.of(0, 255),
    int32: Int32Array.of(-2147483648, 7),
    int64: BigInt64Array.of(-1n, 2n ** 62n),
    bool: Uint8Array.of(1, 0),
    uint32: Uint32Array.of(4294967295),
    uint64: BigUint64Array.of(2n ** 63n + 1n),
  } as const;
  test("of each element type", () => {
    const initializers = Object.entries(arrays).map(([dtype, array]) => ({
      name: dtype,
      dtype: dtype as keyof typeof arrays,
      shape: [array.length],
      bytes: bytes(array),
    }));
    const seen = decode({ ...model, initializers }).graph.initializer;
    expect(seen.map(({ name }) => name)).toEqual(Object.keys(arrays));
    for (const { name, rawData, ...rest } of seen) {
      const dtype = name as keyof typeof arrays;
      expect(rest).toMatchObject({ dataType: onnxDType[dtype] });
      expect(Uint8Array.from(rawData)).toEqual(Uint8Array.from(bytes(arrays[dtype])));
    }
    expect([...seen[2].rawData.slice(4)]).toEqual([7, 0, 0, 0]);
  });
  test("of a large array, a view into a larger buffer", () => {
    const all = Float32Array.from({ length: 100_002 }, (_, i) => i);
    const view = all.subarray(1, 100_001);
    const initializers = [{ name: "w", dtype: "float32" as const, shape: [100, 1000], bytes: bytes(view) }];
    const file = encodeModel({ ...model, initializers });
    const [{ rawData }] = decode({ ...model, initializers }).graph.initializer;
    expect(new Float32Array(Uint8Array.from(rawData).buffer)).toEqual(view);
    // No second copy of the numbers as floatData.
    expect(file.length).toBeLessThan(4 * view.length + 1000);
  });
});

test("a scalar has no axes, an empty tensor no bytes", () => {
  const initializers = [
    { name: "scalar", dtype: "float32" as const, shape: [], bytes: bytes(Float32Array.of(3)) },
    { name: "empty", dtype: "float32" as const, shape: [0, 2], bytes: new Uint8Array(0) },
  ];
  const seen = decode({ ...model, initializers }).graph.initializer;
  expect(seen).toMatchObject([{ dims: [] }, { dims: [0, 2] }]);
  expect(seen.map(({ rawData }) => rawData.length)).toEqual([4, 0]);
});
