import { expect, test } from "vitest";
import { watchSignals } from "./signal-watch.ts";

const signals = [
  { metric: "diversity", below: 0.3, meaning: "samples are alike; try augment" },
  { metric: "accuracy", above: 0.99, meaning: "the discriminator is too strong" },
];

/** Steps at which something was said, with what. */
function watch(
  values: (step: number) => Readonly<Record<string, number>>,
  steps: number,
): (readonly [number, string])[] {
  const look = watchSignals(signals);
  return Array.from({ length: steps }, (_, i) => i + 1).flatMap((step) =>
    look(step, values(step)).map((message) => [step, message] as const),
  );
}

test("a sign that stays is told once, with its meaning", () => {
  expect(watch(() => ({ diversity: 0.1, accuracy: 0.9 }), 1000)).toEqual([
    [201, "diversity has been below 0.3 for 200 steps (step 201: 0.100): samples are alike; try augment"],
  ]);
});

test("a sign that goes away in between is not told", () => {
  expect(watch((step) => ({ diversity: step % 150 === 0 ? 0.5 : 0.1, accuracy: 0.5 }), 1000)).toEqual([]);
});

test("several signs are counted apart; a metric that is missing shows nothing", () => {
  const told = watch((step) => (step < 300 ? { accuracy: 1 } : { accuracy: 1, diversity: 0 }), 600);
  expect(told.map(([step]) => step)).toEqual([201, 500]);
  expect(told[0][1]).toContain("accuracy has been above 0.99");
});
