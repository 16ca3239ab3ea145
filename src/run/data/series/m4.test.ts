import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { type M4Data, readM4 } from "./m4.ts";

const train = '"V1","V2","V3","V4"\n"Y1","1.5","2",""\n"Y2","1","2","3"\n';
const test6 = (name: string): string => `"${name}",${[1, 2, 3, 4, 5, 6].map((value) => `"${value}"`).join(",")}\n`;
const after = `"V1","V2","V3","V4","V5","V6","V7"\n${test6("Y2")}${test6("Y1")}`;

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "galatea-m4-"));
  onTestFinished(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(path, name), name.endsWith(".gz") ? gzipSync(content) : content);
  }
  return path;
}

test("series of different length, each with its test values, by folder or by file", async () => {
  const path = await folder({ "Yearly-train.csv.gz": train, "Yearly-test.csv": after, "README.md": "x" });
  const data = await readM4(path);
  expect({ ...data, series: data.series.map((one) => [one.name, [...one.train], [...one.test]]) }).toEqual({
    ...{ frequency: "Yearly", season: 1, horizon: 6 },
    series: [
      ["Y1", [1.5, 2], [1, 2, 3, 4, 5, 6]],
      ["Y2", [1, 2, 3], [1, 2, 3, 4, 5, 6]],
    ],
  });
  expect(await readM4(join(path, "Yearly-test.csv"))).toEqual(data);
  expect(await readM4(path, "yearly")).toEqual(data);
});

test.each([
  [{ "Yearly-train.csv": train }, /there is no Yearly-test\.csv; train and test belong together/],
  [{ "a.csv": train }, /it holds no M4 files; files such as Hourly-train\.csv/],
  [
    { "Yearly-train.csv": train, "Yearly-test.csv": after, "Daily-train.csv": train },
    /it holds (Daily, Yearly|Yearly, Daily); files such as .* of one frequency/,
  ],
  [{ "Yearly-train.csv": train, "Yearly-test.csv": after.replace("Y2", "Y3") }, /there is no series Y2/],
  [{ "Yearly-train.csv": train, "Yearly-test.csv": after + test6("Y3") }, /2 series, where Yearly-test\.csv has 3/],
  [{ "Yearly-train.csv": train, "Yearly-test.csv": after + test6("Y1") }, /:4: series Y1 comes twice/],
  [{ "Yearly-train.csv": train, "Yearly-test.csv": `h\n"Y1","1"\n"Y2","1"\n` }, /series Y1 has 1 values; 6 for yearly/],
  [
    { "Yearly-train.csv": train.replace('"2"', '"x"'), "Yearly-test.csv": after },
    /:2, series Y1: value 2 is "x"; a finite/,
  ],
  [{ "Yearly-train.csv": train.replace('"1.5"', '""'), "Yearly-test.csv": after }, /:2, series Y1: value 1 is ""/],
])("files that do not fit are refused (%#)", async (files, message) => {
  await expect(readM4(await folder(files))).rejects.toThrow(message);
});

/** Of a forecast that repeats the last season, in percent. */
function seasonalNaiveSmape({ season, series }: M4Data): number {
  const errors = series.map((one) => {
    const terms = one.test.map((actual, i) => {
      const forecast = one.train[one.train.length - season + (i % season)];
      return (200 * Math.abs(actual - forecast)) / (Math.abs(actual) + Math.abs(forecast));
    });
    return terms.reduce((sum, term) => sum + term, 0) / terms.length;
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

const shared = resolve(import.meta.dirname, "../../../../../shared/data/m4");

test.skipIf(!existsSync(shared))(
  "the competition's files give its published score of the seasonal naive forecast",
  async () => {
    const [hourly, weekly] = [await readM4(shared, "Hourly"), await readM4(shared, "Weekly")];
    expect([hourly.series.length, weekly.series.length]).toEqual([414, 359]);
    expect(seasonalNaiveSmape(hourly)).toBeCloseTo(13.912, 3);
    expect(seasonalNaiveSmape(weekly)).toBeCloseTo(9.161, 3);
  },
);
