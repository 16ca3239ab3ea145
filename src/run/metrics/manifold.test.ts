import { afterAll, describe, expect, test } from "vitest";
import { createCpuBackend } from "../../platform/node/index.ts";
import { type Features, type ManifoldScores, manifoldScores, memorization, nearestNeighbours } from "./index.ts";
import { normals } from "./normals.fixture.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

function line(...numbers: number[]): Features {
  return { count: numbers.length, size: 1, data: Float32Array.from(numbers) };
}

/** The four scores as they are defined, one pair after the other. */
function plain(samples: Features, reference: Features, k: number): ManifoldScores {
  const distance = (a: Features, i: number, b: Features, j: number): number => {
    let sum = 0;
    for (let d = 0; d < a.size; d++) sum += (a.data[i * a.size + d] - b.data[j * b.size + d]) ** 2;
    return Math.sqrt(sum);
  };
  const each = <T>({ count }: Features, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
  const radii = (set: Features): number[] =>
    each(set, (i) => each(set, (j) => distance(set, i, set, j)).sort((a, b) => a - b)[k]);
  const share = (hits: readonly boolean[]): number => hits.filter((hit) => hit).length / hits.length;
  const [own, others] = [radii(samples), radii(reference)];
  const balls = each(samples, (i) => each(reference, (j) => distance(samples, i, reference, j) <= others[j]));
  return {
    precision: share(balls.map((inside) => inside.some((is) => is))),
    recall: share(each(reference, (j) => own.some((radius, i) => distance(samples, i, reference, j) <= radius))),
    density: balls.flat().filter((is) => is).length / (k * samples.count),
    coverage: share(each(reference, (j) => balls.some((inside) => inside[j]))),
  };
}

describe("manifoldScores", () => {
  test("on a line, by hand", async () => {
    // Balls of the data with k = 1: 0 and 1 reach 1, 10 reaches 9. Balls of samples: 0.5 reaches 4.5, 5 reaches 4.5, 30 reaches 25.
    const scores = await manifoldScores(line(0.5, 5, 30), line(0, 1, 10), { backend, k: 1 });
    expect(scores.precision).toBeCloseTo(2 / 3, 9);
    expect(scores.recall).toBe(1);
    expect(scores.density).toBeCloseTo(3 / 3, 9);
    expect(scores.coverage).toBe(1);
  });
  test("as defined, on 300 against 200 points in 20 dimensions", async () => {
    const [samples, reference] = [normals(1, 300, 20), normals(2, 200, 20)];
    const expected = plain(samples, reference, 5);
    expect(await manifoldScores(samples, reference, { backend })).toEqual({
      precision: expect.closeTo(expected.precision, 9),
      recall: expect.closeTo(expected.recall, 9),
      density: expect.closeTo(expected.density, 9),
      coverage: expect.closeTo(expected.coverage, 9),
    });
    expect(expected.recall).toBeLessThan(1);
  });
  test("of equal densities coverage is what its authors derive, 1 - (N - 1) ... (N - k) / ((2N - 1) ... (2N - k))", async () => {
    const [count, k] = [1000, 5];
    let missed = 1;
    for (let i = 1; i <= k; i++) missed *= (count - i) / (2 * count - i);
    const { coverage, density } = await manifoldScores(normals(3, count, 3), normals(4, count, 3), { backend, k });
    // Neighbouring balls are covered together: about k times the error of independent ones.
    expect(Math.abs(coverage - (1 - missed))).toBeLessThan(4 * Math.sqrt((k * missed * (1 - missed)) / count));
    expect(Math.abs(density - 1)).toBeLessThan(0.1);
  });
  test("samples far away, and samples in one place", async () => {
    const reference = normals(5, 200, 4);
    const far = { ...reference, data: reference.data.map((value) => value + 100) };
    expect(await manifoldScores(far, reference, { backend })).toEqual({
      precision: 0,
      recall: 0,
      density: 0,
      coverage: 0,
    });
    const origin = { count: 50, size: 4, data: new Float32Array(200) };
    const collapsed = await manifoldScores(origin, reference, { backend });
    expect(collapsed.precision).toBe(1);
    expect(collapsed.recall).toBe(0);
    expect(collapsed.coverage).toBeLessThan(0.5);
    expect(collapsed.density).toBeGreaterThan(1);
  });
  test("too few examples", async () => {
    await expect(manifoldScores(line(0, 1), line(0, 1), { backend })).rejects.toThrow(
      "2 examples; it takes at least 6",
    );
  });
});

describe("nearestNeighbours", () => {
  test("nearest first, with copies at exactly 0", async () => {
    const points = { count: 4, size: 2, data: Float32Array.of(1000, 1000, 1000.5, 1000, 1003, 1004, 0, 0) };
    const queries = { count: 1, size: 2, data: Float32Array.of(1000, 1000) };
    const found = await nearestNeighbours(queries, points, { backend, k: 3 });
    expect([...found.indices]).toEqual([0, 1, 2]);
    expect([...found.distances]).toEqual([0, 0.5, 5]);
  });
  test("none is its own neighbour, but its copy is", async () => {
    const points = line(0, 0, 3);
    const { indices, distances } = await nearestNeighbours(points, points, { backend, k: 1, same: true });
    expect([...indices.subarray(0, 2)]).toEqual([1, 0]);
    expect([...distances]).toEqual([0, 0, 3]);
  });
  test("more neighbours than points", async () => {
    const asked = nearestNeighbours(line(0), line(0, 1), { backend, k: 3 });
    await expect(asked).rejects.toThrow("neighbours: 2 points; at least 3 are needed for 3 neighbours");
  });
});

describe("memorization", () => {
  test("copies and new samples", async () => {
    const [train, test_] = [normals(6, 400, 8), normals(7, 400, 8)];
    const copies = await memorization({ samples: train, train, test: test_ }, { backend });
    expect(copies).toMatchObject({ ratio: 0, shareTooNear: 1 });
    expect([...copies.neighbours.indices.filter((_, at) => at % 3 === 0)]).toEqual(Array.from(Array(400).keys()));
    const fresh = await memorization({ samples: normals(8, 400, 8), train, test: test_ }, { backend });
    expect(Math.abs(fresh.ratio - 1)).toBeLessThan(0.1);
    expect(fresh.shareTooNear).toBeLessThan(0.05);
  });
});
