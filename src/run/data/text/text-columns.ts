/** Tables of text: named columns of CSV, TSV and JSONL files as records. */

import type { Options } from "csv-parse/sync";
import { GalateaError } from "../../../core/base/index.ts";
import type { TextPair } from "./aligned-files.ts";
import { readTextFile } from "./text-files.ts";

/**
 * A column: its name in the first line, or its number from 1 on, for a table without a line of names. Of several names the
 * first one counts that there is.
 */
export type TextColumn = string | number | readonly string[];

/** A column by the names that people give for it: a single whole number counts columns. */
export function columnOf(names: readonly string[]): TextColumn {
  const [first] = names;
  return names.length === 1 && /^[1-9]\d*$/.test(first) ? Number(first) : names;
}

/**
 * Reads columns of a table: `{ source: "de", target: "en" }` gives a record `{ source, target }` for each row. CSV
 * (separated by commas or semicolons, as its first line is, and quoted by ") and TSV (never quoted) have a line of names if a column is asked for
 * by name; each line of JSONL is an object. All plain or gzip.
 *
 * @throws GalateaError `data` when the file is missing, of another kind, empty, lacks a column, or a row has nothing in
 *   it; the message names the line.
 */
export async function readTextColumns<Name extends string>(
  path: string,
  columns: Readonly<Record<Name, TextColumn>>,
): Promise<readonly Readonly<Record<Name, string>>[]> {
  const text = await readTextFile(path);
  const rows = /\.(jsonl|ndjson)(\.gz)?$/i.test(path)
    ? parseJsonLines(text, path)
    : await parseTable(text, path, columns);
  if (rows.length === 0) throw new GalateaError("data", path, "there are names of columns and no rows");
  const wanted = Object.entries(columns) as [Name, TextColumn][];
  return rows.map(({ line, cells }) => {
    const entries = wanted.map(([name, column]) => [name, cellOf(cells, column, `${path}:${line}`)]);
    return Object.fromEntries(entries) as Readonly<Record<Name, string>>;
  });
}

/**
 * Reads pairs of texts from a table: by default its columns `source` and `target`.
 * @throws GalateaError `data` as {@link readTextColumns} says.
 */
export function readTextPairs(
  path: string,
  columns: Readonly<{ source: TextColumn; target: TextColumn }> = { source: "source", target: "target" },
): Promise<readonly TextPair[]> {
  return readTextColumns(path, columns);
}

/** A row: its line in the file, and what its cells hold by the column's name or number. */
interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<string | number, unknown>;
}

function cellOf(cells: Row["cells"], column: TextColumn, where: string): string {
  const candidates = typeof column === "object" ? column : [column];
  const found = candidates.find((name) => cells.has(name)) ?? candidates[0];
  const cell = cells.get(found);
  const told = cell === undefined ? candidates : [found];
  const title = `column ${told.map((name) => (typeof name === "number" ? name : JSON.stringify(name))).join(" or ")}`;
  if (cell === undefined) {
    const names = [...cells.keys()].map((key) => JSON.stringify(key)).join(", ");
    throw new GalateaError("data", where, `there is no ${title}`, `one of ${names}`);
  }
  if (typeof cell === "number") return String(cell);
  if (typeof cell !== "string") {
    throw new GalateaError("data", where, `${title} holds ${JSON.stringify(cell)}`, "a text or a number");
  }
  if (cell.trim() === "") throw new GalateaError("data", where, `${title} is empty`, "every row needs a text there");
  return cell;
}

function parseJsonLines(text: string, path: string): readonly Row[] {
  return text.split("\n").flatMap((content, index) => {
    if (content.trim() === "") return [];
    const where = `${path}:${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(content);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new GalateaError("data", where, `is no JSON: ${reason}`, "one object in each line", { cause });
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new GalateaError(
        "data",
        where,
        "is no object",
        'one object in each line, e.g. {"source": "...", "target": "..."}',
      );
    }
    return [{ line: index + 1, cells: new Map<string | number, unknown>(Object.entries(value)) }];
  });
}

async function parseTable(
  text: string,
  path: string,
  columns: Readonly<Record<string, TextColumn>>,
): Promise<readonly Row[]> {
  const isTabbed = /\.tsv(\.gz)?$/i.test(path);
  if (!isTabbed && !/\.csv(\.gz)?$/i.test(path)) {
    throw new GalateaError(
      "data",
      path,
      "its name does not say what it is",
      "a .csv, .tsv or .jsonl file, plain or .gz",
    );
  }
  const [first, ...rest] = await parseCells(text, path, isTabbed);
  if (!Object.values(columns).some((column) => typeof column !== "number")) {
    return [first, ...rest].map(({ line, cells }) => ({ line, cells: new Map(cells.map((cell, i) => [i + 1, cell])) }));
  }
  return rest.map(({ line, cells }) => {
    if (cells.length !== first.cells.length) {
      const right = `${first.cells.length}, as in the first line`;
      throw new GalateaError("data", `${path}:${line}`, `the row has ${cells.length} cells`, right);
    }
    // A number counts columns, whether or not they have names.
    const numbered = cells.map((cell, i): [string | number, string] => [i + 1, cell]);
    return {
      line,
      cells: new Map([...cells.map((cell, i): [string | number, string] => [first.cells[i], cell]), ...numbered]),
    };
  });
}

interface Cells {
  readonly line: number;
  readonly cells: readonly string[];
}

async function parseCells(text: string, path: string, isTabbed: boolean): Promise<readonly Cells[]> {
  const { parse } = await import("csv-parse/sync");
  // One of both: the other may stand in a text that is not quoted.
  const [head] = text.split("\n", 1);
  const separator = head.split(";").length > head.split(",").length ? ";" : ",";
  const dialect: Options = isTabbed ? { delimiter: "\t", quote: false } : { delimiter: separator };
  try {
    const parsed = parse(text, {
      ...dialect,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as readonly { readonly info: { readonly lines: number }; readonly record: readonly string[] }[];
    return parsed.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("data", path, `is no readable table: ${reason}`, "a CSV or TSV file, plain or .gz", {
      cause,
    });
  }
}
