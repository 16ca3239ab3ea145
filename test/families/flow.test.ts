/** What makes a flow a flow: exact inverses, the right determinant, a density that integrates to 1. */

import { afterAll, describe, expect, test } from "vitest";
import { sizeOf } from "../../src/core/base/index.ts";
import {
  concat,
  constantKey,
  foldKey,
  gradients,
  keyFromSeed,
  randomNormal,
  randomUniform,
  range,
  stack,
  type Tensor,
  tensor,
} from "../../src/core/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import {
  actnorm,
  chain,
  type Family,
  type FlowLayer,
  flow,
  type Given,
  glow,
  realNvp,
  standardize,
} from "../../src/learn/models/index.ts";
import { evaluationContext } from "../../src/learn/nn/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { numbersOf } from "../graph/numbers.ts";
import { imageFlows, movedParameters, vectorFlows } from "./flows.ts";

/** The promise of docs/families/flow.md, in float32. */
const inverseError = 1e-4;
/** The interpreter computes in float64; constants are float32. */
const logDeterminantError = 1e-4;

const given: Given = { context: evaluationContext() };
const key = constantKey(keyFromSeed(5));
const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

/** log |det| by elimination. */
function logDeterminant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  return rows.reduce((sum, _, k) => {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i][k] / rows[k][k];
      rows[i] = rows[i].map((x, j) => x - factor * rows[k][j]);
    }
    return sum + Math.log(Math.abs(rows[k][k]));
  }, 0);
}

/** Inputs that also lie outside of what splines bend. */
function inputsOf(shape: readonly number[], count: number): Tensor {
  return randomNormal(foldKey(key, 99), [count, ...shape]).mul(2);
}

/** log |det dy/dx| of each example, from the Jacobian by automatic differentiation. */
function autodiffLogDeterminants(y: Tensor, x: Tensor): number[] {
  const [count] = x.shape;
  const size = sizeOf(x.shape.slice(1));
  const outputs = y.reshape([count, size]);
  const rows = Array.from({ length: size }, (_, i) => gradients(outputs.slice(1, i, 1).sum(), [x])[0].flatten());
  const jacobian = numbersOf(stack(rows, 1)); // [B, D, D]
  return Array.from({ length: count }, (_, b) =>
    logDeterminant(
      Array.from({ length: size }, (_, i) => jacobian.slice((b * size + i) * size, (b * size + i + 1) * size)),
    ),
  );
}

const all = [...vectorFlows(2), ...vectorFlows(5), ...imageFlows([1, 4, 8]), ...imageFlows([3, 4, 4])];

describe.each(all.map((one) => [one.name, one] as const))("%s", (_, { layers, shape }) => {
  test("log-determinants are those of the Jacobian, and of the inverse the negative", () => {
    const count = 3;
    const parameters = movedParameters(layers, key);
    const x = inputsOf(shape, count);
    const { y, logDet } = layers.forward(parameters, x, given);
    const seen = numbersOf(logDet.expand([count]));
    const back = layers.inverse(parameters, y, given);
    const inverse = numbersOf(back.logDet.expand([count]));
    expect(Math.max(...seen.map(Math.abs))).toBeGreaterThan(0.05);
    autodiffLogDeterminants(y, x).forEach((expected, i) => {
      expect(Math.abs(seen[i] - expected)).toBeLessThan(logDeterminantError);
      expect(Math.abs(inverse[i] + expected)).toBeLessThan(logDeterminantError);
    });
  });

  test("the inverse gives back what went in, in float32", async () => {
    const count = 500;
    const there = jit(backend, "there and back", (args) => {
      const { key: own } = args as unknown as { readonly key: Tensor };
      const parameters = movedParameters(layers, own);
      const x = randomNormal(foldKey(own, 98), [count, ...shape]).mul(1.5);
      const { y } = layers.forward(parameters, x, given);
      const { x: back } = layers.inverse(parameters, y, given);
      return { error: back.sub(x).abs().max(), change: y.reshape(x.shape).sub(x).abs().mean() };
    });
    for (const seed of [1, 2]) {
      const own: HostTensor = { dtype: "uint32", shape: [2], data: Uint32Array.from(keyFromSeed(seed)) };
      const { error, change } = (await there({ key: own })) as Readonly<Record<string, HostTensor>>;
      expect(error.data[0]).toBeLessThan(inverseError);
      expect(change.data[0]).toBeGreaterThan(0.1);
    }
    await there.dispose();
  });
});

describe("densities", () => {
  test.each(vectorFlows(2).map((one) => [one.name, one] as const))("%s integrates to 1", async (_, { layers }) => {
    const family = flow({ event: { field: "vector", shape: [2] }, layers });
    const [reach, count] = [12, 301];
    const total = jit(backend, "integral", (args) => {
      const { key: own } = args as unknown as { readonly key: Tensor };
      const parameters = {
        layers: movedParameters(layers, own),
        standardize: { mean: tensor([0.5, -0.25], [2]), scale: tensor([1.25, 0.75], [2]) },
      };
      const line = range(count, "float32", -reach, (2 * reach) / (count - 1));
      const columns = line
        .reshape([count, 1])
        .expand([count, count])
        .reshape([count * count, 1]);
      const rows = line
        .reshape([1, count])
        .expand([count, count])
        .reshape([count * count, 1]);
      const options = { key: own, samples: 1 };
      const logs = family.logProb?.(parameters, { vector: concat([columns, rows], 1) }, options) as Tensor;
      return {
        integral: logs
          .exp()
          .sum()
          .mul(((2 * reach) / (count - 1)) ** 2),
      };
    });
    const own: HostTensor = { dtype: "uint32", shape: [2], data: Uint32Array.from(keyFromSeed(3)) };
    const { integral } = (await total({ key: own })) as Readonly<Record<string, HostTensor>>;
    // Sums over a grid of 0.08, of densities with kinks.
    expect(Math.abs(Number(integral.data[0]) - 1)).toBeLessThan(0.01);
    await total.dispose();
  });

  /** Levels and noise of two images, [2, 1, 2, 2]. */
  const grey = [0, 255, 128, 7, 3, 200, 255, 0];
  const seed = keyFromSeed(21);
  const noise = numbersOf(randomUniform(constantKey(seed), [grey.length]));
  const image = tensor(grey, [2, 1, 2, 2], "uint8");
  const identity: FlowLayer = chain([]);
  const logNormal = (x: number): number => -(x * x) / 2 - Math.log(2 * Math.PI) / 2;
  const average = (logs: readonly number[]): number =>
    Math.log(logs.reduce((sum, log) => sum + Math.exp(log), 0) / logs.length);

  test("of an image it is that of its 256 levels, with noise added", () => {
    const family = flow({ event: { field: "image", shape: [1, 2, 2] }, layers: identity });
    const logs = numbersOf(
      family.logProb?.({ layers: {} }, { image }, { key, noise: constantKey(seed), samples: 1 }) as Tensor,
    );
    [0, 4].forEach((first, i) => {
      const expected = grey
        .slice(first, first + 4)
        .reduce((sum, level, j) => sum + logNormal((level + noise[first + j]) / 256 - 0.5) - Math.log(256), 0);
      expect(logs[i]).toBeCloseTo(expected, 5);
    });
    expect(family.dimensions).toBe(4);
  });

  test("with a logit its Jacobian counts", () => {
    const alpha = 0.05;
    const family = flow({ event: { field: "image", shape: [1, 2, 2] }, layers: identity, alpha });
    const logs = numbersOf(
      family.logProb?.({ layers: {} }, { image }, { key, noise: constantKey(seed), samples: 1 }) as Tensor,
    );
    [0, 4].forEach((first, i) => {
      const expected = grey.slice(first, first + 4).reduce((sum, level, j) => {
        const p = alpha + ((1 - 2 * alpha) * (level + noise[first + j])) / 256;
        const x = Math.log(p / (1 - p));
        return sum + logNormal(x) + Math.log((1 - 2 * alpha) / (p * (1 - p))) - Math.log(256);
      }, 0);
      expect(logs[i]).toBeCloseTo(expected, 4);
    });
  });

  test("several draws of noise are averaged as densities", () => {
    const family = flow({ event: { field: "image", shape: [1, 2, 2] }, layers: identity, alpha: 0.05 });
    const logsOf = (from: Tensor, samples: number): number[] =>
      numbersOf(family.logProb?.({ layers: {} }, { image }, { key, noise: from, samples }) as Tensor);
    const own = constantKey(seed);
    const single = [0, 1, 2].map((draw) => logsOf(foldKey(own, draw), 1));
    logsOf(own, 3).forEach((log, i) => {
      expect(log).toBeCloseTo(average(single.map((logs) => logs[i])), 5);
    });
  });

  test("a flow that is told the label gives each label another density", () => {
    const layers = realNvp({ features: 3, depth: 2, hidden: [8], condition: 4 });
    const family = flow({ event: { field: "vector", shape: [3] }, layers, classes: 4 });
    const parameters = {
      layers: movedParameters(layers, key),
      standardize: { mean: tensor([0, 0, 0], [3]), scale: tensor([1, 1, 1], [3]) },
    };
    const vector = tensor([0.5, -1, 2], [1, 3]).expand([4, 3]);
    const label = tensor([0, 1, 2, 3], [4], "int32");
    const logs = numbersOf(family.logProb?.(parameters, { vector, label }, { key, samples: 1 }) as Tensor);
    expect(new Set(logs.map((log) => log.toFixed(3))).size).toBe(4);
    const latents = tensor([0.5, -1, 2], [1, 3]).expand([4, 3]);
    const decoded = family.decode?.(parameters, latents, { label });
    const made = numbersOf(decoded?.vector as Tensor);
    expect(new Set([0, 3, 6, 9].map((at) => made[at].toFixed(3))).size).toBeGreaterThan(1);
  });

  test("temperature 0 gives the mode of the base, the same for every sample", () => {
    const layers = realNvp({ features: 2, depth: 2, hidden: [8] });
    const family = flow({ event: { field: "vector", shape: [2] }, layers }) as Family;
    const parameters = {
      layers: movedParameters(layers, key),
      standardize: { mean: tensor([0, 0], [2]), scale: tensor([1, 1], [2]) },
    };
    const samplesAt = (temperature: number): number[] =>
      numbersOf(family.sample(parameters, key, { count: 2, conditions: {}, controls: { temperature } }).vector);
    const [a, b, c, d] = samplesAt(0);
    expect([a, b]).toEqual([c, d]);
    expect(samplesAt(1)[0]).not.toBeCloseTo(a, 3);
  });
});

describe("preparation", () => {
  /** Mean and deviation of each channel of [B, C, P]. */
  const statisticsOf = (numbers: readonly number[], channels: number, places: number): readonly [number, number][] =>
    Array.from({ length: channels }, (_, c) => {
      const own = numbers.filter((_, i) => Math.floor(i / places) % channels === c);
      const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
      return [mean, Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length)];
    });

  test.each([
    ["actnorm", actnorm(3) as FlowLayer],
    ["standardize", standardize(3) as FlowLayer],
  ])("%s gives channels mean 0 and deviation 1", (_, layer) => {
    const x = randomNormal(key, [20, 3, 2, 2]).mul(3).add(5);
    const { y } = layer.forward(layer.prepare?.({}, x, given) ?? {}, x, given);
    for (const [mean, deviation] of statisticsOf(numbersOf(y), 3, 4)) {
      expect(mean).toBeCloseTo(0, 6);
      expect(deviation).toBeCloseTo(1, 6);
    }
  });

  test("a channel that is always the same keeps its scale", () => {
    const x = tensor([2, 2, 2, 2], [4, 1]);
    const layer = standardize(1) as FlowLayer;
    expect(numbersOf(layer.forward(layer.prepare?.({}, x, given) ?? {}, x, given).y)).toEqual([0, 0, 0, 0]);
  });

  test("reaches every actnorm of a flow in levels", () => {
    const layers = glow({ shape: [1, 4, 4], hidden: [4, 4], depth: 2 });
    const x = randomNormal(key, [16, 1, 4, 4]).mul(3).add(5);
    const before = layers.init(key) as Readonly<Record<string, { layers: Readonly<Record<string, unknown>> }>>;
    const after = layers.prepare?.(before as never, x, given) as unknown as typeof before;
    for (const [level, steps] of [
      [0, [1, 4]],
      [1, [1, 4]],
    ] as const) {
      for (const step of steps) {
        const { log_scale } = after[level].layers[step] as { log_scale: Tensor };
        expect(Math.max(...numbersOf(log_scale).map(Math.abs))).toBeGreaterThan(1e-3);
      }
    }
  });
});

test("a curve of one piece is refused", () => {
  expect(() => glow({ shape: [1, 4, 4], hidden: [4], depth: 1, curve: 1 })).toThrow("curve: is 1");
});
