/** Flows under contract. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import {
  type Family,
  type FlowLayer,
  flow,
  glow,
  iaf,
  maf,
  realNvp,
  splineAutoregressive,
  splineCoupling,
} from "../../src/learn/models/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import { type FamilyUnderContract, shape } from "./under-contract.ts";

/** Points on two half circles, of labels 0 and 1, with noise: the same for a number each time. */
function moons(start: number, count: number): HostBatch {
  const key = keyFromSeed(31);
  const label = Int32Array.from({ length: count }, (_, i) => (start + i) % 2);
  const vector = Float32Array.from({ length: 2 * count }, (_, i) => {
    const example = start + Math.floor(i / 2);
    const [angle, noise] = [Math.PI * randomUniform(key, 3 * example), randomUniform(key, 3 * example + 1 + (i % 2))];
    const [x, y] =
      example % 2 === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return (i % 2 === 0 ? x : y) + 0.2 * (noise - 0.5);
  });
  return {
    vector: { dtype: "float32", shape: [count, 2], data: vector },
    label: { dtype: "int32", shape: [count], data: label },
  };
}

/** Nats of the best normal density over the moons: half the log-determinant of its covariance, and a constant. */
function normalOverMoons(): number {
  const { data } = moons(0, 256).vector;
  const points = Array.from({ length: 256 }, (_, i) => [Number(data[2 * i]), Number(data[2 * i + 1])]);
  const mean = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis] / points.length, 0));
  const covariance = (a: number, b: number): number =>
    points.reduce((sum, point) => sum + ((point[a] - mean[a]) * (point[b] - mean[b])) / points.length, 0);
  return Math.log(2 * Math.PI) + 1 + Math.log(covariance(0, 0) * covariance(1, 1) - covariance(0, 1) ** 2) / 2;
}

function vectorFlow(name: string, layers: FlowLayer, classes?: number): FamilyUnderContract {
  const family = flow({ event: { field: "vector", shape: [2] }, layers, ...(classes && { classes }) }) as Family;
  return {
    name,
    family,
    steps: 80,
    learningRate: 0.01,
    bound: normalOverMoons,
    running: ["standardize.mean", "standardize.scale"],
    fields: (start, count) => {
      const { vector, label } = moons(start, count);
      return classes ? { vector, label } : { vector };
    },
  };
}

const plane = { features: 2, depth: 3, hidden: [24] };

/** Nats of images whose pixels are black with one and the same chance, and of any other level alike. */
function blackOrAnyLevel(images: Uint8Array): number {
  const black = images.reduce((count, grey) => count + (grey === 0 ? 1 : 0), 0) / images.length;
  const nats = -black * Math.log(black) - (1 - black) * Math.log((1 - black) / 255);
  return 784 * nats;
}

export const flowsUnderContract: readonly FamilyUnderContract[] = [
  vectorFlow("flow, realnvp", realNvp(plane)),
  vectorFlow("flow, realnvp told the label", realNvp({ ...plane, condition: 2 }), 2),
  vectorFlow("flow, maf", maf(plane)),
  vectorFlow("flow, iaf", iaf(plane)),
  vectorFlow("flow, spline coupling", splineCoupling(plane)),
  vectorFlow("flow, spline autoregressive", splineAutoregressive(plane)),
  {
    name: "flow, glow",
    family: flow({
      event: { field: "image", shape },
      layers: glow({ shape, hidden: [8, 8], depth: 1 }),
      alpha: 1e-6,
    }) as Family,
    steps: 80,
    learningRate: 0.01,
    bound: blackOrAnyLevel,
    running: [],
  },
];
