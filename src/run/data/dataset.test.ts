import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { type Dataset, memoryDataset, subset } from "./dataset.ts";
import { splitInThree, splitInTwo } from "./splits.ts";

/** Example i has the pair (10 i, 10 i + 1) and the label i. */
function counting(count: number): Dataset {
  const pair = Float32Array.from({ length: 2 * count }, (_, i) => 10 * Math.floor(i / 2) + (i % 2));
  const label = Int32Array.from({ length: count }, (_, i) => i);
  return memoryDataset(
    "counting",
    count,
    { pair: { dtype: "float32", shape: [2], data: pair }, label: { dtype: "int32", shape: [], data: label } },
    ["zero", "one"],
  );
}

async function labels(dataset: Dataset): Promise<number[]> {
  const { label } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
  return Array.from(label, Number);
}

describe("in memory", () => {
  test("gathers in the order asked for, repeats included", async () => {
    const dataset = counting(4);
    expect(dataset.fields).toEqual({ pair: { dtype: "float32", shape: [2] }, label: { dtype: "int32", shape: [] } });
    expect(await dataset.gather([3, 0, 3])).toEqual({
      pair: new Float32Array([30, 31, 0, 1, 30, 31]),
      label: new Int32Array([3, 0, 3]),
    });
    expect(await dataset.gather(new Uint32Array(0))).toEqual({ pair: new Float32Array(0), label: new Int32Array(0) });
  });

  test("refuses arrays of another length and examples that are not there", () => {
    const data = new Uint8Array(5);
    expect(() => memoryDataset("d", 2, { image: { dtype: "uint8", shape: [1, 2, 2], data } })).toThrow(
      "d.image: 5 values; 2 examples of [1, 2, 2] need 8",
    );
    expect(() => counting(4).gather([4])).toThrow("counting: there is no example 4; examples are 0 to 3");
    expect(() => counting(4).gather([-1])).toThrow("there is no example -1");
  });

  test("a subset counts its own examples and keeps the classes", async () => {
    const part = subset(subset(counting(6), [5, 3, 1]), [2, 0], "part");
    expect(part).toMatchObject({ name: "part", count: 2, classes: ["zero", "one"] });
    expect(await labels(part)).toEqual([1, 5]);
    expect(() => part.gather([2])).toThrow("part: there is no example 2; examples are 0 to 1");
    expect(() => subset(part, [2])).toThrow("there is no example 2");
  });
});

describe("splits", () => {
  test("of one list: the last tenth is test, the one before it validation", async () => {
    const { train, validation, test: held, notes } = splitInThree(counting(25));
    expect(await labels(train)).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect(await labels(validation)).toEqual([21, 22]);
    expect(await labels(held)).toEqual([23, 24]);
    expect(notes).toEqual([]);
  });

  test("with a key: shuffled, without overlap, the same each time", async () => {
    const split = (): ReturnType<typeof splitInThree> => splitInThree(counting(40), keyFromSeed(1));
    const { train, validation, test: held } = split();
    const parts = await Promise.all([train, validation, held].map(labels));
    expect(parts.map(({ length }) => length)).toEqual([32, 4, 4]);
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(parts[0]).not.toEqual(Array.from({ length: 32 }, (_, i) => i));
    expect(await labels(split().train)).toEqual(parts[0]);
  });

  test("with a test set: 10,000 of 60,000 are held out, else a tenth", async () => {
    const large = splitInTwo(counting(60_000), counting(3));
    expect([large.train.count, large.validation.count, large.test.count]).toEqual([50_000, 10_000, 3]);
    expect((await labels(large.validation))[0]).toBe(50_000);
    const small = splitInTwo(counting(30), counting(3));
    expect([small.train.count, small.validation.count]).toEqual([27, 3]);
  });

  test("too few to hold any out: the same everywhere, and said so", () => {
    const three = splitInThree(counting(3));
    expect([three.train.count, three.validation.count, three.test.count]).toEqual([1, 1, 1]);
    const two = splitInThree(counting(2));
    expect([two.train.count, two.validation.count, two.test.count]).toEqual([2, 2, 2]);
    expect(two.notes[0]).toMatch(/2 example\(s\) are too few to hold any out/);
    expect(splitInTwo(counting(1), counting(2)).notes[0]).toMatch(/validation is the training data/);
  });
});
