import { describe, expect, test } from "vitest";
import { constant } from "../../core/trace/index.ts";
import { interpret } from "../../engine/interpreter/index.ts";
import { constantRate, cosineDecay, linearWarmUp, type Schedule, schedule, stepDecay, warmUp } from "./schedules.ts";

/** Constants in a graph are float32. */
const constantRounding = 1e-6;

function factorAt(rule: Schedule, step: number): number {
  const factor = rule(constant(step, "uint32"));
  expect([factor.dtype, factor.shape]).toEqual(["float32", []]);
  return interpret({ inputs: [], outputs: [{ name: "factor", value: factor.value }] }, [])[0].data[0];
}

const steps = [0, 1, 2, 5, 9, 10, 11, 19, 20, 29, 30, 31, 1000];

function expectRule(rule: Schedule, formula: (t: number) => number): void {
  for (const t of steps) expect(Math.abs(factorAt(rule, t) - formula(t)), `at ${t}`).toBeLessThan(constantRounding);
}

const cosine = (t: number, total: number, floor: number): number =>
  floor + ((1 - floor) * (1 + Math.cos((Math.PI * Math.min(t, total)) / total))) / 2;

describe("schedules follow their formulas", () => {
  test("constantRate", () => expectRule(constantRate(), () => 1));
  test("cosineDecay", () => {
    expectRule(cosineDecay(30), (t) => cosine(t, 30, 0));
    expectRule(cosineDecay(20, 0.1), (t) => cosine(t, 20, 0.1));
    expect(factorAt(cosineDecay(20, 0.1), 20)).toBeCloseTo(0.1, 6);
  });
  test("stepDecay, exactly at its steps", () => expectRule(stepDecay(10, 0.5), (t) => 0.5 ** Math.floor(t / 10)));
  test("linearWarmUp", () => expectRule(linearWarmUp(10), (t) => Math.min(1, (t + 1) / 10)));
  test("warmUp, and the next schedule from its own step 0", () => {
    expectRule(warmUp(10, cosineDecay(20)), (t) => (t < 10 ? (t + 1) / 10 : cosine(t - 10, 20, 0)));
    expectRule(warmUp(5, stepDecay(10, 0.1)), (t) => (t < 5 ? (t + 1) / 5 : 0.1 ** Math.floor((t - 5) / 10)));
  });
});

describe("schedule from a config", () => {
  test("constant, with and without warm-up", () => {
    expectRule(schedule({ kind: "constant" }), () => 1);
    expectRule(schedule({ kind: "constant", warmUp: 10 }), (t) => Math.min(1, (t + 1) / 10));
  });
  test("cosine, whose total counts the warm-up", () => {
    expectRule(schedule({ kind: "cosine", total: 30, floor: 0.2 }), (t) => cosine(t, 30, 0.2));
    expectRule(schedule({ kind: "cosine", total: 30, warmUp: 10 }), (t) =>
      t < 10 ? (t + 1) / 10 : cosine(t - 10, 20, 0),
    );
  });
  test("step", () => expectRule(schedule({ kind: "step", every: 10, factor: 0.5 }), (t) => 0.5 ** Math.floor(t / 10)));
});

test("numbers outside their range are refused", () => {
  expect(() => cosineDecay(0)).toThrow("cosineDecay: total is 0; it must be at least 1");
  expect(() => cosineDecay(10, 2)).toThrow("cosineDecay: floor is 2; it must be within [0, 1]");
  expect(() => stepDecay(1.5, 0.5)).toThrow("stepDecay: every is 1.5; it must be a whole number of at least 1");
  expect(() => stepDecay(10, 0)).toThrow("stepDecay: factor is 0; it must be within (0, 1]");
  expect(() => linearWarmUp(0)).toThrow("linearWarmUp: steps is 0; it must be at least 1");
  expect(() => warmUp(0.5, constantRate())).toThrow("warmUp: steps is 0.5; it must be a whole number of at least 1");
  expect(() => schedule({ kind: "cosine", total: 10, warmUp: 10 })).toThrow(
    "schedule: warmUp is 10; it must be below total, 10",
  );
});
