/** The part of the ONNX file format that Galatea writes, as protobuf messages.
 *
 * Names and field numbers are those of onnx.proto3 (IR version 10); protobufjs encodes them. */

import protobuf from "protobufjs/light.js";

const field = (id: number, type: string): protobuf.IField => ({ id, type });
const repeated = (id: number, type: string): protobuf.IField => ({ id, type, rule: "repeated" });

const root = protobuf.Root.fromJSON({
  nested: {
    Attribute: {
      fields: {
        name: field(1, "string"),
        f: field(2, "float"),
        i: field(3, "int64"),
        s: field(4, "bytes"),
        floats: repeated(7, "float"),
        ints: repeated(8, "int64"),
        type: field(20, "int32"),
      },
    },
    Node: {
      fields: {
        input: repeated(1, "string"),
        output: repeated(2, "string"),
        name: field(3, "string"),
        opType: field(4, "string"),
        attribute: repeated(5, "Attribute"),
        domain: field(7, "string"),
      },
    },
    Tensor: {
      fields: {
        dims: repeated(1, "int64"),
        dataType: field(2, "int32"),
        name: field(8, "string"),
        rawData: field(9, "bytes"),
      },
    },
    Dimension: { fields: { dimValue: field(1, "int64") } },
    TensorShape: { fields: { dim: repeated(1, "Dimension") } },
    TensorTypeProto: { fields: { elemType: field(1, "int32"), shape: field(2, "TensorShape") } },
    Type: { fields: { tensorType: field(1, "TensorTypeProto") } },
    ValueInfo: { fields: { name: field(1, "string"), type: field(2, "Type") } },
    Graph: {
      fields: {
        node: repeated(1, "Node"),
        name: field(2, "string"),
        initializer: repeated(5, "Tensor"),
        input: repeated(11, "ValueInfo"),
        output: repeated(12, "ValueInfo"),
      },
    },
    OperatorSet: { fields: { domain: field(1, "string"), version: field(2, "int64") } },
    StringEntry: { fields: { key: field(1, "string"), value: field(2, "string") } },
    Model: {
      fields: {
        irVersion: field(1, "int64"),
        producerName: field(2, "string"),
        producerVersion: field(3, "string"),
        graph: field(7, "Graph"),
        opsetImport: repeated(8, "OperatorSet"),
        metadataProps: repeated(14, "StringEntry"),
      },
    },
  },
});

/** The message of a whole file. */
export const modelMessage: protobuf.Type = root.lookupType("Model");

/** TensorProto.DataType of the element types that occur in files. */
export const onnxDType = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;

/** AttributeProto.AttributeType. */
export const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;
