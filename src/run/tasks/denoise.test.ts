import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { addNoise, fidelity, medianFilter, toFloats } from "./denoise.ts";

describe("noise", () => {
  const grey = { shape: [1, 1, 200, 200], data: new Float32Array(40_000).fill(0.5) };

  test("is normal: mean, deviation, share within one deviation and no skew", () => {
    const { shape, data } = addNoise(grey, 0.3, keyFromSeed(1));
    expect(shape).toEqual(grey.shape);
    const errors = Array.from(data, (value) => (value - 0.5) / 0.3);
    const meanOf = (power: number): number => errors.reduce((sum, error) => sum + error ** power, 0) / errors.length;
    // Standard errors of 40,000 draws: 0.005 of the mean, 0.0071 of the square, 0.0194 of the cube.
    expect(Math.abs(meanOf(1))).toBeLessThan(0.02);
    expect(Math.abs(meanOf(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(meanOf(3))).toBeLessThan(0.08);
    const within = errors.filter((error) => Math.abs(error) < 1).length / errors.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.01);
  });

  test("is the same of one key, another of another, and neighbours are not alike", () => {
    const { data } = addNoise(grey, 0.3, keyFromSeed(1));
    expect(addNoise(grey, 0.3, keyFromSeed(1)).data).toEqual(data);
    expect(addNoise(grey, 0.3, keyFromSeed(2)).data).not.toEqual(data);
    let products = 0;
    for (let i = 1; i < data.length; i++) products += (data[i] - 0.5) * (data[i - 1] - 0.5);
    expect(Math.abs(products / data.length / 0.09)).toBeLessThan(0.03);
  });

  test("bytes become values from 0 to 1 first", () => {
    const bytes = { shape: [1, 1, 1, 2], data: Uint8Array.of(0, 255) };
    expect(Array.from(toFloats(bytes).data)).toEqual([0, 1]);
    expect(Array.from(addNoise(bytes, 0, keyFromSeed(1)).data)).toEqual([0, 1]);
  });
});

test("the median filter takes a single bright pixel away, and keeps an edge", async () => {
  const side = 5;
  const spot = new Uint8Array(side * side);
  spot[12] = 255;
  // Left two columns dark, the others bright.
  const edge = Uint8Array.from({ length: side * side }, (_, i) => (i % side < 2 ? 51 : 204));
  const data = Uint8Array.from([...spot, ...edge]);
  const filtered = await medianFilter({ shape: [1, 2, side, side], data });
  expect(filtered.shape).toEqual([1, 2, side, side]);
  const values = Array.from(filtered.data, (value) => Math.round(255 * value));
  expect(values.slice(0, 25)).toEqual(Array(25).fill(0));
  expect(values.slice(25)).toEqual(Array.from(edge));
  // Of 3 x 3 values around the middle the fifth smallest: 1 to 9 in any order give 5.
  const mixed = { shape: [1, 1, 3, 3], data: Uint8Array.of(9, 1, 7, 3, 8, 2, 6, 4, 5) };
  expect(Math.round(255 * (await medianFilter(mixed)).data[4])).toBe(5);
});

describe("fidelity", () => {
  test("PSNR is that of the mean squared error of all images", () => {
    const wanted = { shape: [2, 1, 12, 12], data: new Float32Array(288).fill(0.5) };
    // Errors of 0.1 in one image and none in the other: 0.01 / 2 on average.
    const images = { shape: wanted.shape, data: wanted.data.map((value, i) => (i < 144 ? value + 0.1 : value)) };
    expect(fidelity(images, wanted).psnr).toBeCloseTo(-10 * Math.log10(0.005), 4);
  });

  test("values outside of 0 to 1 count as what they would be shown as", () => {
    const wanted = { shape: [1, 1, 12, 12], data: Uint8Array.from({ length: 144 }, (_, i) => (i % 2) * 255) };
    const far = { shape: wanted.shape, data: Float32Array.from(wanted.data, (value) => (value > 0 ? 3 : -2)) };
    const { psnr, ssim } = fidelity(far, wanted);
    expect(psnr).toBe(Number.POSITIVE_INFINITY);
    expect(ssim).toBeCloseTo(1, 5);
  });
});
