/** Kernels of ops that bring numbers into a graph. */

import { foldKey, GalateaError, type Key, randomUniform, sizeOf } from "../../../core/base/index.ts";
import type { OpName } from "../../../core/graph/index.ts";
import { fromHost, type HostValue } from "../value.ts";
import type { Kernel } from "./kernel.ts";

function keyOf({ data }: HostValue): Key {
  return [data[0], data[1]];
}

export const sources = {
  input: (_, { name }) => {
    throw new GalateaError("internal", "interpreter", `no value for input ${name}`, "declare it in the graph");
  },
  constant: (_, attrs) => fromHost(attrs),
  randomUniform: ([key], { shape }) => {
    const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => randomUniform(keyOf(key), i));
    return { dtype: "float32", shape, data };
  },
  foldKey: ([key, stream]) => {
    return { dtype: "uint32", shape: [2], data: Float64Array.from(foldKey(keyOf(key), stream.data[0])) };
  },
} satisfies { [N in OpName]?: Kernel<N> };
