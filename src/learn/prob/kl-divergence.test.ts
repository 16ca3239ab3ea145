import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, type Tensor, tensor, zeros } from "../../core/trace/index.ts";
import { bernoulli } from "./bernoulli.ts";
import { categorical } from "./categorical.ts";
import { gaussian } from "./gaussian.ts";
import { klDivergence, klToStandardNormal } from "./kl-divergence.ts";

/** The interpreter computes in float64, and no constant here is rounded. */
const rounding = 1e-12;

function expectClose(y: Tensor, expected: readonly number[], tolerance = rounding): void {
  const seen = numbersOf(y);
  expect(seen).toHaveLength(expected.length);
  seen.forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(tolerance);
  });
}

/** Mean and variance of log p - log q over samples of p: what KL(p || q) is the expectation of. */
function monteCarlo(differences: readonly number[]): { mean: number; standardError: number } {
  const count = differences.length;
  const mean = differences.reduce((sum, x) => sum + x, 0) / count;
  const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  return { mean, standardError: Math.sqrt(variance / count) };
}

const key = constantKey(keyFromSeed(8));
const count = 20_000;

describe("between Gaussians", () => {
  const means = [0.5, -1, 2];
  const logs = [-1, 0.5, 0];
  const mean = tensor(means, [3]);
  const logVariance = tensor(logs, [3]);
  const p = gaussian(mean, { logVariance });

  test("equals numerical integration", () => {
    const q = gaussian(tensor([0, 1, 2], [3]), { logVariance: tensor([0.25, -0.5, 0.75], [3]) });
    const width = 0.01;
    const expected = means.map((m, i) => {
      const density = (x: number, centre: number, log: number): number =>
        -((x - centre) ** 2) / (2 * Math.exp(log)) - log / 2 - Math.log(2 * Math.PI) / 2;
      let integral = 0;
      for (let x = m - 15; x < m + 15; x += width) {
        const logP = density(x, m, logs[i]);
        integral += Math.exp(logP) * (logP - density(x, i, [0.25, -0.5, 0.75][i])) * width;
      }
      return integral;
    });
    expectClose(klDivergence(p, q), expected, 1e-9);
  });

  test("agrees with Monte Carlo", () => {
    const wide = gaussian(zeros([count]).add(0.5), { logVariance: -1 });
    const q = gaussian(zeros([count]), { scale: 1.5 });
    const x = wide.sample(key);
    const seen = monteCarlo(numbersOf(wide.logProb(x).sub(q.logProb(x))));
    const [analytic] = numbersOf(klDivergence(wide, q));
    expect(Math.abs(seen.mean - analytic)).toBeLessThan(4 * seen.standardError);
  });

  test("to the standard normal is the same in fewer ops, and 0 at itself", () => {
    const standard = gaussian(zeros([3]), { logVariance: 0 });
    expectClose(klToStandardNormal(p), numbersOf(klDivergence(p, standard)));
    expectClose(
      klToStandardNormal(gaussian(mean, { scale: 0.5 })),
      numbersOf(klDivergence(gaussian(mean, { scale: 0.5 }), standard)),
    );
    expect(numbersOf(klToStandardNormal(standard))).toEqual([0, 0, 0]);
    expect(numbersOf(klDivergence(p, p))).toEqual([0, 0, 0]);
  });

  test("its gradient is mean and (variance - 1) / 2", () => {
    const [byMean, byLog] = gradients(klToStandardNormal(p).sum(), [mean, logVariance]);
    expectClose(byMean, means);
    expectClose(
      byLog,
      logs.map((log) => (Math.exp(log) - 1) / 2),
    );
  });

  test("shapes broadcast", () => {
    expect(klDivergence(gaussian(zeros([4, 3]), { scale: 1 }), p).shape).toEqual([4, 3]);
    expect(klToStandardNormal(gaussian(zeros([4, 3]), { logVariance: 0 })).shape).toEqual([4, 3]);
  });
});

describe("between coins", () => {
  const logitsP = [-2, 0.5, 3];
  const logitsQ = [1, 0.25, -1];
  const chance = (l: number): number => 1 / (1 + Math.exp(-l));
  const logits = tensor(logitsP, [3]);
  const p = bernoulli({ logits });
  const q = bernoulli({ logits: tensor(logitsQ, [3]) });
  const divergence = klDivergence(p, q);

  test("is the sum over both sides", () => {
    const expected = logitsP.map((l, i) => {
      const [a, b] = [chance(l), chance(logitsQ[i])];
      return a * Math.log(a / b) + (1 - a) * Math.log((1 - a) / (1 - b));
    });
    expectClose(divergence, expected);
    expectClose(klDivergence(p, p), [0, 0, 0]);
  });

  test("its gradient by p's logits is p (1 - p) times their difference", () => {
    const expected = logitsP.map((l, i) => chance(l) * (1 - chance(l)) * (l - logitsQ[i]));
    expectClose(gradients(divergence.sum(), [logits])[0], expected);
  });

  test("agrees with Monte Carlo", () => {
    const wide = bernoulli({ logits: zeros([count]).add(0.5) });
    const other = bernoulli({ logits: zeros([count]).sub(1) });
    const x = wide.sample(key);
    const seen = monteCarlo(numbersOf(wide.logProb(x).sub(other.logProb(x))));
    const [analytic] = numbersOf(klDivergence(wide, other));
    expect(Math.abs(seen.mean - analytic)).toBeLessThan(4 * seen.standardError);
  });
});

describe("between choices", () => {
  const softmax = (row: readonly number[]): number[] => {
    const total = row.reduce((sum, l) => sum + Math.exp(l), 0);
    return row.map((l) => Math.exp(l) / total);
  };
  const [rowP, rowQ] = [
    [0, 1, -1.5],
    [0.5, -0.25, 2],
  ];
  const logits = tensor(rowP, [1, 3]);
  const p = categorical({ logits });
  const q = categorical({ logits: tensor(rowQ, [1, 3]) });
  const divergence = klDivergence(p, q);
  const [ps, qs] = [softmax(rowP), softmax(rowQ)];
  const expected = ps.reduce((sum, a, k) => sum + a * Math.log(a / qs[k]), 0);

  test("is the sum over classes", () => {
    expect(divergence.shape).toEqual([1]);
    expectClose(divergence, [expected]);
    expectClose(klDivergence(p, p), [0]);
  });

  test("its gradient by p's logits is p (log p - log q - KL)", () => {
    const byLogits = ps.map((a, k) => a * (Math.log(a / qs[k]) - expected));
    expectClose(gradients(divergence.sum(), [logits])[0], byLogits);
  });

  test("agrees with Monte Carlo", () => {
    const wide = categorical({ logits: logits.expand([count, 3]) });
    const other = categorical({ logits: q.logits.expand([count, 3]) });
    const x = wide.sample(key);
    const seen = monteCarlo(numbersOf(wide.logProb(x).sub(other.logProb(x))));
    expect(Math.abs(seen.mean - expected)).toBeLessThan(4 * seen.standardError);
  });
});

test("densities of different kinds have no analytic divergence", () => {
  const [coin, normal] = [bernoulli({ logits: zeros([1]) }), gaussian(zeros([1]), { scale: 1 })];
  expect(() => klDivergence(coin, normal as never)).toThrow(
    "klDivergence: bernoulli and gaussian; both must be of one kind",
  );
});
