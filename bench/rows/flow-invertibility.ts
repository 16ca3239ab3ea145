/** Every flow, trained a little: how far its inverse is from what went in. */

import { foldKey, type Key, keyFromSeed, randomUniform, sizeOf } from "../../src/core/base/index.ts";
import {
  type FlowLayer,
  flow,
  glow,
  iaf,
  imageRealNvp,
  maf,
  realNvp,
  splineAutoregressive,
  splineCoupling,
} from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import {
  createModel,
  createTrainingStep,
  type DeviceParameters,
  findPreset,
  type HostBatch,
  parseConfig,
} from "../../src/run/index.ts";
import type { Row } from "./row.ts";

interface Entry {
  readonly name: string;
  readonly layers: FlowLayer;
  /** [D] of points, [C, H, W] of images. */
  readonly shape: readonly number[];
  readonly steps: number;
}

const plane = { features: 2, depth: 4, hidden: [64, 64] };
const images = { shape: [1, 28, 28], hidden: [32, 32], depth: 4 };

const entries: readonly Entry[] = [
  { name: "realnvp", layers: realNvp(plane), shape: [2], steps: 1000 },
  { name: "maf", layers: maf(plane), shape: [2], steps: 1000 },
  { name: "iaf", layers: iaf(plane), shape: [2], steps: 1000 },
  { name: "spline coupling", layers: splineCoupling(plane), shape: [2], steps: 1000 },
  { name: "spline autoregressive", layers: splineAutoregressive(plane), shape: [2], steps: 1000 },
  { name: "image realnvp", layers: imageRealNvp({ ...images, depth: 2 }), shape: [1, 28, 28], steps: 100 },
  { name: "glow", layers: glow(images), shape: [1, 28, 28], steps: 100 },
  { name: "glow with a curve", layers: glow({ ...images, curve: 32 }), shape: [1, 28, 28], steps: 100 },
];

/** Points on two half moons, or images of a bright bar somewhere on a dark ground. */
function batchOf({ shape }: Entry, key: Key, count: number): HostBatch {
  const uniform = (counter: number): number => randomUniform(key, counter);
  if (shape.length === 1) {
    const data = Float32Array.from({ length: 2 * count }, (_, i) => {
      const example = Math.floor(i / 2);
      const angle = Math.PI * uniform(4 * example);
      const upper = uniform(4 * example + 1) < 0.5;
      const [x, y] = upper ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
      return (i % 2 === 0 ? x : y) + 0.2 * (uniform(4 * example + 2 + (i % 2)) - 0.5);
    });
    return { vector: { dtype: "float32", shape: [count, 2], data } };
  }
  const size = sizeOf(shape);
  const [, , width] = shape;
  const data = Uint8Array.from({ length: count * size }, (_, i) => {
    const example = Math.floor(i / size);
    const column = i % width;
    const bar = 4 + Math.floor(20 * uniform(example));
    return Math.abs(column - bar) < 3 ? 200 + Math.floor(56 * uniform(1e6 + i)) : 0;
  });
  return { image: { dtype: "uint8", shape: [count, ...shape], data } };
}

export const flowInvertibility: Row = {
  row: "flow-invertibility",
  metric: "largest error of inverse(forward(x)) over all flows after training, float32",
  bound: 1e-4,
  direction: "at most",
  published: 1e-4,
  source: "this project's own bound; no published value",
  run: async ({ seed, threads, log }) => {
    const backend = createCpuBackend({ threads });
    let worst = 0;
    try {
      for (const [index, entry] of entries.entries()) {
        const field = entry.shape.length === 1 ? "vector" : "image";
        // Without a logit, so that nothing is cut off at 0 and 1 on the way back but rounding itself.
        const family = flow({ event: { field, shape: entry.shape }, layers: entry.layers }) as never;
        const preset = findPreset(field === "vector" ? "points/spline" : "digits/glow");
        const config = parseConfig(preset.schema, { seed, steps: entry.steps, batchSize: 64, averageDecay: 0 });
        const key = foldKey(keyFromSeed(seed), index);
        const step = await createTrainingStep(backend, family, config);
        const model = createModel(backend, family);
        await step.prepare?.(batchOf(entry, foldKey(key, 1), 256));
        for (let i = 0; i < entry.steps; i++) await step.run(batchOf(entry, foldKey(key, 10 + i), 64), i);
        const { parameters } = step.state.current() as unknown as { readonly parameters: DeviceParameters };
        const batch = batchOf(entry, foldKey(key, 2), field === "vector" ? 5000 : 100);
        const codes = await model.encode?.(parameters, batch);
        const back = codes && (await model.decode?.(parameters, codes, {}));
        const unit = field === "image" ? 1 / 255 : 1;
        let error = 0;
        batch[field].data.forEach((x: number | bigint, i: number) => {
          // NaN counts as the largest error there is.
          const difference = Math.abs(Number(x) * unit - Number(back?.[field].data[i]));
          error = Math.max(error, Number.isFinite(difference) ? difference : Number.MAX_VALUE);
        });
        log(`${entry.name}: ${error.toExponential(2)}`);
        worst = Math.max(worst, error);
        await model.dispose();
        await step.dispose();
      }
      return { value: worst, seed };
    } finally {
      await backend.dispose();
    }
  },
};
