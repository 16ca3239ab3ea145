/** Which columns of a table hold times and which hold values. */

import { GalateaError } from "../../../core/base/index.ts";
import { readTableRecords, type TableRecord } from "../table-records.ts";
import { parseTime, type TimeKind } from "./times.ts";

export interface SeriesColumns {
  readonly names: readonly string[];
  readonly rows: readonly TableRecord[];
  /** Which column holds times; `undefined` where none does. */
  readonly time: { readonly column: number; readonly kind: TimeKind } | undefined;
  /** Which columns hold values. */
  readonly values: readonly number[];
  /** Columns of neither, left out. */
  readonly others: readonly string[];
}

export interface ColumnOptions {
  /** Name of the time column; default: the first that starts with a date, else the first that is called date, time,
   * timestamp, ds, year, month, period, step or t, else the first of all if it holds rising numbers beside others. */
  readonly time?: string;
  /** Names of the columns to read; default: all that hold numbers. */
  readonly columns?: readonly string[];
  /** Whether numbers are written 1,5; default false. */
  readonly decimalComma?: boolean;
}

/** What people write for a value that is not there. */
const missingMarks = new Set(["", "nan", "na", "n/a", "null", "none", "-", "?"]);

/** A number as it is written with a decimal comma. */
const commaNumber = /^-?\d+,\d+$/;
const commaHint = "; set decimalComma=true for numbers such as 1,5";

const timeNames = /^(date|time|datetime|date[ _]?time|timestamp|ds|year|month|period|step|t)$/i;

/** The number in a cell: NaN where it is missing, `undefined` where it is something else. */
export function parseValue(cell: string, decimalComma = false): number | undefined {
  if (missingMarks.has(cell.toLowerCase())) return Number.NaN;
  const value = Number(decimalComma ? cell.replace(",", ".") : cell);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Reads a table, plain or gzip, of commas, semicolons or tabs, with or without a line of names, and finds its columns.
 *
 * @throws GalateaError `data` when it has fewer than two rows or is ragged; when a column that is asked for is missing, or
 *   holds what is no time or number (with its line); when no column holds numbers.
 */
export async function readSeriesColumns(path: string, options: ColumnOptions): Promise<SeriesColumns> {
  const { names, rows } = splitHeader(await readTableRecords(path, "most"), path);
  const time = findTime(names, rows, path, options.time);
  const values: number[] = [];
  const others: string[] = [];
  const wanted = options.columns?.map((name) => columnNamed(names, name, path));
  for (const column of wanted ?? names.keys()) {
    if (column === time?.column) continue;
    const odd = rows.find(({ cells }) => parseValue(cells[column], options.decimalComma) === undefined);
    if (!odd) values.push(column);
    else if (wanted || rows.some(({ cells }) => isNumber(cells[column], options.decimalComma))) {
      throw noNumber(odd, column, names, path);
    } else others.push(names[column]);
  }
  if (values.length === 0) {
    const hasCommas = rows.some(({ cells }) => cells.some((cell) => commaNumber.test(cell)));
    const right = `beside the time at least one column of numbers${hasCommas ? commaHint : ""}`;
    throw new GalateaError("data", path, `no column of ${names.join(", ")} holds values`, right);
  }
  return { names, rows, time, values, others };
}

function isNumber(cell: string, decimalComma?: boolean): boolean {
  return Number.isFinite(parseValue(cell, decimalComma));
}

function noNumber({ line, cells }: TableRecord, column: number, names: readonly string[], path: string): GalateaError {
  const cell = cells[column];
  const comma = commaNumber.test(cell) ? commaHint : "";
  const where = `${path}:${line}, ${names[column]}`;
  return new GalateaError("data", where, `${JSON.stringify(cell)} is no number`, `a finite number${comma}`);
}

function splitHeader(records: readonly TableRecord[], path: string): Pick<SeriesColumns, "names" | "rows"> {
  const right = "a line of names, then a time and values in each line";
  if (records.length === 0) throw new GalateaError("data", path, "the table is empty", right);
  const [first] = records;
  const hasNames = first.cells.some((cell) => !parseTime(cell) && parseValue(cell, true) === undefined);
  const names = first.cells.map((cell, i) => (hasNames && cell !== "" ? cell : `column ${i + 1}`));
  const rows = hasNames ? records.slice(1) : records;
  if (rows.length < 2) throw new GalateaError("data", path, `it has ${rows.length} row(s)`, "2 or more");
  const ragged = rows.find(({ cells }) => cells.length !== names.length);
  if (ragged) {
    const seen = `the row has ${ragged.cells.length} cells`;
    throw new GalateaError("data", `${path}:${ragged.line}`, seen, `${names.length}, as in the first line`);
  }
  return { names, rows };
}

function columnNamed(names: readonly string[], name: string, path: string): number {
  const column = names.indexOf(name);
  if (column >= 0) return column;
  throw new GalateaError("data", path, `there is no column ${JSON.stringify(name)}`, `one of ${names.join(", ")}`);
}

function findTime(
  names: readonly string[],
  rows: readonly TableRecord[],
  path: string,
  asked: string | undefined,
): SeriesColumns["time"] {
  const dated = names.findIndex((_, i) => parseTime(rows[0].cells[i])?.kind === "date");
  const called = names.findIndex((name) => timeNames.test(name));
  const column = asked === undefined ? Math.max(dated < 0 ? called : dated, 0) : columnNamed(names, asked, path);
  const times = rows.map(({ cells }) => parseTime(cells[column]));
  const kind = times.find((time) => time !== undefined)?.kind;
  const odd = times.findIndex((time) => time?.kind !== kind || time === undefined);
  if (kind !== undefined && odd < 0) {
    if (asked !== undefined || kind === "date" || column === called) return { column, kind };
    const rising = times.every((time, i) => i === 0 || (time?.value ?? 0) > (times[i - 1]?.value ?? 0));
    return rising && names.length > 1 ? { column, kind } : undefined;
  }
  // Numbers with holes are values; dates with holes, and what is called so or was asked for, are times that are wrong.
  if (asked === undefined && kind !== "date" && column !== called) return undefined;
  const { line, cells } = rows[odd];
  const cell = cells[column];
  const seen = cell === "" ? "the time is missing" : `${JSON.stringify(cell)} is no time`;
  const right = kind === "number" ? "a number, as in other lines" : "a date such as 2020-05-31 or 2020-05-31 18:00";
  throw new GalateaError("data", `${path}:${line}, ${names[column]}`, seen, right);
}
