import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { gradients } from "../../../core/autodiff/index.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomUniform, type Tensor } from "../../../core/trace/index.ts";
import { augmentImages, cutOut, scaleContrast, scaleSaturation, shiftBrightness, translate } from "./augment.ts";

const key = constantKey(keyFromSeed(4));
const [batch, channels, side] = [40, 3, 8];
const area = side * side;
const images = randomUniform(constantKey(keyFromSeed(1)), [batch, channels, side, side], -1, 1);
const given = numbersOf(images);

/** The images of a tensor, each a flat [C, H, W]. */
function each(x: Tensor): number[][] {
  const numbers = numbersOf(x);
  return Array.from({ length: batch }, (_, i) => numbers.slice(i * channels * area, (i + 1) * channels * area));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

const before = each(images);

/** Numbers from float32 constants: 1e-6 of 1. */
const rounded = 6;

describe("colour", () => {
  test("brightness adds one number within -0.5 and 0.5 to each image", () => {
    const shifts = each(shiftBrightness(images, key)).map((image, b) => image.map((x, i) => x - before[b][i]));
    for (const shift of shifts) {
      for (const number of shift) expect(number).toBeCloseTo(shift[0], rounded);
      expect(Math.abs(shift[0])).toBeLessThan(0.5);
    }
    expect(Math.abs(mean(shifts.map(([x]) => x)))).toBeLessThan(0.25);
    expect(new Set(shifts.map(([x]) => x.toFixed(4))).size).toBeGreaterThan(30);
  });
  test("saturation keeps each pixel's mean and scales the differences of its colours, by up to 2", () => {
    each(scaleSaturation(images, key)).forEach((image, b) => {
      const factors = Array.from({ length: area }, (_, place) => {
        const colours = (from: readonly number[]): number[] => [0, 1, 2].map((c) => from[c * area + place]);
        const [was, is] = [colours(before[b]), colours(image)];
        expect(mean(is)).toBeCloseTo(mean(was), rounded);
        return (is[0] - is[1]) / (was[0] - was[1]);
      });
      for (const factor of factors) expect(factor).toBeCloseTo(factors[0], 2);
      expect(factors[0]).toBeGreaterThan(0);
      expect(factors[0]).toBeLessThan(2);
    });
  });
  test("contrast keeps each image's mean and scales the distances from it, by 0.5 to 1.5", () => {
    each(scaleContrast(images, key)).forEach((image, b) => {
      const middle = mean(before[b]);
      expect(mean(image)).toBeCloseTo(middle, rounded);
      const factor = (image[0] - middle) / (before[b][0] - middle);
      image.forEach((x, i) => {
        expect(x).toBeCloseTo(middle + factor * (before[b][i] - middle), 4);
      });
      expect(factor).toBeGreaterThan(0.5);
      expect(factor).toBeLessThan(1.5);
    });
  });
});

test("translation moves each image by whole pixels, up to an eighth of its side, and fills with 0", () => {
  const shifts = each(translate(images, key)).map((image, b) => {
    const moved = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const));
    const found = moved.filter(([dy, dx]) =>
      image.every((x, i) => {
        const [c, row, column] = [Math.floor(i / area), Math.floor(i / side) % side, i % side];
        const [y, z] = [row - dy, column - dx];
        const inside = y >= 0 && z >= 0 && y < side && z < side;
        return Math.abs(x - (inside ? before[b][c * area + y * side + z] : 0)) < 1e-6;
      }),
    );
    expect(found).toHaveLength(1);
    return found[0].join();
  });
  expect(new Set(shifts).size).toBeGreaterThan(5);
});

test("a square of half the side is cut out, perhaps over the edge, and the rest is kept", () => {
  const places = each(cutOut(images, key)).map((image, b) => {
    const zeros = Array.from({ length: area }, (_, place) => place).filter((place) => image[place] === 0);
    image.forEach((x, i) => {
      const isCut = zeros.includes(i % area);
      expect(x).toBeCloseTo(isCut ? 0 : before[b][i], rounded);
    });
    const rows = new Set(zeros.map((place) => Math.floor(place / side)));
    const columns = new Set(zeros.map((place) => place % side));
    expect(zeros).toHaveLength(rows.size * columns.size);
    for (const length of [rows.size, columns.size]) {
      expect(length).toBeGreaterThanOrEqual(side / 4);
      expect(length).toBeLessThanOrEqual(side / 2);
    }
    return zeros[0];
  });
  expect(new Set(places).size).toBeGreaterThan(10);
});

test("only what is named is done, and gradients reach every image", () => {
  expect(augmentImages(images, key, [])).toBe(images);
  const changed = augmentImages(images, key, ["cutout", "color", "translation"]);
  expect(changed.shape).toEqual(images.shape);
  expect(numbersOf(changed)).not.toEqual(given);
  for (const image of each(gradients(changed.square().sum(), [images])[0])) {
    expect(image.some((x) => Math.abs(x) > 0.01)).toBe(true);
  }
});
