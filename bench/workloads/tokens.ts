/** Texts that can be learned: each token is one of four that follow the last one. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import type { HostBatch } from "../../src/run/index.ts";

export interface TokenSizes {
  readonly batch: number;
  readonly vocabulary: number;
}

/** A batch of int32 texts of `length` tokens: `tokens` [B, length]. */
export function makeTokenBatch(index: number, { batch, vocabulary }: TokenSizes, length: number): HostBatch {
  const key = keyFromSeed(index);
  const data = new Int32Array(batch * length);
  for (let place = 0; place < data.length; place++) {
    const uniform = randomUniform(key, place);
    const first = place % length === 0;
    data[place] = first
      ? Math.floor(uniform * vocabulary)
      : (5 * data[place - 1] + 1 + Math.floor(4 * uniform)) % vocabulary;
  }
  return { tokens: { dtype: "int32", shape: [batch, length], data } };
}
