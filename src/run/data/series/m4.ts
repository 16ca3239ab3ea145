/** The files of the M4 competition: many series of different length, one a line. */

import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { readTableRecords, type TableRecord } from "../table-records.ts";

export interface M4Series {
  readonly name: string;
  /** What a forecaster may see. */
  readonly train: Float64Array;
  /** What came after, `horizon` values. */
  readonly test: Float64Array;
}

export interface M4Data {
  /** E.g. `Hourly`. */
  readonly frequency: string;
  /** Steps after which the competition takes a series to repeat. */
  readonly season: number;
  /** Values to forecast. */
  readonly horizon: number;
  readonly series: readonly M4Series[];
}

/** Source: Makridakis, Spiliotis and Assimakopoulos, "The M4 competition", 2020: seasons and horizons. */
const frequencies: Readonly<Record<string, { readonly season: number; readonly horizon: number }>> = {
  Yearly: { season: 1, horizon: 6 },
  Quarterly: { season: 4, horizon: 8 },
  Monthly: { season: 12, horizon: 18 },
  Weekly: { season: 1, horizon: 13 },
  Daily: { season: 1, horizon: 14 },
  Hourly: { season: 24, horizon: 48 },
};
const filePattern = /^(Yearly|Quarterly|Monthly|Weekly|Daily|Hourly)-(train|test)\.csv(\.gz)?$/i;

/** Whether a file's name is one of the competition's. */
export function isM4Name(name: string): boolean {
  return filePattern.test(name);
}

/**
 * The series of one frequency, each with its test values.
 *
 * @param path `Hourly-train.csv`, plain or .gz, with the test file beside it; or a folder with both
 * @param frequency which of those in a folder; needed where there are several
 * @throws GalateaError `data` when a file is missing, lines do not match, or a value is no number (with its line).
 */
export async function readM4(path: string, frequency?: string): Promise<M4Data> {
  const given = filePattern.exec(basename(path));
  const folder = given ? dirname(path) : path;
  const names = await readdir(folder).catch((cause: unknown) => {
    throw fileError("data", folder, "read", cause);
  });
  const present = [...new Set(names.flatMap((name) => titleOf(filePattern.exec(name)?.[1]) ?? []))];
  const title = titleOf(given?.[1] ?? frequency) ?? (present.length === 1 ? present[0] : undefined);
  if (title === undefined || !present.includes(title)) {
    const seen =
      title === undefined ? `it holds ${present.join(", ") || "no M4 files"}` : `there is no ${title}-train.csv`;
    throw new GalateaError(
      "data",
      folder,
      seen,
      "files such as Hourly-train.csv and Hourly-test.csv, of one frequency",
    );
  }
  const fileOf = (part: string): string => {
    const name = names.find(
      (file) => titleOf(filePattern.exec(file)?.[1]) === title && filePattern.exec(file)?.[2] === part,
    );
    if (name) return join(folder, name);
    throw new GalateaError("data", folder, `there is no ${title}-${part}.csv`, "train and test belong together");
  };
  const [trainFile, testFile] = [fileOf("train"), fileOf("test")];
  const [train, test] = [await readLines(trainFile), await readLines(testFile)];
  const { season, horizon } = frequencies[title];
  const series = [...train].map(([name, values]): M4Series => {
    const after = test.get(name);
    if (!after) throw new GalateaError("data", testFile, `there is no series ${name}`, "those of the training file");
    if (after.length !== horizon) {
      const right = `${horizon} for ${title.toLowerCase()} series`;
      throw new GalateaError("data", testFile, `series ${name} has ${after.length} values`, right);
    }
    return { name, train: values, test: after };
  });
  if (series.length !== test.size) {
    const seen = `${series.length} series, where ${basename(testFile)} has ${test.size}`;
    throw new GalateaError("data", trainFile, seen, "the same in both");
  }
  return { frequency: title, season, horizon, series };
}

/** `hourly` -> `Hourly`; `undefined` for what is no frequency. */
function titleOf(word: string | undefined): string | undefined {
  return Object.keys(frequencies).find((name) => name.toLowerCase() === word?.toLowerCase());
}

async function readLines(path: string): Promise<ReadonlyMap<string, Float64Array>> {
  const series = new Map<string, Float64Array>();
  const [, ...rows] = await readTableRecords(path, [","]);
  for (const row of rows) {
    const name = row.cells[0];
    if (series.has(name)) throw new GalateaError("data", `${path}:${row.line}`, `series ${name} comes twice`, "once");
    series.set(name, valuesOf(row, path));
  }
  if (series.size === 0) throw new GalateaError("data", path, "it holds no series", "a header, then one a line");
  return series;
}

/** The cells after the name up to the last that is not empty. */
function valuesOf({ line, cells }: TableRecord, path: string): Float64Array {
  const end = cells.findLastIndex((cell) => cell !== "") + 1;
  const values = Float64Array.from(cells.slice(1, end), (cell) => (cell === "" ? Number.NaN : Number(cell)));
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0 && values.length > 0) return values;
  const where = `${path}:${line}, series ${cells[0]}`;
  if (values.length === 0) throw new GalateaError("data", where, "it has no values", "1 or more");
  throw new GalateaError("data", where, `value ${odd + 1} is ${JSON.stringify(cells[odd + 1])}`, "a finite number");
}
