import { expect, test } from "vitest";
import { erf, interpret } from "../../engine/interpreter/index.ts";
import { erfInverse } from "./erf-inverse.ts";
import { tensor } from "./functions.ts";

function inverseOf(numbers: readonly number[]): number[] {
  const { value } = erfInverse(tensor(numbers, [numbers.length]));
  return [...interpret({ inputs: [], outputs: [{ name: "y", value }] }, [])[0].data];
}

test("undoes erf, odd, from the centre to the tails", () => {
  const arguments_ = Array.from({ length: 160 }, (_, i) => 0.02 * (i + 1));
  const images = arguments_.map((x) => Math.fround(erf(x)));
  // What remains of x when erf(x) is rounded to float32: the slope of the inverse times that.
  inverseOf(images).forEach((x, i) => {
    const slope = (Math.sqrt(Math.PI) / 2) * Math.exp(arguments_[i] ** 2);
    expect(Math.abs(x - arguments_[i])).toBeLessThan(1e-6 * arguments_[i] + slope * 2 ** -24);
  });
  expect(inverseOf(images.map((y) => -y))).toEqual(inverseOf(images).map((x) => -x));
  expect(inverseOf([0])).toEqual([0]);
});
