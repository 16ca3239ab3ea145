import { expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, randomNormal, tensor } from "../../../core/trace/index.ts";
import { dependenceNats, remembering } from "./dependence.ts";

const [rows, count, memory] = [4000, 5, 0.8];
const independent = randomNormal(constantKey(keyFromSeed(2)), [rows, count]);
const paths = remembering(independent, tensor([memory], [1]));

test("scores follow one another by the recursion", () => {
  const [from, made] = [numbersOf(independent), numbersOf(paths)];
  for (let row = 0; row < 20; row++) {
    let last = from[row * count];
    for (let t = 0; t < count; t++) {
      if (t > 0) last = memory * last + Math.sqrt(1 - memory ** 2) * from[row * count + t];
      expect(made[row * count + t]).toBeCloseTo(last, 5);
    }
  }
});

test("each is a standard normal number, and two correlate by the memory to the power of their distance", () => {
  const made = numbersOf(paths);
  for (let one = 0; one < count; one++) {
    for (let other = 0; other < count; other++) {
      let product = 0;
      for (let row = 0; row < rows; row++) product += made[row * count + one] * made[row * count + other];
      expect(Math.abs(product / rows - memory ** Math.abs(one - other))).toBeLessThan(0.06);
    }
  }
});

test("no memory is closer to paths than theirs, and it is as much closer as the theory says", () => {
  const natsOf = (guess: number): number => {
    const nats = numbersOf(dependenceNats(paths, tensor([guess], [1])));
    return nats.reduce((sum, value) => sum + value, 0) / nats.length;
  };
  const own = natsOf(memory);
  for (const guess of [0.001, 0.5, 0.7, 0.75, 0.85, 0.95]) expect(natsOf(guess)).toBeGreaterThan(own);
  // The mutual information of neighbours.
  expect(own).toBeCloseTo(0.5 * Math.log(1 - memory ** 2), 1);
  expect(natsOf(1e-6)).toBeCloseTo(0, 4);
});

test("with the scores' own density it is that of the normal distribution with this covariance", () => {
  // Of two numbers by hand: correlation r, density exp(-(a^2 - 2 r a b + b^2) / (2 (1 - r^2))) / (2 pi sqrt(1 - r^2)).
  const [a, b, r] = [0.7, -1.1, 0.6];
  const [nats] = numbersOf(dependenceNats(tensor([a, b], [1, 2]), tensor([r], [1])));
  const alone = (a * a + b * b) / 2 + Math.log(2 * Math.PI);
  const left = 1 - r * r;
  const joint = (a * a - 2 * r * a * b + b * b) / (2 * left) + Math.log(2 * Math.PI * Math.sqrt(left));
  expect(alone + nats).toBeCloseTo(joint, 5);
});
