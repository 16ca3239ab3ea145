/** Diffusion and flow matching where the best network is known: data are Gaussian, so all else must be exact. */

import { afterAll, describe, expect, test } from "vitest";
import { keyFromSeed, type Tensor } from "../../src/core/index.ts";
import { type HostTensor, jit } from "../../src/engine/index.ts";
import {
  type Denoiser,
  type DenoisingParameters,
  type DiffusionOptions,
  diffusion,
  type Family,
  type FlowMatchingOptions,
  flowMatching,
} from "../../src/learn/models/index.ts";
import { trainingContext } from "../../src/learn/nn/index.ts";
import { noiseSchedule } from "../../src/learn/prob/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { createModel, type HostBatch, keyTensor, type Results } from "../../src/run/model.ts";
import { exactDenoiser, type PlaneGaussian, type Predicted, scheduled, straight } from "./exact-denoiser.ts";

const backend = createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());

const event = { field: "vector", shape: [2] } as const;
const timeSteps = 200;
const one: PlaneGaussian = { mean: [0.5, -1], deviation: [0.3, 1.2] };
const count = 20_000;
/** Five standard errors of a mean of 20,000, in deviations; variances scatter by sqrt 2 as much. */
const scatter = 5 / Math.sqrt(count);
const schedule = noiseSchedule("cosine", timeSteps);

type Changes = Partial<DiffusionOptions> & { readonly gaussians?: readonly PlaneGaussian[] };

function exactDiffusion({ gaussians = [one], ...changes }: Changes = {}): Family {
  const prediction = changes.prediction ?? "v";
  const network = exactDenoiser(gaussians, scheduled(schedule), prediction as Predicted);
  return diffusion({ event, timeSteps, network, prediction, ...changes }) as Family;
}

function exactFlow(changes: Partial<FlowMatchingOptions> = {}): Family {
  return flowMatching({ event, network: exactDenoiser([one], straight, "velocity"), ...changes }) as Family;
}

async function withParameters<R>(
  family: Family,
  use: (model: ReturnType<typeof createModel>, parameters: never) => Promise<R>,
): Promise<R> {
  const init = jit(backend, "init", (args) => family.init((args as unknown as { key: Tensor }).key));
  // Vectors are left as they are: means 0, deviations 1.
  const values = (await init({ key: keyTensor(keyFromSeed(1)) } as never)) as unknown as {
    readonly scaling: Readonly<Record<string, HostTensor>>;
  };
  await init.dispose();
  const model = createModel(backend, family);
  try {
    return await use(model, { network: {}, scaling: values.scaling } as never);
  } finally {
    await model.dispose();
  }
}

function points(rows: ArrayLike<number>): HostBatch {
  return { vector: { dtype: "float32", shape: [rows.length / 2, 2], data: Float32Array.from(rows) } };
}

function labels(numbers: readonly number[]): HostBatch {
  return { label: { dtype: "int32", shape: [numbers.length], data: Int32Array.from(numbers) } };
}

async function samples(
  family: Family,
  controls: Readonly<Record<string, number>>,
  conditions: HostBatch = {},
  seed = 3,
): Promise<Float32Array> {
  return withParameters(family, async (model, parameters) => {
    const made = conditions.label?.shape[0] ?? count;
    const { vector } = await model.sample(parameters, keyFromSeed(seed), { count: made, controls, conditions });
    return vector.data as Float32Array;
  });
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

function momentsOf(rows: ArrayLike<number>): readonly Moments[] {
  return [0, 1].map((axis) => {
    const values = Array.from(rows).filter((_, i) => i % 2 === axis);
    const mean = values.reduce((sum, x) => sum + x / values.length, 0);
    return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2 / values.length, 0)) };
  });
}

/** Normal points by Box and Muller, from a fixed seed of a small generator. */
function gaussianPoints(rows: number, { mean, deviation }: PlaneGaussian, seed = 1): Float32Array {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Float32Array.from({ length: 2 * rows }, (_, i) => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return mean[i % 2] + deviation[i % 2] * normal;
  });
}

describe("samplers give the data's mean and deviation", () => {
  // With these many steps what the methods themselves are off by, in deviations.
  const bias = 0.02;
  const cases: readonly (readonly [string, Family, Readonly<Record<string, number>>])[] = [
    ["ancestral, every step", exactDiffusion({ sampler: "ddpm" }), { samplingSteps: timeSteps }],
    ["ancestral, every second step", exactDiffusion({ sampler: "ddpm" }), { samplingSteps: timeSteps / 2 }],
    ["DDIM", exactDiffusion({ sampler: "ddim" }), { samplingSteps: timeSteps }],
    ["DDIM, half as random", exactDiffusion({ sampler: "ddim" }), { samplingSteps: timeSteps, eta: 0.5 }],
    ["Heun along the diffusion", exactDiffusion({ sampler: "heun" }), { samplingSteps: 40 }],
    ["Euler along straight lines", exactFlow({ sampler: "euler" }), { samplingSteps: 200 }],
    ["Heun along straight lines", exactFlow({ sampler: "heun" }), { samplingSteps: 30 }],
  ];
  test.each(cases)("%s", async (_, family, controls) => {
    const rows = momentsOf(await samples(family, controls));
    rows.forEach(({ mean, deviation }, axis) => {
      const scale = one.deviation[axis];
      expect(Math.abs(mean - one.mean[axis]) / scale).toBeLessThan(scatter + bias);
      expect(Math.abs(deviation / scale - 1)).toBeLessThan(scatter + bias);
    });
  });

  test("ancestral sampling has the deviations that the textbook's posterior leads to, also with few steps", async () => {
    const linear = noiseSchedule("linear", timeSteps);
    const network = exactDenoiser([one], scheduled(linear), "epsilon");
    const family = diffusion({
      event,
      timeSteps,
      network,
      prediction: "epsilon",
      schedule: "linear",
      sampler: "ddpm",
    }) as Family;
    const steps = 20;
    const shares = Array.from({ length: steps }, (_, k) => linear.alphaBars[timeSteps - 1 - (k * timeSteps) / steps]);
    const deviation = one.deviation.map((s) => {
      // Ho et al. (2020), equation 7, over the steps taken; all is linear, so variances follow by squares.
      const variance = shares.reduce((before, share, k) => {
        const next = shares[k + 1] ?? 1;
        const beta = 1 - share / next;
        const expected = (s * s * Math.sqrt(share)) / (s * s * share + 1 - share); // E[x0 | x] by x
        const byX = (expected * Math.sqrt(next) * beta + Math.sqrt(share / next) * (1 - next)) / (1 - share);
        return byX ** 2 * before + (beta * (1 - next)) / (1 - share);
      }, 1);
      return Math.sqrt(variance);
    });
    // It is off by a tenth from the data's own deviation: the test sees steps, not only where they end.
    expect(Math.abs(deviation[0] / one.deviation[0] - 1)).toBeGreaterThan(0.05);
    const rows = momentsOf(await samples(family, { samplingSteps: steps }));
    rows.forEach((seen, axis) => {
      expect(Math.abs(seen.deviation / deviation[axis] - 1)).toBeLessThan(scatter);
    });
  });

  test("Heun's method errs less than Euler's at equal steps", async () => {
    const worst = async (family: Family): Promise<number> => {
      const moments = momentsOf(await samples(family, { samplingSteps: 8 }));
      return Math.max(...moments.map(({ deviation }, axis) => Math.abs(deviation / one.deviation[axis] - 1)));
    };
    expect(await worst(exactFlow({ sampler: "heun" }))).toBeLessThan(
      0.5 * (await worst(exactFlow({ sampler: "euler" }))),
    );
    const [heun, euler] = [exactDiffusion({ sampler: "heun" }), exactDiffusion({ sampler: "ddim" })];
    expect(await worst(heun)).toBeLessThan(0.5 * (await worst(euler)));
  });

  test("whatever is predicted, the samples are the same", async () => {
    const [v, ...others] = await Promise.all(
      (["v", "epsilon", "x0"] as const).map((prediction) =>
        samples(exactDiffusion({ prediction }), { samplingSteps: 50 }),
      ),
    );
    for (const other of others) {
      // The first step divides the noise's estimate by a signal of 1e-3 (epsilon): float32 errors of 1e-7 become 1e-4.
      expect(Math.max(...other.map((x, i) => Math.abs(x - v[i])))).toBeLessThan(2e-3);
    }
  });
});

describe("training and scores", () => {
  /** Mean of E|e - E[e|x]|^2 = a^2 s^2 / (a^2 s^2 + b^2), over levels and both values. */
  const epsilonError = (shares: readonly number[]): number =>
    shares.reduce((sum, share) => {
      const parts = one.deviation.map((s) => (share * s * s) / (share * s * s + 1 - share) / 2);
      return sum + (parts[0] + parts[1]) / shares.length;
    }, 0);
  const data = gaussianPoints(4000, one);

  async function trainingLoss(family: Family): Promise<number> {
    return withParameters(family, async (_, parameters) => {
      const lossOf = jit(backend, "loss", (args) => {
        const { weights, batch, key } = args as unknown as {
          readonly weights: DenoisingParameters;
          readonly batch: { readonly vector: Tensor };
          readonly key: Tensor;
        };
        return family.phases[0].loss(weights, batch, trainingContext(key)).loss;
      });
      const args = { weights: parameters, batch: points(data), key: keyTensor(keyFromSeed(5)) };
      const loss = (await lossOf(args as never)) as unknown as HostTensor;
      await lossOf.dispose();
      return Number(loss.data[0]);
    });
  }

  // 8,000 squared errors of mean 0.4 that scatter by about as much: 0.006, five times over.
  const errorScatter = 0.03;

  test("the loss of the best network is what cannot be known of the noise", async () => {
    const loss = await trainingLoss(exactDiffusion({ prediction: "epsilon" }));
    expect(Math.abs(loss - epsilonError(schedule.alphaBars))).toBeLessThan(errorScatter);
  });
  test("min-SNR weights the example's error by at most gamma, whatever is predicted", async () => {
    const gamma = 5;
    // E|x - E[x|x_t]|^2 = s^2 b^2 / (a^2 s^2 + b^2)
    const expected = schedule.alphaBars.reduce((sum, share) => {
      const errors = one.deviation.map((s) => (s * s * (1 - share)) / (share * s * s + 1 - share) / 2);
      return sum + ((errors[0] + errors[1]) * Math.min(share / (1 - share), gamma)) / timeSteps;
    }, 0);
    for (const prediction of ["epsilon", "x0", "v"] as const) {
      const loss = await trainingLoss(exactDiffusion({ prediction, weighting: "min-snr", gamma }));
      expect(Math.abs(loss - expected)).toBeLessThan(errorScatter);
    }
  });
  test("scores are the same error at fixed times, larger for what is unusual", async () => {
    const family = exactDiffusion({ prediction: "epsilon" });
    await withParameters(family, async (model, parameters) => {
      const mean = async (rows: Float32Array): Promise<number> => {
        const scores = await model.score?.(parameters, points(rows), keyFromSeed(9));
        const errors = Array.from((scores as Results).denoisingError.data, Number);
        return errors.reduce((sum, error) => sum + error / errors.length, 0);
      };
      const usual = await mean(data);
      // Five times stand for two hundred.
      expect(Math.abs(usual - epsilonError(schedule.alphaBars))).toBeLessThan(errorScatter);
      expect(await mean(data.map((x) => x + 3))).toBeGreaterThan(2 * usual);
    });
  });
});

describe("guidance", () => {
  const gaussians = [-1, 2, 0].map((x): PlaneGaussian => ({ mean: [x, 0.5], deviation: [0.5, 0.5] }));
  const family = exactDiffusion({ gaussians, classes: 2 });
  const half = count / 2;
  const alternate = labels(Array.from({ length: count }, (_, i) => i % 2));
  const meanOf = async (guidance: number): Promise<readonly number[]> => {
    const rows = await samples(family, { samplingSteps: 100, guidance }, alternate);
    const sums = [0, 0];
    for (let i = 0; i < count; i++) sums[i % 2] += rows[2 * i] / half;
    return sums;
  };
  // Scatter of 10,000 samples, and of the method's steps.
  const near = 0.04;

  test("1 is the model's own idea of a class, 0 ignores it, 2 goes as far again from none to class", async () => {
    for (const [guidance, expected] of [
      [0, [0, 0]],
      [1, [-1, 2]],
      [2, [-2, 4]],
    ] as const) {
      const means = await meanOf(guidance);
      means.forEach((mean, i) => {
        expect(Math.abs(mean - expected[i])).toBeLessThan(near);
      });
    }
  });
  test("at 0 not a bit depends on the label, and at 1 none on the class that stands for none", async () => {
    const [ones, zeros] = [1, 0].map((label) => labels(Array.from({ length: 50 }, () => label)));
    expect(await samples(family, { guidance: 0 }, ones)).toEqual(await samples(family, { guidance: 0 }, zeros));
    const other = exactDiffusion({ gaussians: [...gaussians.slice(0, 2), one], classes: 2 });
    expect(await samples(family, { guidance: 1 }, ones)).toEqual(await samples(other, { guidance: 1 }, ones));
  });
});

describe.each([
  [
    "diffusion",
    exactDiffusion(),
    (network: Denoiser, inpaintRounds: number) =>
      diffusion({ event, timeSteps, network, prediction: "v", inpaintRounds }) as Family,
  ],
  [
    "flow matching",
    exactFlow(),
    (network: Denoiser, inpaintRounds: number) => flowMatching({ event, network, inpaintRounds }) as Family,
  ],
] as const)("%s", (name, family, build) => {
  const data = gaussianPoints(500, one, 7);
  const shares = name === "diffusion" ? scheduled(schedule) : straight;
  const predicted = name === "diffusion" ? "v" : "velocity";

  test("log p is that of the Gaussian", async () => {
    const logProb = await withParameters(family, (model, parameters) => {
      const key = keyFromSeed(1);
      return model.logProb?.(parameters, points(data), { key, noise: key }, 1) as Promise<HostTensor>;
    });
    logProb.data.forEach((seen, i) => {
      const expected = one.mean.reduce((sum, mean, axis) => {
        const s = one.deviation[axis];
        return sum - 0.5 * (((data[2 * i + axis] - mean) / s) ** 2 + Math.log(2 * Math.PI * s * s));
      }, 0);
      // A hundred steps of Heun's method, and the noise of the first of 200 levels, a twentieth of the narrow deviation:
      // half of z^2 / 400 at z = 3.5 is 0.015.
      expect(Math.abs(Number(seen) - expected)).toBeLessThan(0.03);
    });
  });

  test("codes are what the straight map to N(0, I) gives, and lead back", async () => {
    await withParameters(family, async (model, parameters) => {
      const codes = (await model.encode?.(parameters, points(data))) as HostTensor;
      const rebuilt = (await model.reconstruct?.(parameters, points(data))) as Results;
      codes.data.forEach((code, i) => {
        const axis = i % 2;
        // Twenty-five steps of Heun's method, in deviations.
        expect(Math.abs(Number(code) - (data[i] - one.mean[axis]) / one.deviation[axis])).toBeLessThan(0.15);
        expect(Math.abs(Number(rebuilt.vector.data[i]) - data[i])).toBeLessThan(0.05);
      });
    });
  });

  test.each([0.1, 1])("noise of %d is taken away as well as can be", async (deviation) => {
    const noise = gaussianPoints(500, { mean: [0, 0], deviation: [deviation, deviation] }, 11);
    const noisy = data.map((x, i) => x + noise[i]);
    const { vector } = (await withParameters(family, (model, parameters) => {
      return model.denoise?.(parameters, points(noisy), keyFromSeed(1), deviation) as Promise<Results>;
    })) as Results;
    vector.data.forEach((seen, i) => {
      const s2 = one.deviation[i % 2] ** 2;
      const best = one.mean[i % 2] + (s2 / (s2 + deviation ** 2)) * (noisy[i] - one.mean[i % 2]);
      expect(Math.abs(Number(seen) - best)).toBeLessThan(1e-3);
    });
  });

  test("what is known is kept, and the rest follows from it", async () => {
    const tilted: PlaneGaussian = { mean: [0.2, -0.3], deviation: [1, 0.25], angle: Math.PI / 4 };
    const known = 1.2;
    const rows = 4000;
    const mask: HostTensor = { dtype: "float32", shape: [1, 2], data: Float32Array.of(1, 0) };
    const batch = points(Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? known : 99)));
    // Covariance (s1^2 - s2^2) / 2 over variance (s1^2 + s2^2) / 2 of the known value.
    const [large, small] = tilted.deviation.map((s) => s * s);
    const pull = ((large - small) / (large + small)) * (known - tilted.mean[0]);
    const share = async (rounds: number): Promise<number> => {
      const base = build(exactDenoiser([tilted], shares, predicted), rounds);
      const { vector } = (await withParameters(base, (model, parameters) => {
        return model.inpaint?.(parameters, batch, keyFromSeed(2), mask) as Promise<Results>;
      })) as Results;
      const values = Array.from(vector.data, Number);
      expect(values.every((x, i) => i % 2 === 1 || x === Math.fround(known))).toBe(true);
      return values.reduce((sum, x, i) => sum + (i % 2 === 1 ? (x - tilted.mean[1]) / rows / pull : 0), 0);
    };
    // Replacing the known part draws too little on it; steps taken again mend that (Lugmayr et al. 2022).
    const [once, again] = [await share(1), await share(8)];
    expect(once).toBeGreaterThan(0.5);
    expect(Math.abs(again - 1)).toBeLessThan(0.5 * Math.abs(once - 1));
    expect(Math.abs(again - 1)).toBeLessThan(0.1);
  });
});

describe("options out of range are refused", () => {
  const network = exactDenoiser([one], straight, "velocity");
  test.each([
    [{ samplingSteps: 0 }, "samplingSteps: is 0; it must be a whole number from 1 to 1000"],
    [{ labelDropout: 1 }, "labelDropout: is 1; it must be from 0 to below 1"],
    [{ inpaintRounds: 1.5 }, "inpaintRounds: is 1.5; it must be a whole number of at least 1"],
  ])("%j", (options, message) => {
    expect(() => flowMatching({ event, network, ...options })).toThrow(message);
  });
});
