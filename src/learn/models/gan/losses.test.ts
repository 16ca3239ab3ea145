import { describe, expect, test } from "vitest";
import { type Tensor, tensor } from "../../../core/trace/index.ts";
import { interpret } from "../../../engine/interpreter/index.ts";
import { type AdversarialLossName, adversarialLosses } from "./losses.ts";

const real = [0.5, -1.25, 2];
const fake = [-0.75, 0.25, 1.5];

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0);
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const relu = (x: number): number => Math.max(0, x);

/** Each loss as its paper writes it, in numbers. */
const written: Readonly<Record<AdversarialLossName, readonly [discriminator: number, generator: number]>> = {
  logistic: [mean(real.map((d) => softplus(-d))) + mean(fake.map(softplus)), mean(fake.map((d) => softplus(-d)))],
  hinge: [mean(real.map((d) => relu(1 - d))) + mean(fake.map((d) => relu(1 + d))), -mean(fake)],
  wasserstein: [mean(fake) - mean(real), -mean(fake)],
  leastSquares: [
    (mean(real.map((d) => (d - 1) ** 2)) + mean(fake.map((d) => d ** 2))) / 2,
    mean(fake.map((d) => (d - 1) ** 2)) / 2,
  ],
  relativistic: [
    mean(real.map((d, i) => softplus(fake[i] - d))), // pairs, not all with all
    mean(real.map((d, i) => softplus(d - fake[i]))),
  ],
};

describe("adversarial losses", () => {
  const value = (of: (real: Tensor, fake: Tensor) => Tensor): number => {
    const result = of(tensor(real, [3]), tensor(fake, [3]));
    return interpret({ inputs: [], outputs: [{ name: "y", value: result.value }] }, [])[0].data[0];
  };

  test.each(Object.entries(written))("%s is what its paper writes", (name, [discriminator, generator]) => {
    const loss = adversarialLosses[name as AdversarialLossName];
    expect(value(loss.discriminator)).toBeCloseTo(discriminator, 6);
    expect(value((ofReal, ofFake) => loss.generator(ofFake, ofReal))).toBeCloseTo(generator, 6);
    const boundary = value(loss.boundary);
    if (name === "relativistic" || name === "wasserstein")
      expect(boundary).toBeCloseTo((mean(real) + mean(fake)) / 2, 6);
    else expect([0, 0.5]).toContain(boundary);
  });
});
