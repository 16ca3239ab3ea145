import { afterAll, describe, expect, test } from "vitest";
import { createCpuBackend } from "../../platform/node/index.ts";
import { frechetDistance, frechetFeatureDistance, type Moments, momentsOf } from "./index.ts";
import { normals } from "./normals.fixture.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

function diagonal(mean: readonly number[], variances: readonly number[]): Moments {
  const size = mean.length;
  const covariance = new Float64Array(size * size);
  variances.forEach((variance, i) => {
    covariance[i * size + i] = variance;
  });
  return { mean: Float64Array.from(mean), covariance };
}

describe("frechetDistance: closed forms", () => {
  test("of one dimension: (m1 - m2)^2 + (s1 - s2)^2", () => {
    expect(frechetDistance(diagonal([1], [4]), diagonal([4], [25]))).toBeCloseTo(9 + 9, 9);
  });
  test("of commuting covariances: the sum of one-dimensional ones", () => {
    const a = diagonal([0, 1, 2], [1, 4, 9]);
    const b = diagonal([1, 1, 0], [4, 1, 0]);
    expect(frechetDistance(a, b)).toBeCloseTo(5 + 1 + 1 + 9, 9);
  });
  test("of covariances that do not commute: 2 x 2, where tr sqrt(M) = sqrt(tr M + 2 sqrt(det M))", () => {
    const a = { mean: new Float64Array(2), covariance: Float64Array.of(2, 1, 1, 3) };
    const b = { mean: new Float64Array(2), covariance: Float64Array.of(5, -2, -2, 1) };
    // S1 S2 = [[8, -3], [-1, 1]]: trace 9, determinant (6 - 1) (5 - 4) = 5.
    const expected = 2 + 3 + 5 + 1 - 2 * Math.sqrt(9 + 2 * Math.sqrt(5));
    expect(frechetDistance(a, b)).toBeCloseTo(expected, 9);
    expect(frechetDistance(b, a)).toBeCloseTo(expected, 9);
  });
  test("of a density without extent: |m1 - m2|^2 + tr S", () => {
    const flat = { mean: new Float64Array(2), covariance: new Float64Array(4) };
    const other = { mean: Float64Array.of(3, 4), covariance: Float64Array.of(2, 1, 1, 3) };
    expect(frechetDistance(flat, other)).toBeCloseTo(25 + 5, 9);
    expect(frechetDistance(other, flat)).toBeCloseTo(25 + 5, 9);
  });
});

describe("frechetFeatureDistance", () => {
  test.each([[8], [160]])("of a set with itself is 0, with %i features, also where some are constant", async (size) => {
    const features = normals(1, 300, size);
    for (let i = 0; i < features.count; i++) features.data[i * size] = 7;
    const { covariance } = await momentsOf(features, backend);
    const extent = Array.from({ length: size }, (_, i) => covariance[i * size + i]).reduce((sum, x) => sum + x, 0);
    // Directions that the Cholesky factor leaves out carry 1e-7 of the largest variance at most.
    expect(await frechetFeatureDistance(features, features, backend)).toBeLessThan(1e-6 * extent);
  });
  test("moments: unbiased, the same on host and device", async () => {
    const some = { count: 3, size: 2, data: Float32Array.of(0, 0, 1, 2, 2, 1) };
    const { mean, covariance } = await momentsOf(some, backend);
    expect([...mean]).toEqual([1, 1]);
    expect([...covariance]).toEqual([1, 0.5, 0.5, 1]);
    const wide = normals(2, 700, 130);
    const device = await momentsOf(wide, backend);
    const first = { count: 700, size: 2, data: new Float32Array(1400) };
    for (let i = 0; i < 700; i++) first.data.set(wide.data.subarray(i * 130, i * 130 + 2), 2 * i);
    const host = await momentsOf(first, backend);
    expect(device.covariance[1]).toBeCloseTo(host.covariance[1], 5);
    expect(device.covariance[130]).toBeCloseTo(host.covariance[1], 5);
    expect(device.covariance[131]).toBeCloseTo(host.covariance[3], 5);
  });
  test("of samples agrees with the closed form within its error", async () => {
    const [count, size] = [20_000, 4];
    const [a, b] = [normals(3, count, size), normals(4, count, size)];
    for (let i = 0; i < b.data.length; i++) b.data[i] = 2 * b.data[i] + 1;
    // Each dimension: (0 - 1)^2 + (1 - 2)^2. The mean's error, 2 sqrt(5 / 20000) a dimension, is the largest part.
    const error = Math.sqrt(size) * 2 * (Math.sqrt(5 / count) + Math.sqrt(2.5 / count));
    expect(Math.abs((await frechetFeatureDistance(a, b, backend)) - 2 * size)).toBeLessThan(4 * error);
  });
  test("refuses what cannot be compared", async () => {
    const some = { count: 2, size: 2, data: Float32Array.of(0, 0, 1, 1) };
    const other = { count: 2, size: 1, data: Float32Array.of(0, 1) };
    await expect(frechetFeatureDistance(some, other, backend)).rejects.toThrow(
      "fid: samples have 2 features, the reference 1; both must come from one extractor",
    );
    const broken = { count: 2, size: 2, data: Float32Array.of(0, 0, Number.NaN, 1) };
    await expect(frechetFeatureDistance(broken, some, backend)).rejects.toThrow("number 0 of example 1 is NaN");
    const one = { count: 1, size: 2, data: Float32Array.of(0, 0) };
    await expect(frechetFeatureDistance(one, some, backend)).rejects.toThrow("1 examples; it takes at least 2");
    expect(() => frechetDistance(diagonal([0], [1]), diagonal([0, 0], [1, 1]))).toThrow("moments of 1 and 2 features");
  });
});
