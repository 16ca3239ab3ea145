import { expect, test } from "vitest";
import { principalPlane } from "./principal-plane.ts";

test("points of a plane in five dimensions are found again, up to a turn", () => {
  const [u, v] = [
    [0.5, 0.5, 0.5, 0.5, 0],
    [0.5, -0.5, 0.5, -0.5, 0],
  ];
  const count = 200;
  const plane = Array.from({ length: count }, (_, i) => [3 * Math.sin(i), Math.cos(2.7 * i)]);
  const points = Float32Array.from(plane.flatMap(([a, b]) => u.map((x, d) => 7 + a * x + b * v[d])));
  const { points: found, share } = principalPlane(points, count, 5);
  expect(share).toBeCloseTo(1, 6);
  for (let i = 1; i < count; i++) {
    const before = Math.hypot(plane[i][0] - plane[0][0], plane[i][1] - plane[0][1]);
    expect(Math.hypot(found[2 * i] - found[0], found[2 * i + 1] - found[1])).toBeCloseTo(before, 4);
  }
});

test("what lies outside the plane is missing from the share", () => {
  // Variances 4, 1 and 1 along three axes.
  const points = Float32Array.from([2, 0, 0, -2, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1]);
  expect(principalPlane(points, 6, 3).share).toBeCloseTo(10 / 12, 5);
});

test("points of the plane, and points that are all the same, stay as they are", () => {
  const points = Float32Array.of(1, 2, 3, 4);
  expect(principalPlane(points, 2, 2).points).toBe(points);
  expect(principalPlane(new Float32Array(6).fill(3), 2, 3)).toEqual({ points: new Float32Array(4), share: 1 });
});
