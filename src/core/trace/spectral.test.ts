import { describe, expect, test } from "vitest";
import { interpret } from "../../engine/interpreter/index.ts";
import { range, tensor } from "./functions.ts";
import {
  frame,
  hannWindow,
  hertzOf,
  type MelScale,
  melFilterbank,
  melOf,
  realFourier,
  shortTimeFourier,
  spectrumMagnitude,
  spectrumPower,
} from "./spectral.ts";
import type { Tensor } from "./tensor.ts";

function numbersOf({ value }: Tensor): number[] {
  return [...interpret({ inputs: [], outputs: [{ name: "y", value }] }, [])[0].data];
}

/** The tables are float32: 6e-8 for each of up to 24 terms of size 1. */
function expectClose(seen: readonly number[], expected: readonly number[], digits = 5): void {
  expect(seen.length).toBe(expected.length);
  for (const [i, number] of expected.entries()) expect(seen[i]).toBeCloseTo(number, digits);
}

describe("frame", () => {
  test.each([
    [
      "the hop divides the size",
      4,
      2,
      [
        [0, 1, 2, 3],
        [2, 3, 4, 5],
        [4, 5, 6, 7],
        [6, 7, 8, 9],
      ],
    ],
    [
      "it does not",
      5,
      2,
      [
        [0, 1, 2, 3, 4],
        [2, 3, 4, 5, 6],
        [4, 5, 6, 7, 8],
      ],
    ],
    [
      "samples are left out at the end",
      4,
      3,
      [
        [0, 1, 2, 3],
        [3, 4, 5, 6],
        [6, 7, 8, 9],
      ],
    ],
    [
      "windows do not overlap",
      2,
      4,
      [
        [0, 1],
        [4, 5],
        [8, 9],
      ],
    ],
    ["one window", 10, 1, [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]],
    ["a hop longer than the signal", 3, 50, [[0, 1, 2]]],
    ["single samples", 1, 3, [[0], [3], [6], [9]]],
  ])("%s", (_, size, hop, expected) => {
    const frames = frame(range(10), size, hop);
    expect(frames.shape).toEqual([expected.length, size]);
    expect(numbersOf(frames)).toEqual(expected.flat());
  });
  test("leading axes stay", () => {
    const frames = frame(range(12).reshape([2, 1, 6]), 4, 2);
    expect(frames.shape).toEqual([2, 1, 2, 4]);
    expect(numbersOf(frames)).toEqual([0, 1, 2, 3, 2, 3, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11]);
  });
  test("refuses what holds no window", () => {
    const right = "its last axis must hold one";
    expect(() => frame(range(3), 4, 1)).toThrow(`frame: windows of 4 samples in [3]; ${right}`);
    expect(() => frame(range(3).sum(), 1, 1)).toThrow(`frame: windows of 1 samples in []; ${right}`);
    expect(() => frame(range(3), 0, 1)).toThrow("frame: the size is 0; it must be a whole number from 1 up");
    expect(() => frame(range(3), 2, 0.5)).toThrow("frame: the hop is 0.5; it must be a whole number from 1 up");
  });
});

describe("realFourier", () => {
  test.each([1, 2, 5, 8, 12])("of %d samples is the sum that defines it", (size) => {
    const samples = Array.from({ length: size }, (_, i) => ((i * 7) % 5) / 4 - 0.5);
    const window = Array.from({ length: size }, (_, i) => 1 + (i % 3) / 4);
    const frequencies = Array.from({ length: Math.floor(size / 2) + 1 }, (_, k) => k);
    const direct = (wave: (angle: number) => number): number[] =>
      frequencies.map((k) =>
        samples.reduce((sum, sample, n) => sum + window[n] * sample * wave((-2 * Math.PI * k * n) / size), 0),
      );
    const { real, imaginary } = realFourier(tensor(samples, [size]), window);
    expectClose(numbersOf(real), direct(Math.cos));
    expectClose(numbersOf(imaginary), direct(Math.sin));
  });
  test("refuses another window", () => {
    expect(() => realFourier(range(4), [1, 1])).toThrow("realFourier: a window of 2 for [4]; it must have 4 factors");
    expect(() => realFourier(tensor([], [0]))).toThrow(
      "realFourier: the last axis is 0; it must be a whole number from 1 up",
    );
  });
});

/**
 * torch.stft(signal, ...).transpose(0, 1) of PyTorch 1.13 in float64, for the signals below: n_fft = 8, hop_length = 4,
 * window = torch.hann_window(8), center = True; n_fft = 10, hop_length = 3, window = torch.hann_window(10,
 * periodic = False), center = False.
 */
describe("shortTimeFourier is torch.stft", () => {
  test("centered", () => {
    const signal = Array.from({ length: 24 }, (_, i) => Math.sin(0.3 * i) + 0.5 * Math.cos(0.055 * i * i));
    const { real, imaginary } = shortTimeFourier(tensor(signal, [24]), { size: 8, hop: 4 });
    expect(real.shape).toEqual([7, 5]);
    expectClose(numbersOf(real), [
      ...[3.267638, -1.206009, -0.552591, 0.206009, -0.162456, 4.319732, -2.52471, 0.336865, 0.02348, 0.008996],
      ...[1.659489, -0.495506, -0.424345, 0.073834, 0.032546, -1.491626, 0.984581, -0.233968, -0.03357, 0.05754],
      ...[-3.554146, 1.964763, -0.220749, -0.02957, 0.125258, -0.987479, 0.625004, -0.698444, 0.933787, -0.733216],
      ...[0.637815, -0.694067, 0.566329, -0.012456, -0.357426],
    ]);
    expectClose(numbersOf(imaginary), [
      ...[0, 0, 0, 0, 0, 0, -0.256035, 0.0537, 0.021648, 0, 0, -0.288876, -0.019484, -0.009423, 0],
      ...[0, -1.718755, 1.157985, -0.24477, 0, 0, -0.236612, 0.926087, -0.699977, 0],
      ...[0, 0.979212, -0.286104, 0.110786, 0, 0, -0.570875, -0.174897, 0.561783, 0],
    ]);
  });
  test("not centered, with a window that ends in 0", () => {
    const signal = Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 11 - 0.4);
    const options = { size: 10, hop: 3, window: hannWindow(10, false), center: false };
    const { real, imaginary } = shortTimeFourier(tensor(signal, [1, 24]), options);
    expect(real.shape).toEqual([1, 5, 6]);
    expectClose(numbersOf(real), [
      ...[0.586364, -0.286268, -0.317883, 0.742495, -0.504306, 0.145561],
      ...[0.177273, -0.062431, -0.333112, 0.739077, -0.504951, 0.145561],
      ...[-0.11484, 0.197554, -0.442979, 0.641023, -0.469447, 0.262538],
      ...[0.445915, -0.548455, 0.511638, -0.332241, 0.499754, -0.707308],
      ...[0.45, -0.196939, 0.162142, -0.669925, 0.626788, -0.294132],
    ]);
    expectClose(numbersOf(imaginary), [
      ...[0, -0.240891, 0.030419, 0.339349, -0.475007, 0, 0, -0.168162, 0.019355, 0.334645, -0.476991, 0],
      ...[0, 0.01582, 0.077048, 0.261184, -0.590228, 0, 0, 0.088549, 0.065983, 0.25648, -0.592212, 0],
      ...[0, -0.231675, -0.187941, 0.494635, -0.201243, 0],
    ]);
  });
  test("by default with a hop of a quarter", () => {
    expect(shortTimeFourier(range(32), { size: 8 }).real.shape).toEqual([17, 5]);
    expect(shortTimeFourier(range(3), { size: 3 }).real.shape).toEqual([3, 2]);
  });
  test("refuses a signal that cannot be mirrored", () => {
    expect(() => shortTimeFourier(range(4), { size: 8 })).toThrow(
      "pad: 4 before and 4 after by reflect along axis 0 of [4]; at most one less than its size",
    );
  });
});

test("power and magnitude", () => {
  const spectrum = { real: tensor([3, 0, -1], [3]), imaginary: tensor([4, 0, 0], [3]) };
  expect(numbersOf(spectrumPower(spectrum))).toEqual([25, 0, 1]);
  expectClose(numbersOf(spectrumMagnitude(spectrum)), [5, 1e-10, 1], 12);
});

test("Hann windows", () => {
  expectClose(hannWindow(4), [0, 0.5, 1, 0.5], 12);
  expectClose(hannWindow(5, false), [0, 0.5, 1, 0.5, 0], 12);
  expect(hannWindow(1, false)).toEqual([1]);
  expect(() => hannWindow(0)).toThrow("hannWindow: the size is 0; it must be a whole number from 1 up");
});

describe("mel", () => {
  test("scales agree with librosa's documented numbers and with HTK's formula", () => {
    expectClose(
      [60, 110, 220, 440].map((hertz) => melOf(hertz)),
      [0.9, 1.65, 3.3, 6.6],
      12,
    );
    expectClose(
      [1, 2, 3, 4, 5].map((mel) => hertzOf(mel)),
      [66.6667, 133.3333, 200, 266.6667, 333.3333],
      4,
    );
    expect(melOf(6400)).toBeCloseTo(15 + 27, 12);
    expect(melOf(1000, "htk")).toBeCloseTo(999.9855, 4);
    expect(melOf(700, "htk")).toBeCloseTo(2595 * Math.log10(2), 12);
  });
  test.each(["htk", "slaney"] as const)("%s: hertz and back", (scale: MelScale) => {
    for (const hertz of [0, 20, 999, 1000, 1001, 8000])
      expect(hertzOf(melOf(hertz, scale), scale)).toBeCloseTo(hertz, 8);
  });
  test("triangles overlap so that they add up to 1 between the outer centers", () => {
    const [sampleRate, size, bands] = [16_000, 512, 20];
    for (const scale of ["htk", "slaney"] as const) {
      const weights = melFilterbank({ sampleRate, size, bands, scale, areaNormalized: false });
      expect(weights.shape).toEqual([257, bands]);
      const sums = numbersOf(weights.sum(1));
      const step = melOf(8000, scale) / (bands + 1);
      const inner = sums.filter((_, k) => {
        const hertz = (k * sampleRate) / size;
        return hertz >= hertzOf(step, scale) && hertz <= hertzOf(step * bands, scale);
      });
      expect(inner.length).toBeGreaterThan(200);
      expectClose(
        inner,
        inner.map(() => 1),
      );
    }
  });
  test("areas are 1", () => {
    const options = { sampleRate: 16_000, size: 4096, bands: 12, low: 300, high: 7000 };
    const areas = numbersOf(
      melFilterbank(options)
        .sum(0)
        .mul(16_000 / 4096),
    );
    // A triangle sampled at 20 or more places.
    for (const area of areas) expect(area).toBeCloseTo(1, 2);
  });
  test("weights by hand", () => {
    // Up to 1000 Hz the slaney scale is linear: 3 bands between 0 and 800 Hz have centers at 200, 400, 600 Hz.
    const options = { sampleRate: 1600, size: 16, bands: 3, high: 800, areaNormalized: false };
    expectClose(numbersOf(melFilterbank(options).transpose()), [
      ...[0, 0.5, 1, 0.5, 0, 0, 0, 0, 0],
      ...[0, 0, 0, 0.5, 1, 0.5, 0, 0, 0],
      ...[0, 0, 0, 0, 0, 0.5, 1, 0.5, 0],
    ]);
    const normalized = numbersOf(melFilterbank({ ...options, areaNormalized: true }).transpose());
    expect(normalized[2]).toBeCloseTo(2 / 400, 8);
  });
  test("refuses frequencies that do not ascend", () => {
    const refused =
      (low: number, high: number): (() => unknown) =>
      () =>
        melFilterbank({ sampleRate: 100, size: 8, bands: 2, low, high });
    const right = "ascend within 0 to 50 Hz";
    expect(refused(30, 20)).toThrow(`melFilterbank: from 30 to 20 Hz at 100 samples a second; ${right}`);
    expect(refused(0, 60)).toThrow(`melFilterbank: from 0 to 60 Hz at 100 samples a second; ${right}`);
    expect(() => melFilterbank({ sampleRate: 100, size: 8, bands: 0 })).toThrow(
      "melFilterbank: the number of bands is 0; it must be a whole number from 1 up",
    );
  });
});
