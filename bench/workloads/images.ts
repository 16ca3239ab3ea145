/** Images of random discs on a background, in colour: something that a network can learn. */

import { type Key, keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import type { HostBatch } from "../../src/run/index.ts";

/** A batch of uint8 images [C, H, W], each a disc of one colour on another. */
export function makeImageBatch(index: number, batch: number, shape: readonly number[]): HostBatch {
  const [channels, height, width] = shape;
  const data = new Uint8Array(batch * channels * height * width);
  const key = keyFromSeed(index);
  for (let example = 0; example < batch; example++) {
    const numbers = uniforms(key, example * 16, 3 + 2 * channels);
    const [radius, row, column] = [0.15 + 0.3 * numbers[0], numbers[1], numbers[2]];
    for (let place = 0; place < channels * height * width; place++) {
      const channel = Math.floor(place / (height * width));
      const y = Math.floor(place / width) % height;
      const inside = Math.hypot(y / height - row, (place % width) / width - column) < radius;
      data[example * channels * height * width + place] = 255 * numbers[3 + 2 * channel + Number(inside)];
    }
  }
  return { image: { dtype: "uint8", shape: [batch, ...shape], data } };
}

function uniforms(key: Key, first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => randomUniform(key, first + i));
}
