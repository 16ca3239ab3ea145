import { expect, test } from "vitest";
import { samplingContender } from "../../bench/sampling-contender.ts";
import { pointFamily } from "../../bench/workloads/points.ts";

test("each step draws other samples, of which the mean square is told", async () => {
  const count = 2000;
  const contender = samplingContender({ family: pointFamily("points/maf"), count });
  const state = await contender.setup({ threads: 2 });
  const squares = [await contender.step(state, 0), await contender.step(state, 1), await contender.step(state, 0)];
  // A fresh flow is the identity: the mean of 4000 squared normal numbers, of variance 2 each.
  const deviation = Math.sqrt(2 / (2 * count));
  for (const square of squares) expect(Math.abs(square - 1)).toBeLessThan(4 * deviation);
  expect(squares[1]).not.toBe(squares[0]);
  expect(squares[2]).toBe(squares[0]);
  expect(contender.parameters?.(state)).toBe(36_932);
  await contender.close?.(state);
});

test("controls are the family's defaults, but for those that are named", async () => {
  const controls = { temperature: 0.5 };
  const contender = samplingContender({ family: pointFamily("points/maf"), count: 2000, controls });
  const state = await contender.setup({ threads: 2 });
  expect(Math.abs((await contender.step(state, 0)) - 0.25)).toBeLessThan(0.04);
  await contender.close?.(state);
});
