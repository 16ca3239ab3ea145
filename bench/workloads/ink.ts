/** Pictures of random ink, as uint8 images. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import { type Shape, sizeOf } from "../../src/core/index.ts";
import type { HostBatch } from "../../src/run/index.ts";

/** A batch in which each pixel is white with the given probability, else black. */
export function makeInkBatch(index: number, batch: number, shape: Shape, white: number): HostBatch {
  const key = keyFromSeed(index);
  const data = Uint8Array.from({ length: batch * sizeOf(shape) }, (_, i) => (randomUniform(key, i) < white ? 255 : 0));
  return { image: { dtype: "uint8", shape: [batch, ...shape], data } };
}
