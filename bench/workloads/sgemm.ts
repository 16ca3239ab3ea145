/** Products of square matrices through our backend: how fast the machine multiplies for us. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import type { Tensor } from "../../src/core/index.ts";
import { type Backend, type HostTensor, jit } from "../../src/engine/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import type { ContenderProgram } from "../serve-contender.ts";
import allSizes from "./sizes.json" with { type: "json" };

const { size, products } = allSizes.sgemm;

interface State {
  readonly backend: Backend;
  multiply(): Promise<number>;
}

export const program: ContenderProgram<State> = {
  setup: ({ threads }) => {
    const backend = createCpuBackend({ threads });
    const chain = jit(backend, "sgemm", ({ a, b }: { readonly a: Tensor; readonly b: Tensor }) => {
      let product = a;
      for (let i = 0; i < products; i++) product = product.matmul(b);
      return product.slice(0, 0, 1).sum();
    });
    const matrices = { a: matrix(0), b: matrix(1) };
    return { backend, multiply: async () => Number((await chain(matrices as never)).data[0]) };
  },
  step: ({ multiply }) => multiply(),
  close: ({ backend }) => backend.dispose(),
};

function matrix(seed: number): HostTensor {
  const key = keyFromSeed(seed);
  const bound = Math.sqrt(3 / size);
  const data = Float32Array.from({ length: size * size }, (_, i) => bound * (2 * randomUniform(key, i) - 1));
  return { dtype: "float32", shape: [size, size], data };
}
