import { afterAll, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { createCpuBackend } from "../../platform/node/index.ts";
import { type Features, kernelDistance } from "./index.ts";
import { normals } from "./normals.fixture.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const key = keyFromSeed(0);

/** The estimator as it is defined, term by term. */
function plain(x: Features, y: Features): number {
  const row = ({ size, data }: Features, i: number): Float32Array => data.subarray(i * size, (i + 1) * size);
  const kernel = (a: Float32Array, b: Float32Array): number =>
    (a.reduce((sum, value, d) => sum + value * b[d], 0) / a.length + 1) ** 3;
  const mean = (a: Features, b: Features): number => {
    let [sum, terms] = [0, 0];
    for (let i = 0; i < a.count; i++) {
      for (let j = 0; j < b.count; j++) {
        if (a === b && i === j) continue;
        sum += kernel(row(a, i), row(b, j));
        terms++;
      }
    }
    return sum / terms;
  };
  return mean(x, x) + mean(y, y) - 2 * mean(x, y);
}

test("one subset of everything is the unbiased estimator, term by term", async () => {
  const [x, y] = [normals(1, 40, 6), normals(2, 40, 6)];
  const { value, subsetSize } = await kernelDistance(x, y, { backend, key, subsets: 1 });
  expect(subsetSize).toBe(40);
  expect(value).toBeCloseTo(plain(x, y), 5);
});

test("of two points a side, by hand: (0, 1) and (1, 2) in one dimension", async () => {
  // Kernel (x y + 1)^3: within x: 1; within y: 27; across: 1, 1, 8, 27.
  const x = { count: 2, size: 1, data: Float32Array.of(0, 1) };
  const y = { count: 2, size: 1, data: Float32Array.of(1, 2) };
  const { value } = await kernelDistance(x, y, { backend, key, subsets: 3 });
  expect(value).toBeCloseTo(1 + 27 - (2 * (1 + 1 + 8 + 27)) / 4, 5);
});

test("of densities with known moments: the closed form within its error", async () => {
  // In one dimension E k(x, y) = E[(xy)^3] + 3 E[(xy)^2] + 3 E[xy] + 1, of moments m1, m2, m3 of each side.
  const expected = (a: readonly number[], b: readonly number[]): number =>
    a[2] * b[2] + 3 * a[1] * b[1] + 3 * a[0] * b[0] + 1;
  const standard = [0, 1, 0];
  const moved = [1, 2, 4]; // N(1, 1)
  const distance = expected(standard, standard) + expected(moved, moved) - 2 * expected(standard, moved);
  const [x, y] = [normals(3, 2000, 1), normals(4, 2000, 1)];
  for (let i = 0; i < y.count; i++) y.data[i] += 1;
  const { value, standardError } = await kernelDistance(x, y, { backend, key, subsets: 1, subsetSize: 2000 });
  expect(standardError).toBeNaN();
  // The third moment's error dominates: 2 * 4 * sqrt(var(y^3) / 2000), var(y^3) = 76 - 16.
  expect(Math.abs(value - distance)).toBeLessThan(4 * 8 * Math.sqrt(60 / 2000));
  const same = await kernelDistance(x, normals(5, 2000, 1), { backend, key, subsets: 10, subsetSize: 200 });
  expect(Math.abs(same.value)).toBeLessThan(distance / 50);
  expect(same.standardError).toBeGreaterThan(0);
});

test("refuses impossible subsets", async () => {
  const x = normals(1, 4, 2);
  await expect(kernelDistance(x, x, { backend, key, subsets: 0 })).rejects.toThrow("kid: 0 subsets of 1000");
});
