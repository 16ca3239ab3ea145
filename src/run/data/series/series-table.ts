/** Tables of time series: a CSV file with a time column and one or many columns of values. */

import { basename } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { fillGaps, type GapFilling } from "./fill-gaps.ts";
import { type ColumnOptions, parseValue, readSeriesColumns, type SeriesColumns } from "./table-columns.ts";
import { describeGaps, findGrid, type RowTime, type TimeGrid } from "./time-grid.ts";
import { parseTime, showTime, type TimeKind, type TimeStep } from "./times.ts";

export interface SeriesTable {
  readonly name: string;
  /** Names of the columns of values. */
  readonly columns: readonly string[];
  /** By column: a value for each step. */
  readonly values: readonly Float64Array[];
  /** Of each step: milliseconds since 1970, or the number, or the row. */
  readonly times: Float64Array;
  readonly step: TimeStep;
  readonly kind: TimeKind;
  /** The time of a step, which may lie after the last. */
  timeAt(position: number): number;
  /** What a person should know: rows sorted, gaps filled, columns left out or constant. */
  readonly notes: readonly string[];
}

export interface SeriesTableOptions extends ColumnOptions {
  /** How missing rows and cells are filled; without it they are an error. */
  readonly fill?: GapFilling;
  /** What stands for several rows of one time; without it they are an error. */
  readonly duplicates?: "first" | "mean";
  /** `rows`: each row is a step, whatever its time, as for days without weekends; default `time`. */
  readonly stepsBy?: "time" | "rows";
}

/** Rows of one time, with their values by column: NaN where one is missing. */
interface TimedRow extends RowTime {
  readonly values: readonly number[];
}

/**
 * Reads a table of time series, plain or gzip, of commas, semicolons or tabs, with or without a line of names. Rows are
 * brought into the order of their times. Without a time column each row is a step, and a note says so.
 *
 * @throws GalateaError `data` when it is empty or ragged, a column is not there, a cell is no time or number or is missing,
 *   times are not regular, have gaps, or come twice; the message names the line.
 */
export async function readSeriesTable(path: string, options: SeriesTableOptions = {}): Promise<SeriesTable> {
  const table = await readSeriesColumns(path, options);
  const columns = table.values.map((column) => table.names[column]);
  const notes: string[] = [];
  if (table.others.length > 0) notes.push(`left out, as they hold no numbers: ${table.others.join(", ")}`);
  if (!table.time) notes.push("there is no time column: each row is a step");
  const byRows = options.stepsBy === "rows" || !table.time;
  const kind = table.time?.kind ?? "number";
  const read = readRows(table, options);
  const rows = byRows ? read : mergeRows(sortRows(read, notes), kind, path, options, notes);
  const grid = byRows ? gridOfRows(rows) : findGrid(rows, kind, path);
  const gaps = describeGaps(grid, rows, kind);
  if (gaps && !options.fill) throw new GalateaError("data", path, gaps, "every step, or fill=linear or fill=previous");
  if (!options.fill) requireValues(rows, columns, path);
  const length = (grid.positions.at(-1) ?? 0) + 1;
  let missing = 0;
  const values = columns.map((name, column) => {
    const series = new Float64Array(length).fill(Number.NaN);
    for (const [i, row] of rows.entries()) series[grid.positions[i]] = row.values[column];
    const lacking = series.filter(Number.isNaN).length;
    if (lacking === length)
      throw new GalateaError("data", `${path}, ${name}`, "all values are missing", "some numbers");
    missing += lacking;
    return options.fill ? fillGaps(series, options.fill) : series;
  });
  if (missing > 0) notes.push(`filled ${missing} missing values (${options.fill})${gaps ? `: ${gaps}` : ""}`);
  for (const [i, series] of values.entries()) {
    if (series.some((value) => value !== series[0])) continue;
    notes.push(`warning: ${columns[i]} is constant: ${series[0]} throughout`);
  }
  const name = basename(path).replace(/\.(csv|tsv|txt)(\.gz)?$/i, "");
  const times = Float64Array.from({ length }, (_, position) => grid.timeAt(position));
  return { name, columns, values, times, step: grid.step, kind: byRows ? "number" : kind, timeAt: grid.timeAt, notes };
}

function readRows({ rows, time, values }: SeriesColumns, { decimalComma, stepsBy }: SeriesTableOptions): TimedRow[] {
  const timeOf = (cells: readonly string[]): number =>
    time ? (parseTime(cells[time.column])?.value ?? Number.NaN) : 0;
  return rows.map(({ line, cells }, index) => ({
    value: stepsBy === "rows" || !time ? index : timeOf(cells),
    line,
    values: values.map((column) => parseValue(cells[column], decimalComma) ?? Number.NaN),
  }));
}

function sortRows(rows: readonly TimedRow[], notes: string[]): readonly TimedRow[] {
  const back = rows.findIndex(({ value }, i) => i > 0 && value < rows[i - 1].value);
  if (back < 0) return rows;
  notes.push(`rows were not in the order of their times (line ${rows[back].line}): sorted`);
  return rows.toSorted((a, b) => a.value - b.value);
}

/** Rows of one time become one, where that is asked for. */
function mergeRows(
  rows: readonly TimedRow[],
  kind: TimeKind,
  path: string,
  { duplicates }: SeriesTableOptions,
  notes: string[],
): readonly TimedRow[] {
  const groups: TimedRow[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group?.[0].value === row.value) group.push(row);
    else groups.push([row]);
  }
  const double = groups.filter((group) => group.length > 1);
  if (double.length === 0) return rows;
  const [[first, second]] = double;
  const shown = `${showTime(first.value, kind)} stands in line ${first.line} and in line ${second.line}`;
  if (!duplicates) {
    const seen = `${double.length} time(s) come more than once: ${shown}`;
    throw new GalateaError("data", path, seen, "each once, or duplicates=first or duplicates=mean");
  }
  notes.push(`${double.length} time(s) come more than once (${duplicates} taken): ${shown}`);
  if (groups.length < 2) throw new GalateaError("data", path, "all rows are of one time", "2 times or more");
  return groups.map((group) => (duplicates === "first" ? group[0] : { ...group[0], values: meanOf(group) }));
}

/** By column, over the rows that have a value. */
function meanOf(rows: readonly TimedRow[]): readonly number[] {
  return rows[0].values.map((_, column) => {
    const known = rows.map(({ values }) => values[column]).filter((value) => !Number.isNaN(value));
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}

function gridOfRows(rows: readonly TimedRow[]): TimeGrid {
  return { step: { unit: "row", size: 1 }, positions: rows.map((_, i) => i), timeAt: (position) => position };
}

function requireValues(rows: readonly TimedRow[], columns: readonly string[], path: string): void {
  const count = rows.reduce((sum, { values }) => sum + values.filter(Number.isNaN).length, 0);
  if (count === 0) return;
  const row = rows.find(({ values }) => values.some(Number.isNaN));
  const column = columns[row?.values.findIndex(Number.isNaN) ?? 0];
  const seen = `${count} value(s) are missing, the first in line ${row?.line}, ${column}`;
  throw new GalateaError("data", path, seen, "a number in each cell, or fill=linear or fill=previous");
}
