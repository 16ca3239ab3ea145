import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { constantKey, keyFromSeed, leavesOf, treeFromLeaves } from "../../../core/index.ts";
import { type Tensor, tensor } from "../../../core/trace/index.ts";
import { evaluationContext } from "../../nn/index.ts";
import { imageEncoder, imageSights } from "./image-encoder.ts";

/** Vectors of an encoder's places, at first. */
function placesOf(size: number): readonly (readonly number[])[] {
  const encoder = imageEncoder({ shape: [1, 16, 24], channels: [4, size] });
  const { positions } = encoder.init(constantKey(keyFromSeed(0)));
  expect(positions.shape).toEqual([24, size]);
  const numbers = numbersOf(positions);
  return Array.from({ length: 24 }, (_, place) => Array.from(numbers.slice(place * size, (place + 1) * size)));
}

describe("places of an image's map", () => {
  const places = placesOf(16);
  const distance = (a: number, b: number): number => Math.hypot(...places[a].map((x, i) => x - places[b][i]));

  test("are all told apart", () => {
    for (let a = 0; a < 24; a++) for (let b = 0; b < a; b++) expect(distance(a, b)).toBeGreaterThan(0.1);
  });
  test("begin alike where they lie side by side: rows in the first half of the numbers, columns in the second", () => {
    // 4 x 6 places, row by row.
    expect(distance(0, 1)).toBeLessThan(distance(0, 2));
    expect(distance(0, 6)).toBeLessThan(distance(0, 12));
    expect(places[7].slice(0, 8)).toEqual(places[10].slice(0, 8));
    expect(places[7].slice(8)).toEqual(places[19].slice(8));
  });
  test("have numbers without waves where none are left", () => {
    expect(placesOf(6)[5].slice(4)).toEqual([0, 0]);
    expect(placesOf(3)[5]).toEqual([0, 0, 0]);
  });
});

describe.each(imageSights)("a place that sees %s", (sight) => {
  const [side, middle] = [64, 3];
  const wanted = { near: 22, far: 50 }[sight];

  test(`knows ${wanted} pixels of height and width, and stands in their middle`, () => {
    // Every channel adds what it reads, so that nothing is hidden.
    const encoder = imageEncoder({ shape: [1, side, side], channels: [2, 2, 2], sight });
    const { positions, stages } = encoder.init(constantKey(keyFromSeed(0)));
    const ones = treeFromLeaves(
      stages as never,
      leavesOf<Tensor>(stages as never).map(({ value }) => (value.rank === 4 ? value.mul(0).add(0.1) : value)),
    );
    const image = (x: number, y: number): number => {
      const pixels = new Uint8Array(side * side);
      pixels[y * side + x] = 255;
      const input = tensor([...pixels], [1, 1, side, side], "uint8");
      const { places } = encoder.encode({ positions, stages: ones } as never, { image: input }, evaluationContext());
      return numbersOf(places)[(middle * 8 + middle) * 2];
    };
    const nothing = numbersOf(positions)[(middle * 8 + middle) * 2];
    const centre = 8 * middle + 4;
    const seen = Array.from({ length: side }, (_, at) => at).filter((at) => image(at, centre) !== nothing);
    expect([seen[0], seen.at(-1)]).toEqual([Math.max(0, centre - wanted / 2), Math.min(side, centre + wanted / 2) - 1]);
    expect(image(centre, centre)).not.toBe(nothing);
  });
});
