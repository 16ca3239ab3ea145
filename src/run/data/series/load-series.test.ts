import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Dataset } from "../dataset.ts";
import { loadSeries, readLastWindows, type SeriesReading } from "./load-series.ts";

const reading: SeriesReading = { context: 4, horizon: 2, stride: 1 };

async function fileOf(name: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-series-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** `a` counts the hours, `b` is 100 more and three times as fast. */
function table(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const day = String(1 + Math.floor(i / 24)).padStart(2, "0");
    return `2026-01-${day} ${String(i % 24).padStart(2, "0")}:00,${i},${100 + 3 * i}`;
  });
  return `time,a,b\n${lines.join("\n")}\n`;
}

/** Past and future of an example in the series' units. */
async function windowOf(dataset: Dataset, index: number): Promise<readonly [past: number[], future: number[]]> {
  const { mean, deviation } = dataset.origins?.(index).scale ?? { mean: Number.NaN, deviation: Number.NaN };
  const { past, future } = await dataset.gather([index]);
  const [a, b] = [past, future].map((values) =>
    Array.from(values as Float32Array, (x) => Math.round(mean + deviation * x) + 0),
  );
  return [a, b];
}

describe("a table of 100 hours", () => {
  test("columns take turns, horizons stay in their part of the time", async () => {
    const splits = await loadSeries(await fileOf("load.csv", table(100)), reading);
    expect(splits.description).toBe("2 series of 100 steps (a, b)");
    // 70 steps hold 65 windows of 6; parts of 10 and 20 steps 9 and 19 horizons of 2.
    expect([splits.train, splits.validation, splits.test].map(({ count }) => count)).toEqual([130, 18, 38]);
    expect(await windowOf(splits.train, 0)).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
    expect(await windowOf(splits.train, 1)).toEqual([
      [100, 103, 106, 109],
      [112, 115],
    ]);
    expect(await windowOf(splits.train, 128)).toEqual([
      [64, 65, 66, 67],
      [68, 69],
    ]);
    expect((await windowOf(splits.validation, 0))[1]).toEqual([70, 71]);
    expect((await windowOf(splits.test, 37))[1]).toEqual([394, 397]);
  });
  test("values are standardized by the training part alone", async () => {
    const { train } = await loadSeries(await fileOf("load.csv", table(100)), reading);
    expect(train.origins?.(0).scale.mean).toBeCloseTo(34.5, 10);
    expect(train.origins?.(0).scale.deviation).toBeCloseTo(Math.sqrt((70 ** 2 - 1) / 12), 10);
  });
  test("an example knows its series, its times, what came and what was known before", async () => {
    const { test: held } = await loadSeries(await fileOf("load.csv", table(100)), reading);
    const origin = held.origins?.(1);
    expect([origin?.series, origin?.season, origin?.history.length]).toEqual(["b", 24, 70]);
    expect([origin?.timeAt(-1), origin?.timeAt(0)]).toEqual(["2026-01-04 07:00", "2026-01-04 08:00"]);
    expect([...(origin?.came ?? [])]).toEqual([340, 343]);
  });
  test("a stride spares training windows and no others; columns may be chosen", async () => {
    const path = await fileOf("load.csv", table(100));
    const splits = await loadSeries(path, { ...reading, stride: 10, columns: ["b"] });
    expect([splits.train, splits.validation, splits.test].map(({ count }) => count)).toEqual([7, 9, 19]);
  });
  test("too short for a window: says how many steps there are", async () => {
    const path = await fileOf("load.csv", table(12));
    const seen = /train, a: 8 steps are too few for a context of 8 and a horizon of 2; 10 or more/;
    await expect(loadSeries(path, { ...reading, context: 8 })).rejects.toThrow(seen);
  });
  test("a constant series is read, with a note", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i},7\n`).join("");
    const { notes, train } = await loadSeries(await fileOf("still.csv", `t,x\n${lines}`), reading);
    expect(notes).toEqual(["warning: x is constant: 7 throughout"]);
    expect([...(await train.gather([0])).past]).toEqual([0, 0, 0, 0]);
  });
});

test("the published split of ETTh1 has 2,785 windows of 96 hours to test on", async () => {
  const lines = Array.from({ length: 14_400 }, (_, i) => `${i},${i % 24}\n`).join("");
  const path = await fileOf("ETTh1.csv", `t,x\n${lines}`);
  const { train, test: held } = await loadSeries(path, { context: 336, horizon: 96, stride: 1 });
  expect([train.count, held.count]).toEqual([8640 - 336 - 96 + 1, 2785]);
});

describe("M4", () => {
  const shared = resolve(import.meta.dirname, "../../../../../shared/data/m4");
  const hourly: SeriesReading = { context: 40, horizon: 48, stride: 1, frequency: "hourly" };

  test.skipIf(!existsSync(shared))(
    "the published values are the test split, the horizon before validation",
    async () => {
      const splits = await loadSeries(shared, hourly);
      expect([splits.validation.count, splits.test.count]).toEqual([414, 414]);
      const [held, tested] = [splits.validation.origins?.(0), splits.test.origins?.(0)];
      expect(tested?.series).toBe("H1");
      expect([...(tested?.history.subarray(-48) ?? [])]).toEqual([...(held?.came ?? [])]);
      expect(tested?.season).toBe(24);
    },
  );
  test.skipIf(!existsSync(shared))("another horizon than the competition's is refused", async () => {
    await expect(loadSeries(shared, { ...hourly, horizon: 12 })).rejects.toThrow("set horizon=48");
    await expect(loadSeries(shared, { ...hourly, context: 900 })).rejects.toThrow(/too few for a context of 900/);
  });
});

test("the ends of a file's series, and the times after it", async () => {
  const { past, origins } = await readLastWindows(await fileOf("load.csv", table(100)), reading);
  expect(past.length).toBe(8);
  const { mean, deviation } = origins[1].scale;
  expect(Array.from(past.subarray(4), (x) => Math.round(mean + deviation * x))).toEqual([388, 391, 394, 397]);
  expect([origins[1].timeAt(-1), origins[1].timeAt(0), origins[1].came]).toEqual([
    ...["2026-01-05 03:00", "2026-01-05 04:00"],
    undefined,
  ]);
  await expect(readLastWindows(await fileOf("load.csv", table(3)), reading)).rejects.toThrow("it has 3 steps");
});
