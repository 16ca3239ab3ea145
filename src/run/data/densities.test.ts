import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { entropyOf, gaussianRing, type PlaneDensity, planeDensities } from "./densities.ts";

const key = keyFromSeed(5);
const densities: readonly (readonly [string, PlaneDensity])[] = Object.entries(planeDensities).map(
  ([name, { density }]) => [name, density],
);

describe.each(densities)("%s", (_, density) => {
  test("a key gives the same points again, and a longer draw begins with the shorter one", () => {
    const points = density.draw(key, 50);
    expect(density.draw(key, 50)).toEqual(points);
    expect(density.draw(key, 80).slice(0, 100)).toEqual(points);
    expect(density.draw(keyFromSeed(6), 50)).not.toEqual(points);
    expect(points.every((x) => Math.abs(x) < 5)).toBe(true);
  });

  test.skipIf(!density.logDensity)("its density integrates to 1", () => {
    // Cells far smaller than the narrowest mode, sigma 0.05.
    const cell = 0.02;
    let sum = 0;
    for (let x = -5 + cell / 2; x < 5; x += cell) {
      for (let y = -5 + cell / 2; y < 5; y += cell) sum += Math.exp(density.logDensity?.(x, y) ?? 0) * cell * cell;
    }
    expect(sum).toBeCloseTo(1, 3);
  });

  test.skipIf(!density.modes)("every mode gets its share, 98.9% of it within 3 sigma", () => {
    const { centres, sigma } = density.modes ?? { centres: [], sigma: 0 };
    const count = 20_000;
    const points = density.draw(key, count);
    const near = centres.map(
      ([x, y]) =>
        Array.from({ length: count }).filter((_, i) => Math.hypot(points[2 * i] - x, points[2 * i + 1] - y) < 3 * sigma)
          .length,
    );
    const expected = (count / centres.length) * (1 - Math.exp(-4.5));
    // Five standard deviations of a binomial count.
    for (const seen of near) expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});

test("entropies are those that can be written down", () => {
  // Of modes that do not overlap: log 8 + log(2 pi e sigma^2).
  const ring = entropyOf(gaussianRing(8, 2, 0.02), key, 20_000);
  const expected = Math.log(8) + Math.log(2 * Math.PI * Math.E * 0.02 ** 2);
  expect(Math.abs((ring?.mean ?? 0) - expected)).toBeLessThan(5 * (ring?.standardError ?? 0));
  expect(ring?.standardError).toBeLessThan(0.02);
  expect(entropyOf(planeDensities.checkerboard.density, key, 1000)?.mean).toBeCloseTo(Math.log(32), 12);
  expect(entropyOf(planeDensities.moons.density, key, 10)).toBeUndefined();
});
