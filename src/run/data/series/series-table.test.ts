import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { readSeriesTable, type SeriesTable, type SeriesTableOptions } from "./series-table.ts";

async function read(content: string, options?: SeriesTableOptions, name = "a.csv"): Promise<SeriesTable> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-series-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), name.endsWith(".gz") ? gzipSync(content) : content);
  return readSeriesTable(join(folder, name), options);
}

const numbers = ({ values }: SeriesTable): readonly (readonly number[])[] => values.map((series) => [...series]);
const dayMs = 86_400_000;

test("dates and several columns; text is left out", async () => {
  const table = await read(
    "date,load,place,temp\n2020-02-28,1,here,-1.5\n2020-02-29,2,there,2e1\n2020-03-01,3,here,0\n",
    {},
    "power.csv.gz",
  );
  expect(table.name).toBe("power");
  expect(table.columns).toEqual(["load", "temp"]);
  expect(numbers(table)).toEqual([
    [1, 2, 3],
    [-1.5, 20, 0],
  ]);
  expect(table.step).toEqual({ unit: "ms", size: dayMs });
  expect([...table.times]).toEqual([28, 29, 30].map((day) => Date.UTC(2020, 1, day)));
  expect(table.notes).toEqual(["left out, as they hold no numbers: place"]);
});

test("without names, with semicolons and decimal commas, with tabs, with a byte order mark", async () => {
  expect(numbers(await read("1949-01;1,5\n1949-02;2\n", { decimalComma: true }))).toEqual([[1.5, 2]]);
  expect((await read("1949-01;1\n1949-02;2\n")).columns).toEqual(["column 2"]);
  expect(numbers(await read("\ufefftime\ty\n0\t1\n0.1\t2\n0.2\t3\n"))).toEqual([[1, 2, 3]]);
});

test("columns are chosen by name; the time column may stand anywhere", async () => {
  const content = "a,when,b\n1,2020-01-01,4\n2,2020-01-02,5\n";
  expect(numbers(await read(content))).toEqual([
    [1, 2],
    [4, 5],
  ]);
  const chosen = await read(content, { time: "a", columns: ["b"] });
  expect([chosen.step, chosen.columns]).toEqual([{ unit: "number", size: 1 }, ["b"]]);
});

test("months, quarters, years and ends of months are regular", async () => {
  const sizes = async (...dates: readonly string[]): Promise<unknown> =>
    (await read(dates.map((date, i) => `${date},${i}`).join("\n"))).step;
  expect(await sizes("2020-01", "2020-02", "2020-03", "2020-04")).toEqual({ unit: "month", size: 1 });
  expect(await sizes("2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30")).toEqual({ unit: "month", size: 1 });
  expect(await sizes("2020-02-15", "2020-05-15", "2020-08-15")).toEqual({ unit: "month", size: 3 });
  expect(await sizes("2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01")).toEqual({ unit: "month", size: 12 });
  const filled = await read("2020-01-31,1\n2020-02-29,2\n2020-03-31,3\n2020-05-31,5\n", { fill: "linear" });
  expect(new Date(filled.times[3]).toISOString().slice(0, 10)).toBe("2020-04-30");
  expect(numbers(filled)).toEqual([[1, 2, 3, 4, 5]]);
});

test("without times rows are steps, and with stepsBy=rows weekends are no gaps", async () => {
  const bare = await read("y\n5\n3\n4\n");
  expect([bare.step.unit, bare.notes]).toEqual(["row", ["there is no time column: each row is a step"]]);
  const days = "date,y\n2024-01-04,1\n2024-01-05,2\n2024-01-08,3\n2024-01-09,4\n";
  await expect(read(days)).rejects.toThrow(
    /a\.csv: 2 steps are missing at one row each 1 day, the first between 2024-01-05 \(line 3\) and 2024-01-08 \(line 4\)/,
  );
  expect(numbers(await read(days, { stepsBy: "rows" }))).toEqual([[1, 2, 3, 4]]);
});

test("gaps and missing cells are filled only when asked, and said", async () => {
  const gap = "t,y,z\n0,1,\n1,2,5\n4,5,8\n5,NaN,9\n";
  await expect(read(gap)).rejects.toThrow(
    /2 steps are missing .* between 1 \(line 3\) and 4 \(line 4\); every step, or fill=linear/,
  );
  await expect(read("t,y\n0,1\n1,\n2,nan\n")).rejects.toThrow(
    /a\.csv: 2 value\(s\) are missing, the first in line 3, y; a number in each cell, or fill=linear or fill=previous$/,
  );
  const linear = await read(gap, { fill: "linear" });
  expect(numbers(linear)).toEqual([
    [1, 2, 3, 4, 5, 5],
    [5, 5, 6, 7, 8, 9],
  ]);
  expect(linear.notes[0]).toMatch(/^filled 6 missing values \(linear\): 2 steps are missing/);
  expect(numbers(await read(gap, { fill: "previous" }))[0]).toEqual([1, 2, 2, 2, 5, 5]);
  await expect(read("t,y,z\n0,1,\n1,2,\n", { fill: "linear" })).rejects.toThrow(/a\.csv, z: all values are missing/);
});

test("times that come twice are an error, or the first or the mean of them", async () => {
  const double = "t,y\n0,1\n1,2\n1,4\n2,\n2,6\n";
  await expect(read(double)).rejects.toThrow(
    "2 time(s) come more than once: 1 stands in line 3 and in line 4; each once",
  );
  const mean = await read(double, { duplicates: "mean" });
  expect(numbers(mean)).toEqual([[1, 3, 6]]);
  expect(mean.notes[0]).toMatch(/^2 time\(s\) come more than once \(mean taken\)/);
  expect(numbers(await read(double, { duplicates: "first", fill: "previous" }))).toEqual([[1, 2, 2]]);
});

test("rows in another order are sorted, and said; constant columns are named", async () => {
  const table = await read("t,y,c\n3,9,7\n2,8,7\n1,7,7\n");
  expect(numbers(table)).toEqual([
    [7, 8, 9],
    [7, 7, 7],
  ]);
  expect(table.notes).toEqual([
    "rows were not in the order of their times (line 3): sorted",
    "warning: c is constant: 7 throughout",
  ]);
});

test("times with rounding lie on a grid", async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `${(i / 30).toFixed(12)},${i}`);
  expect((await read(`t,y\n${lines.join("\n")}\n`)).values[0]).toHaveLength(100);
});

test.each([
  ["", /a\.csv: the table is empty; a line of names, then a time and values/],
  ["date,y\n2020-01-01,1\n", /a\.csv: it has 1 row\(s\); 2 or more/],
  ["date,y\n2020-01-01,1\n2020-01-02\n", /a\.csv:3: the row has 1 cells; 2, as in the first line/],
  ["date,y\n2020-01-01,1\n2020-01-32,1\n", /a\.csv:3, date: "2020-01-32" is no time; a date such as/],
  ["date,y\n2020-01-01,1\n,2\n", /a\.csv:3, date: the time is missing; a date such as/],
  ["date,y\n01/02/2020,1\n02/02/2020,2\n", /a\.csv:2, date: "01\/02\/2020" is no time; a date such as/],
  ["date,y\n2020-01-01,1\n2020-01-02,red\n", /a\.csv:3, y: "red" is no number; a finite number$/],
  ["date;y\n2020-01-01;1,5\n2020-01-02;2\n", /a\.csv:2, y: "1,5" is no number; .*set decimalComma/],
  ["date,y\n2020-01-01,red\n2020-01-02,blue\n", /no column of date, y holds values; beside the time at least one/],
  [
    "date,y\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n2020-01-01 02:00,3\n2020-01-01 03:07,4\n",
    /not regular: most steps are 1 hour, but line 5 comes 67 minutes after line 4; one step throughout/,
  ],
])("%j is refused", async (content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});

test("columns that are not there are named", async () => {
  await expect(read("t,y\n1,2\n2,3\n", { time: "x" })).rejects.toThrow('there is no column "x"; one of t, y');
  await expect(read("t,y\n1,2\n2,3\n", { columns: ["z"] })).rejects.toThrow('there is no column "z"; one of t, y');
});

const shared = resolve(import.meta.dirname, "../../../../../shared/data");

test.skipIf(!existsSync(shared))(
  "files that people have: ETT, airline passengers, temperatures with two days missing",
  async () => {
    const ett = await readSeriesTable(join(shared, "ett/ETTh1.csv.gz"));
    expect([ett.name, ett.columns.length, ett.times.length, ett.step]).toEqual([
      ...["ETTh1", 7, 17_420],
      { unit: "ms", size: 3_600_000 },
    ]);
    expect(ett.values[6][0]).toBeCloseTo(30.531, 5);
    const airline = await readSeriesTable(join(shared, "series/airline-passengers.csv"));
    expect([airline.times.length, airline.step, airline.notes]).toEqual([144, { unit: "month", size: 1 }, []]);
    const temperatures = join(shared, "series/daily-min-temperatures.csv");
    await expect(readSeriesTable(temperatures)).rejects.toThrow(/2 steps are missing .* 1984-12-30 .* 1985-01-01/);
    expect((await readSeriesTable(temperatures, { fill: "linear" })).times).toHaveLength(3652);
  },
);
