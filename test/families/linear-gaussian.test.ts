/** A VAE whose density is known in closed form: with linear networks and Gaussian noise, x is Gaussian.
 *
 * x = W z + b + sigma noise, z ~ sum_k w_k N(m_k, diag(v_k)), so x ~ sum_k w_k N(W m_k + b, W diag(v_k) W^T + sigma^2 I).
 * The columns of W are orthogonal: the posterior is then diagonal, which the encoder can be set to exactly. */

import { describe, expect, test } from "vitest";
import { keyFromSeed, type Tensor, type TensorTree, trace } from "../../src/core/index.ts";
import { type HostValue, hostValue, interpret } from "../../src/engine/index.ts";
import { type PriorName, vae } from "../../src/learn/models/index.ts";
import { flatten, linear, reshape, sequential } from "../../src/learn/nn/index.ts";

const shape = [1, 2, 2];
const size = 4;
const latent = 2;
const weight = [
  [0.5, 0.25],
  [0.5, -0.25],
  [-0.5, 0.25],
  [-0.5, -0.25],
];
/** W^T W, which is diagonal. */
const gram = [1, 0.25];
const bias = [0.5, 0.375, 0.625, 0.5];
const logVariance = -2;
const noise = Math.exp(logVariance);
const grey = [
  [0, 128, 255, 51],
  [255, 255, 0, 17],
  [128, 96, 160, 128],
  [0, 0, 0, 255],
  [200, 10, 90, 140],
];
const x = grey.map((image) => image.map((value) => value / 255));

/** The graph's constants, such as 1/255 and log 2 pi, are float32 numbers: 6e-8 of terms of size 10. */
const constantsRounded = 1e-5;

interface Setup {
  readonly prior: PriorName;
  readonly components: number;
  /** Weight and bias of the encoder: [2 latent, 4] and [2 latent]. */
  readonly encoder: { readonly weight: readonly (readonly number[])[]; readonly bias: readonly number[] };
  readonly priorNumbers?: { readonly mean: number[][]; readonly log_variance: number[][]; readonly logits: number[] };
}

/** q(z|x) = N((W^T W + sigma^2)^-1 W^T (x - b), sigma^2 / (W^T W + sigma^2)), under a standard normal prior. */
function exactEncoder(): Setup["encoder"] {
  const rows = gram.map((square, d) => weight.map((row) => row[d] / (square + noise)));
  const offsets = rows.map((row) => -row.reduce((sum, w, i) => sum + w * bias[i], 0));
  const variances = gram.map((square) => Math.log(noise / (square + noise)));
  return { weight: [...rows, ...gram.map(() => [0, 0, 0, 0])], bias: [...offsets, ...variances] };
}

/** The same, a little off in mean and width. */
function wrongEncoder(): Setup["encoder"] {
  const { weight: rows, bias: offsets } = exactEncoder();
  return {
    weight: rows.map((row) => row.map((w) => w * 0.9)),
    bias: offsets.map((b, i) => b + (i < latent ? 0.1 : 0.3)),
  };
}

/** KL(q || p(z|x)) for the wrong encoder. */
function posteriorGap(point: readonly number[]): number {
  const [right, wrong] = [exactEncoder(), wrongEncoder()].map(({ weight: rows, bias: offsets }) =>
    rows.map((row, d) => row.reduce((sum, w, i) => sum + w * point[i], offsets[d])),
  );
  return gram.reduce((sum, _, d) => {
    const ratio = Math.exp(wrong[latent + d] - right[latent + d]);
    const shift = (wrong[d] - right[d]) ** 2 / Math.exp(right[latent + d]);
    return sum + 0.5 * (ratio + shift - 1 - Math.log(ratio));
  }, 0);
}

function matrix(rows: readonly (readonly number[])[]): HostValue {
  return hostValue("float32", [rows.length, rows[0].length], rows.flat());
}

function vector(numbers: readonly number[]): HostValue {
  return hostValue("float32", [numbers.length], numbers);
}

type Outputs = Readonly<Record<"logProb" | "negativeElbo" | "reconstruction" | "kl", Float64Array>>;

/** What the family computes with these parameters, in float64. */
function compute({ prior, components, encoder, priorNumbers }: Setup, samples: number, images = grey): Outputs {
  const family = vae({
    shape,
    latent,
    prior,
    components,
    likelihood: "gaussian",
    networks: {
      encoder: sequential({ flat: flatten(), linear: linear({ inputs: size, outputs: 2 * latent }) }),
      decoder: sequential({ linear: linear({ inputs: latent, outputs: size }), image: reshape(shape) }),
    },
  });
  const values = {
    encoder: { linear: { weight: matrix(encoder.weight), bias: vector(encoder.bias) } },
    decoder: { linear: { weight: matrix(weight), bias: vector(bias) } },
    likelihood: { log_variance: hostValue("float32", [], [logVariance]) },
    prior: priorNumbers
      ? {
          mean: matrix(priorNumbers.mean),
          log_variance: matrix(priorNumbers.log_variance),
          logits: vector(priorNumbers.logits),
        }
      : {},
  };
  const image = hostValue("uint8", [images.length, ...shape], images.flat());
  const key = hostValue("uint32", [2], keyFromSeed(17));
  const inputs: HostValue[] = [];
  const types = JSON.parse(
    JSON.stringify({ parameters: values, image, key }, (_, node: Partial<HostValue>) => {
      if (node.dtype === undefined) return node;
      inputs.push(node as HostValue);
      return { dtype: node.dtype, shape: node.shape };
    }),
  ) as never;
  const { graph } = trace(types, (tree) => {
    const args = tree as unknown as Readonly<Record<string, TensorTree>>;
    const parameters = args.parameters as never;
    const batch = { image: args.image as Tensor };
    const given = args.key as Tensor;
    const scores = family.score?.(parameters, batch, given);
    return { logProb: family.logProb?.(parameters, batch, { key: given, samples }) as Tensor, ...scores };
  });
  const outputs = interpret(graph, inputs);
  return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, outputs[i].data])) as Outputs;
}

/** log N(x; mean, W diag(v) W^T + sigma^2 I): W's columns are eigenvectors, what is orthogonal to them has sigma^2. */
function logGaussian(point: readonly number[], center: readonly number[], variances: readonly number[]): number {
  const error = point.map((value, i) => value - center[i]);
  const square = error.reduce((sum, e) => sum + e * e, 0);
  let rest = square;
  let distance = 0;
  let logDeterminant = (size - latent) * Math.log(noise);
  gram.forEach((length, d) => {
    const along = error.reduce((sum, e, i) => sum + e * weight[i][d], 0) ** 2 / length;
    const variance = length * variances[d] + noise;
    rest -= along;
    distance += along / variance;
    logDeterminant += Math.log(variance);
  });
  return -0.5 * (distance + rest / noise + logDeterminant + size * Math.log(2 * Math.PI));
}

function decode(z: readonly number[]): number[] {
  return weight.map((row, i) => bias[i] + row.reduce((sum, w, d) => sum + w * z[d], 0));
}

function average(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((sum, number) => sum + number / numbers.length, 0);
}

describe("under a standard normal prior", () => {
  const expected = x.map((point) => logGaussian(point, decode([0, 0]), [1, 1]));

  test("with the exact posterior one sample gives log p, and so do many", () => {
    const setup: Setup = { prior: "standard", components: 1, encoder: exactEncoder() };
    for (const samples of [1, 7]) {
      compute(setup, samples).logProb.forEach((seen, i) => {
        expect(Math.abs(seen - expected[i])).toBeLessThan(constantsRounded);
      });
    }
  });
  test("the KL is that to the exact posterior's numbers, and the parts add up", () => {
    const { kl, reconstruction, negativeElbo } = compute(
      { prior: "standard", components: 1, encoder: exactEncoder() },
      1,
    );
    x.forEach((point, i) => {
      const means = gram.map(
        (square, d) => weight.reduce((sum, row, j) => sum + row[d] * (point[j] - bias[j]), 0) / (square + noise),
      );
      const closed = gram.reduce((sum, square, d) => {
        const variance = noise / (square + noise);
        return sum + 0.5 * (means[d] ** 2 + variance - 1 - Math.log(variance));
      }, 0);
      expect(Math.abs(kl[i] - closed)).toBeLessThan(constantsRounded);
      expect(negativeElbo[i]).toBeCloseTo(kl[i] + reconstruction[i], 10);
    });
  });
  test("with another posterior the estimate tends to log p from below", () => {
    const setup: Setup = { prior: "standard", components: 1, encoder: wrongEncoder() };
    const { logProb } = compute(setup, 4000);
    // The weights' relative deviation is about 0.3 here: 0.3 / sqrt(4000) = 0.005, five times over.
    logProb.forEach((seen, i) => {
      expect(Math.abs(seen - expected[i])).toBeLessThan(0.025);
    });
    // One sample estimates the ELBO, which is log p - KL(q || posterior).
    const gaps = x.map((point) => posteriorGap(point));
    expect(average(gaps)).toBeGreaterThan(0.1);
    const repeated = Array.from({ length: 600 }, () => grey).flat();
    // The mean of 3000 estimates that scatter by about 0.5: 0.009, five times over.
    const single = compute(setup, 1, repeated);
    expect(Math.abs(average(single.logProb) - (average(expected) - average(gaps)))).toBeLessThan(0.045);
    expect(Math.abs(average(single.negativeElbo) + average(expected) - average(gaps))).toBeLessThan(0.045);
  });
});

describe("under a mixture prior", () => {
  const priorNumbers = {
    mean: [
      [0.5, -1],
      [-1, 0.25],
      [0, 2],
    ],
    log_variance: [
      [-0.5, 0.25],
      [0.5, -1],
      [0, 0],
    ],
    logits: [0.5, -0.25, 1],
  };
  const total = priorNumbers.logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const expected = x.map((point) =>
    Math.log(
      priorNumbers.logits.reduce((sum, logit, k) => {
        const variances = priorNumbers.log_variance[k].map(Math.exp);
        return sum + (Math.exp(logit) / total) * Math.exp(logGaussian(point, decode(priorNumbers.mean[k]), variances));
      }, 0),
    ),
  );

  test("the estimate agrees with the mixture of Gaussians that x follows", () => {
    const { weight: rows, bias: offsets } = exactEncoder();
    // Wider than the posterior under N(0, I), as the mixture's posteriors lie beside it.
    const wide = offsets.map((b, i) => (i < latent ? b : b + 0.8));
    const { logProb } = compute(
      { prior: "mixture", components: 3, encoder: { weight: rows, bias: wide }, priorNumbers },
      20_000,
    );
    // The weights' relative deviation is about 1 here: 1 / sqrt(8000) = 0.011, five times over.
    logProb.forEach((seen, i) => {
      expect(Math.abs(seen - expected[i])).toBeLessThan(0.055);
    });
  });
});
