import { describe, expect, test } from "vitest";
import { noiseLevelAt, noiseSchedule, noiseScheduleNames, timeOfNoise } from "./index.ts";

describe("noiseSchedule", () => {
  test("linear: betas are evenly spaced from 1e-4 to 0.02", () => {
    const { alphaBars } = noiseSchedule("linear", 1000);
    const betas = alphaBars.map((share, t) => 1 - share / (t === 0 ? 1 : alphaBars[t - 1]));
    expect(betas[0]).toBeCloseTo(1e-4, 12);
    expect(betas[999]).toBeCloseTo(0.02, 12);
    betas.slice(2).forEach((beta, i) => {
      expect(beta - betas[i + 1]).toBeCloseTo(0.0199 / 999, 12);
    });
    // log prod (1 - beta) = -sum beta - sum beta^2 / 2 - ..., summed here to the fourth power.
    const series = betas.reduce((sum, b) => sum - b - b ** 2 / 2 - b ** 3 / 3 - b ** 4 / 4, 0);
    expect(Math.log(alphaBars[999])).toBeCloseTo(series, 5);
  });
  test("cosine: abar is the squared cosine, but for the last step, which leaves a thousandth", () => {
    const total = 1000;
    const { alphaBars } = noiseSchedule("cosine", total);
    const angle = (u: number): number => ((u + 0.008) / 1.008) * (Math.PI / 2);
    alphaBars.slice(0, -1).forEach((share, t) => {
      expect(share).toBeCloseTo((Math.cos(angle((t + 1) / total)) / Math.cos(angle(0))) ** 2, 10);
    });
    expect(alphaBars[total - 1]).toBeCloseTo(alphaBars[total - 2] * 0.001, 12);
  });
  test("fewer steps end at nearly the same noise", () => {
    const ends = [1000, 250].map((steps) => Math.log(noiseSchedule("linear", steps).alphaBars[steps - 1]));
    // Higher powers of the betas, which are four times as large.
    expect(Math.abs(ends[0] - ends[1])).toBeLessThan(0.25);
  });
  test("less than two steps are refused", () => {
    for (const steps of [1, 2.5]) {
      expect(() => noiseSchedule("cosine", steps)).toThrow(
        `noiseSchedule: ${steps} steps; give a whole number of at least 2`,
      );
    }
  });
});

describe.each(noiseScheduleNames)("levels of %s", (name) => {
  const schedule = noiseSchedule(name, 100);

  test("at steps they are the table's, and signal and noise are of variance 1", () => {
    for (const t of [0, 17, 99]) {
      const { signal, noise } = noiseLevelAt(schedule, t);
      expect(signal ** 2).toBeCloseTo(schedule.alphaBars[t], 12);
      expect(signal ** 2 + noise ** 2).toBeCloseTo(1, 12);
    }
  });
  test("between steps they lie between", () => {
    const [before, between, after] = [41, 41.25, 42].map((t) => noiseLevelAt(schedule, t).noise);
    expect(between).toBeGreaterThan(before);
    expect(between).toBeLessThan(after);
  });
  test("a time is found by its noise", () => {
    for (const t of [0.5, 3, 41.25, 98]) {
      const { signal, noise } = noiseLevelAt(schedule, t);
      expect(timeOfNoise(schedule, noise / signal)).toBeCloseTo(t, 6);
    }
    expect(timeOfNoise(schedule, 1e-9)).toBe(0);
    expect(timeOfNoise(schedule, 1e9)).toBe(99);
  });
});
