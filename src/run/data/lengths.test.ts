import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { batchIndices, createBatchOrder } from "./batches.ts";
import { memoryDataset } from "./dataset.ts";
import { cutBatch, lengthClasses, shareOf } from "./lengths.ts";

const fields = {
  source: { dtype: "int32", shape: [8] },
  target: { dtype: "int32", shape: [4] },
  label: { dtype: "int32", shape: [] },
} as const;

describe("length classes", () => {
  const lengths = { source: Uint32Array.of(2, 2, 3, 8, 1), target: Uint32Array.of(1, 2, 1, 1, 4) };

  test("the smallest share that holds every sequence of an example", () => {
    const classes = lengthClasses({ count: 5, fields, lengths }, ["source", "target"]);
    expect(classes).toEqual(Uint8Array.of(0, 1, 1, 3, 3));
    expect(shareOf(classes, Uint32Array.of(0))).toBe(1 / 4);
    expect(shareOf(classes, Uint32Array.of(0, 2))).toBe(1 / 2);
    expect(shareOf(classes, Uint32Array.of(0, 3))).toBe(1);
  });

  test("nothing is cut where a family cuts nothing, or lengths are not known", () => {
    expect(lengthClasses({ count: 5, fields, lengths }, [])).toBeUndefined();
    expect(
      lengthClasses({ count: 5, fields, lengths: { source: lengths.source } }, ["source", "target"]),
    ).toBeUndefined();
    expect(shareOf(undefined, Uint32Array.of(1))).toBe(1);
  });

  test("a length beyond the field counts as the whole", () => {
    const beyond = { source: Uint32Array.of(9), target: Uint32Array.of(1) };
    expect(lengthClasses({ count: 1, fields, lengths: beyond }, ["source", "target"])).toEqual(Uint8Array.of(3));
  });
});

test("cutting keeps the beginning of each example and leaves other fields alone", () => {
  const batch = {
    source: Int32Array.from({ length: 16 }, (_, i) => i),
    target: Int32Array.from({ length: 8 }, (_, i) => 100 + i),
    label: Int32Array.of(7, 8),
  };
  const cut = cutBatch(batch, fields, ["source", "target"], 1 / 2);
  expect(cut.fields.source.shape).toEqual([4]);
  expect(cut.fields.target.shape).toEqual([2]);
  expect(cut.batch).toEqual({
    source: Int32Array.of(0, 1, 2, 3, 8, 9, 10, 11),
    target: Int32Array.of(100, 101, 104, 105),
    label: Int32Array.of(7, 8),
  });
  expect(cutBatch(batch, fields, ["source"], 1).batch).toBe(batch);
});

describe("batches by length", () => {
  const count = 1003;
  const size = 10;
  const classes = Uint8Array.from({ length: count }, (_, i) => [0, 0, 0, 1, 1, 2, 3][i % 7]);
  const key = keyFromSeed(5);
  const order = createBatchOrder(count, size, key, classes);
  const epoch = (number: number): Uint32Array[] =>
    Array.from({ length: order.stepsPerEpoch }, (_, i) => order.at(number * order.stepsPerEpoch + i));

  test("each example comes once in an epoch, and both ways to ask agree", () => {
    const seen = epoch(0).flatMap((indices) => Array.from(indices));
    expect(new Set(seen).size).toBe(size * order.stepsPerEpoch);
    for (const step of [0, 31, 32, 99, 100, 157]) {
      expect(batchIndices(count, size, key, step, classes)).toEqual(order.at(step));
    }
  });

  test("batches hold examples of like length, and short ones do not come first", () => {
    const most = epoch(0).map((indices) => indices.reduce((all, index) => Math.max(all, classes[index]), 0));
    const mixed = epoch(0).filter((indices) => new Set(Array.from(indices, (index) => classes[index])).size > 1);
    // At most the three borders between classes in each of four windows.
    expect(mixed.length).toBeLessThanOrEqual(12);
    const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
    expect(Math.abs(mean(most.slice(0, 50)) - mean(most.slice(50)))).toBeLessThan(0.5);
    expect(epoch(1).map(String)).not.toEqual(epoch(0).map(String));
  });

  test("a subset keeps the lengths of its examples", async () => {
    const { subset } = await import("./dataset.ts");
    const data = { ...fields.source, data: new Int32Array(24) };
    const whole = { ...memoryDataset("x", 3, { source: data }), lengths: { source: Uint32Array.of(1, 2, 3) } };
    expect(subset(whole, [2, 0]).lengths).toEqual({ source: Uint32Array.of(3, 1) });
  });
});
