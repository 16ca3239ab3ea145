import { expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { constant, tensor } from "../../core/trace/index.ts";
import { averageWeights } from "./average-weights.ts";

/** Constants in a graph are float32. */
const constantRounding = 1e-6;

const average = { a: tensor([1, 2], [2]), b: [tensor([-4], [1])] };
const parameters = { a: tensor([3, 0], [2]), b: [tensor([4], [1])] };

function expectAverage(moved: typeof average, decay: number): void {
  const blend = (before: number, now: number): number => decay * before + (1 - decay) * now;
  const expected = [blend(1, 3), blend(2, 0), blend(-4, 4)];
  [...numbersOf(moved.a), ...numbersOf(moved.b[0])].forEach((number, i) => {
    expect(Math.abs(number - expected[i])).toBeLessThan(constantRounding);
  });
}

test("moves by 1 - decay towards the parameters", () => {
  expectAverage(averageWeights(average, parameters, 0.9), 0.9);
  expectAverage(averageWeights(average, parameters, 0.999), 0.999);
});

test("with a step it forgets its start sooner", () => {
  for (const t of [0, 1, 10, 100]) {
    const moved = averageWeights(average, parameters, 0.9, constant(t, "uint32"));
    expectAverage(moved, Math.min(0.9, (1 + t) / (10 + t)));
  }
});

test("decay outside its range and other structures are refused", () => {
  expect(() => averageWeights(average, parameters, 1.1)).toThrow(
    "averageWeights: decay is 1.1; it must be within [0, 1]",
  );
  const longer = { a: parameters.a, b: [...parameters.b, tensor([1], [1])] };
  expect(() => averageWeights(average, longer, 0.9)).toThrow("optim: trees differ, nothing and b.1");
});
