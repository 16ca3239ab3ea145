import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { resolveData } from "./catalog.ts";
import { type DataSplits, type Dataset, memoryDataset } from "./dataset.ts";
import { firstOfEachClass, narrowSplits, splitSource } from "./narrow.ts";

const folder = mkdtempSync(join(tmpdir(), "galatea-narrow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Examples whose value is their number, with labels in turn. */
function labelled(name: string, count: number): Dataset {
  const data = Float32Array.from({ length: count }, (_, i) => i);
  const label = Int32Array.from({ length: count }, (_, i) => i % 3);
  const fields = {
    vector: { dtype: "float32", shape: [1], data },
    label: { dtype: "int32", shape: [], data: label },
  } as const;
  return memoryDataset(name, count, fields, ["a", "b", "c"]);
}

const splits: DataSplits = {
  name: "letters",
  description: "letters",
  train: labelled("letters train", 30),
  validation: labelled("letters validation", 9),
  test: labelled("letters test", 9),
  notes: [],
};

async function valuesOf(dataset: Dataset): Promise<number[]> {
  const { vector } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
  return Array.from(vector, Number);
}

describe("suffixes", () => {
  test.each([
    ["digits", "digits", []],
    ["digits#perClass=50", "digits", [{ kind: "perClass", value: "50" }]],
    ["./a#b/c#only=x,y", "./a#b/c", [{ kind: "only", value: "x,y" }]],
    [
      "digits#without=3#first=10",
      "digits",
      [
        { kind: "without", value: "3" },
        { kind: "first", value: "10" },
      ],
    ],
    // Not at the end, or of no known kind: part of a path.
    ["./a#first=3/b", "./a#first=3/b", []],
    ["./photos#2", "./photos#2", []],
    ["./photos#last=2", "./photos#last=2", []],
  ])("%s", (source, base, narrowings) => {
    expect(splitSource(source)).toEqual({ base, narrowings });
  });
});

describe("examples that are kept", () => {
  test("first=N: of train and validation, not of test", async () => {
    const { train, validation, test: held } = await narrowSplits(splits, { kind: "first", value: "12" });
    expect([train.count, validation.count, held.count]).toEqual([12, 9, 9]);
    expect(await valuesOf(train)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("perClass=N: the first of each label", async () => {
    const { name, train, validation } = await narrowSplits(splits, { kind: "perClass", value: "2" });
    expect(name).toBe("letters#perClass=2");
    expect(await valuesOf(train)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await valuesOf(validation)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await firstOfEachClass(splits.train, 1)).toEqual([0, 1, 2]);
    expect(await firstOfEachClass(splits.train, 100)).toHaveLength(30);
  });

  test("only and without: labels keep their numbers, and stay in the test split", async () => {
    const only = await narrowSplits(splits, { kind: "only", value: "a,c" });
    expect((await valuesOf(only.train)).every((value) => value % 3 !== 1)).toBe(true);
    const without = await narrowSplits(splits, { kind: "without", value: "a" });
    expect(without.train.count).toBe(20);
    expect(without.train.classes).toEqual(["a", "b", "c"]);
    const { label } = await without.train.gather([0, 1]);
    expect(Array.from(label, Number)).toEqual([1, 2]);
    expect(without.test.count).toBe(9);
  });

  test.each([
    ["first", "0", 'got "0"; it must be a whole number from 1'],
    ["perClass", "many", 'got "many"'],
    ["only", "d", 'letters#only=d: there is no label "d"; labels: a, b, c'],
    ["without", "a,b,c", "leaves nothing of letters train"],
  ] as const)("%s=%s is refused", async (kind, value, message) => {
    await expect(narrowSplits(splits, { kind, value })).rejects.toThrow(message);
  });

  test("without labels only first is possible", async () => {
    const plain = memoryDataset("plain", 4, { vector: { dtype: "float32", shape: [1], data: new Float32Array(4) } });
    const all = { ...splits, train: plain, validation: plain };
    await expect(narrowSplits(all, { kind: "perClass", value: "1" })).rejects.toThrow("its examples have no labels");
    expect((await narrowSplits(all, { kind: "first", value: "2" })).train.count).toBe(2);
  });
});

describe("resolveData", () => {
  test("digits without one of them: their test split has it still", async () => {
    const data = await resolveData("digits#without=3#first=1000");
    expect([data.train.count, data.validation.count, data.test.count]).toEqual([1000, 1000, 10_000]);
    const { label } = await data.train.gather(Array.from({ length: 1000 }, (_, i) => i));
    expect(Array.from(label, Number)).not.toContain(3);
    const tested = await data.test.gather(Array.from({ length: 100 }, (_, i) => i));
    expect(Array.from(tested.label, Number)).toContain(3);
  });

  test("a folder whose name has a #, with a suffix", async () => {
    const path = join(folder, "parts #1");
    for (const label of ["good", "bad"]) {
      mkdirSync(join(path, label), { recursive: true });
      for (let i = 0; i < 10; i++) {
        const image = sharp({ create: { width: 4, height: 4, channels: 3, background: { r: 9 * i, g: 0, b: 0 } } });
        await image.png().toFile(join(path, label, `${i}.png`));
      }
    }
    expect((await resolveData(path)).train.count).toBe(16);
    const { train } = await resolveData(`${path}#only=good`);
    expect(train.count).toBeGreaterThan(5);
    expect(train.count).toBeLessThan(11);
  });
});
