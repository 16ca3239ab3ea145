import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { batchIndices, createBatchOrder, prefetch } from "./batches.ts";
import { type Batch, type Dataset, memoryDataset } from "./dataset.ts";

const key = keyFromSeed(3);

function counting(count: number): Dataset {
  const data = Int32Array.from({ length: count }, (_, i) => i);
  return memoryDataset("counting", count, { label: { dtype: "int32", shape: [], data } });
}

describe("which examples", () => {
  test("an epoch uses each example at most once, the next one in another order", () => {
    const epoch = (number: number): number[] =>
      Array.from({ length: 3 }, (_, i) => [...batchIndices(10, 3, key, 3 * number + i)]).flat();
    for (const number of [0, 1, 7]) {
      expect(new Set(epoch(number)).size).toBe(9);
      expect(Math.max(...epoch(number))).toBeLessThan(10);
    }
    expect(epoch(0)).not.toEqual(epoch(1));
    expect(epoch(0)).not.toEqual(Array.from({ length: 9 }, (_, i) => i));
    expect([...batchIndices(10, 3, keyFromSeed(4), 0)]).not.toEqual([...batchIndices(10, 3, key, 0)]);
  });

  test("what is dropped at the end of an epoch differs from epoch to epoch", () => {
    const used = new Set<number>();
    for (let step = 0; step < 30; step++) for (const index of batchIndices(10, 4, key, step)) used.add(index);
    expect(used.size).toBe(10);
  });

  test("the kept order equals the pure one, in sequence, from the middle, and back and forth", () => {
    const argument = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      batch: fc.integer({ min: 1, max: 40 }),
      start: fc.nat({ max: 100 }),
      jumps: fc.array(fc.nat({ max: 100 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(argument, ({ count, batch, start, jumps }) => {
        const size = Math.min(batch, count);
        const order = createBatchOrder(count, size, key);
        expect(order.stepsPerEpoch).toBe(Math.floor(count / size));
        const steps = [...Array.from({ length: 30 }, (_, i) => start + i), ...jumps];
        for (const step of steps) expect(order.at(step)).toEqual(batchIndices(count, size, key, step));
      }),
    );
  });

  test.each([0, -1, 1.5, 11, Number.NaN])("batch size %s of 10 examples is refused with the range", (size) => {
    for (const make of [() => batchIndices(10, size, key, 0), () => createBatchOrder(10, size, key)]) {
      expect(make).toThrow(expect.objectContaining({ code: "config", where: "batchSize" }));
      expect(make).toThrow(
        `batchSize: ${size} is out of range; a whole number from 1 to the number of training examples, 10`,
      );
    }
  });

  test("indices are copies: a caller that changes them does not spoil the epoch", () => {
    const order = createBatchOrder(1000, 10, key);
    order.at(0).fill(0);
    expect(order.at(0)).toEqual(batchIndices(1000, 10, key, 0));
  });
});

describe("ahead of need", () => {
  test("gives the batches of its steps, in order, and ends", async () => {
    const order = createBatchOrder(20, 4, key);
    const seen: number[][] = [];
    for await (const { label } of prefetch(counting(20), order, 3, 12, 3)) seen.push(Array.from(label, Number));
    expect(seen).toEqual(Array.from({ length: 9 }, (_, i) => [...batchIndices(20, 4, key, 3 + i)]));
  });

  test("never holds more than asked for, and has them ready while the step runs", async () => {
    let gathered = 0;
    const inner = counting(20);
    const dataset: Dataset = {
      ...inner,
      gather: (indices) => {
        gathered++;
        return inner.gather(indices);
      },
    };
    let used = 0;
    for await (const _ of prefetch(dataset, createBatchOrder(20, 2, key), 0, 10, 3)) {
      used++;
      expect(gathered - used).toBeLessThanOrEqual(3);
      await new Promise((resolve) => setTimeout(resolve, 2)); // the step
      expect(gathered - used).toBe(Math.min(3, 10 - used));
    }
    expect(used).toBe(10);
  });

  test("stopping early stops gathering; an empty range gives nothing", async () => {
    let gathered = 0;
    const dataset: Dataset = {
      ...counting(20),
      gather: (): Batch => {
        gathered++;
        return {};
      },
    };
    for await (const _ of prefetch(dataset, createBatchOrder(20, 2, key), 0, 1000, 2)) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(gathered).toBeLessThanOrEqual(3);
    for await (const _ of prefetch(dataset, createBatchOrder(20, 2, key), 5, 5)) expect.fail("no steps, no batches");
  });

  test("a failure arrives with its own batch, not before", async () => {
    let calls = 0;
    const dataset: Dataset = {
      ...counting(20),
      gather: async () => {
        if (++calls === 3) throw new Error("disk gone");
        return {};
      },
    };
    let used = 0;
    const run = async (): Promise<void> => {
      for await (const _ of prefetch(dataset, createBatchOrder(20, 2, key), 0, 9, 4)) {
        used++;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    await expect(run()).rejects.toThrow("disk gone");
    expect(used).toBe(2);
  });
});
