/** Features with independent standard normal numbers, the same for the same seed. */

import { foldKey, keyFromSeed, randomUniform } from "../../core/base/index.ts";
import type { Features } from "./features.ts";

export function normals(seed: number, count: number, size: number): Features {
  const key = foldKey(keyFromSeed(seed), 1);
  const data = new Float32Array(count * size);
  // Box and Muller's pairs; 1 - u is never 0.
  for (let i = 0; i < data.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - randomUniform(key, 2 * i)));
    data[i] = radius * Math.cos(2 * Math.PI * randomUniform(key, 2 * i + 1));
  }
  return { count, size, data };
}
