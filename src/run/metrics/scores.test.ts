import { describe, expect, test } from "vitest";
import { areaUnderRoc, inceptionScore, modeScores, peakSignalToNoise, structuralSimilarity } from "./index.ts";
import { normals } from "./normals.fixture.ts";

describe("inceptionScore", () => {
  test("sure of each, all classes as often: the number of classes", () => {
    expect(inceptionScore(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3, 1).value).toBeCloseTo(3, 9);
  });
  test("all samples alike: 1", () => {
    expect(inceptionScore(Float32Array.of(0.7, 0.3, 0.7, 0.3), 2, 1).value).toBeCloseTo(1, 6);
  });
  test("by hand: (1, 0) and (1/2, 1/2)", () => {
    // p(y) = (3/4, 1/4): KL = ln 4/3 and (ln 2/3 + ln 2) / 2.
    const expected = Math.exp((Math.log(4 / 3) + (Math.log(2 / 3) + Math.log(2)) / 2) / 2);
    expect(inceptionScore(Float32Array.of(1, 0, 0.5, 0.5), 2, 1).value).toBeCloseTo(expected, 6);
  });
  test("splits: mean and deviation", () => {
    const score = inceptionScore(Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0), 2, 2);
    expect(score).toEqual({ value: expect.closeTo(1.5, 9), standardDeviation: expect.closeTo(0.5, 9), splits: 2 });
  });
  test("refuses what are no probabilities", () => {
    expect(() => inceptionScore(Float32Array.of(1, 1), 2, 1)).toThrow("row 0 sums to 2; it must hold probabilities");
    expect(() => inceptionScore(Float32Array.of(1, 0), 2, 2)).toThrow("2 splits of 1 samples");
    expect(() => inceptionScore(Float32Array.of(1), 2, 1)).toThrow("1 probabilities of 2 classes");
  });
});

describe("peakSignalToNoise", () => {
  test("of an error of 0.1 everywhere is 20 dB; of equal images infinite; bytes count from 0 to 1", () => {
    const zero = { shape: [1, 1, 2, 2], data: new Float32Array(4) };
    expect(peakSignalToNoise({ ...zero, data: new Float32Array(4).fill(0.1) }, zero)[0]).toBeCloseTo(20, 5);
    expect(peakSignalToNoise(zero, zero)[0]).toBe(Number.POSITIVE_INFINITY);
    const bytes = { shape: [1, 1, 2, 2], data: Uint8Array.of(255, 0, 0, 0) };
    expect(peakSignalToNoise(bytes, zero)[0]).toBeCloseTo(10 * Math.log10(4), 9);
  });
});

describe("structuralSimilarity", () => {
  const flat = (value: number, side = 16) => ({
    shape: [1, 1, side, side],
    data: new Float32Array(side ** 2).fill(value),
  });
  const noise = (seed: number) => ({ shape: [2, 3, 16, 16], data: normals(seed, 2, 768).data });

  test("of equal images is 1", () => {
    expect(structuralSimilarity(noise(1), noise(1))[1]).toBeCloseTo(1, 9);
  });
  test("of constant images: (2 a b + c1) / (a^2 + b^2 + c1)", () => {
    const [a, b] = [0.25, 0.75];
    const expected = (2 * a * b + 1e-4) / (a * a + b * b + 1e-4);
    expect(structuralSimilarity(flat(a), flat(b))[0]).toBeCloseTo(expected, 6);
    expect(structuralSimilarity(flat(a, 5), flat(b, 5))[0]).toBeCloseTo(expected, 6);
  });
  test("of one bright point under one window, by hand", () => {
    // 11 x 11 has one place. The window's weight in the middle is w: means w and 0, variance w - w^2.
    const weights = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
    const w = (1 / weights.reduce((sum, x) => sum + x, 0)) ** 2;
    const point = flat(0, 11);
    point.data[5 * 11 + 5] = 1;
    const expected = (1e-4 * 9e-4) / ((w * w + 1e-4) * (w - w * w + 9e-4));
    expect(structuralSimilarity(point, flat(0, 11))[0]).toBeCloseTo(expected, 9);
  });
  test("is symmetric, and below 0 for a negative", () => {
    const [a, b] = [noise(1), noise(2)];
    expect(structuralSimilarity(a, b)[0]).toBeCloseTo(structuralSimilarity(b, a)[0], 9);
    // Around one half, so that means agree and structure does not.
    const grey = (factor: number) => ({ ...a, data: a.data.map((value) => 0.5 + factor * value) });
    expect(structuralSimilarity(grey(0.1), grey(-0.1))[0]).toBeLessThan(0);
  });
  test("refuses images of different sizes", () => {
    expect(() => structuralSimilarity(flat(0, 5), flat(0, 6))).toThrow("images [1, 1, 5, 5] and [1, 1, 6, 6]");
  });
});

describe("modeScores", () => {
  const modes = {
    centres: [
      [0, 0],
      [10, 0],
      [0, 10],
    ],
    sigma: 0.5,
  };
  test("counts the nearest mode within 3 sigma", () => {
    const data = Float32Array.of(0, 1.4, 0, 1.6, 10, 0.1, 9, 0, 5, 5);
    const scores = modeScores({ count: 5, size: 2, data }, modes);
    expect(scores).toEqual({ covered: 2, modes: 3, within: 3 / 5, counts: [1, 2, 0] });
  });
  test("of perfect samples in the plane: 1 - e^(-9/2) within 3 sigma", () => {
    const samples = normals(9, 20_000, 2);
    const { within } = modeScores(samples, { centres: [[0, 0]], sigma: 1 });
    const expected = 1 - Math.exp(-4.5);
    expect(Math.abs(within - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 20_000));
  });
  test("refuses centres of another size", () => {
    expect(() => modeScores({ count: 1, size: 1, data: new Float32Array(1) }, modes)).toThrow("a centre of 2 numbers");
  });
});

describe("areaUnderRoc", () => {
  test("by hand, with ties", () => {
    expect(areaUnderRoc([3, 4], [1, 2])).toBe(1);
    expect(areaUnderRoc([1, 2], [3, 4])).toBe(0);
    expect(areaUnderRoc([1, 1], [1, 1])).toBe(0.5);
    // Pairs won: 2 > 1, 2 = 2 (half), 1 = 1 (half), 1 < 2: 2 of 4.
    expect(areaUnderRoc([1, 2], [1, 2])).toBe(0.5);
    expect(areaUnderRoc([0.8, 0.4, 0.4], [0.4, 0.1])).toBeCloseTo((2 + 1.5 + 1.5) / 6, 12);
    expect(areaUnderRoc([Number.POSITIVE_INFINITY], [5])).toBe(1);
  });
  test("of normal scores one deviation apart: Phi(1 / sqrt 2)", () => {
    const [above, below] = [normals(10, 4000, 1).data.map((x) => x + 1), normals(11, 4000, 1).data];
    expect(Math.abs(areaUnderRoc(above, below) - 0.76025)).toBeLessThan(4 * 0.0055);
  });
  test("refuses one kind alone, and NaN", () => {
    expect(() => areaUnderRoc([], [1])).toThrow("0 positive and 1 negative examples");
    expect(() => areaUnderRoc([Number.NaN], [1])).toThrow("a score is NaN");
  });
});
