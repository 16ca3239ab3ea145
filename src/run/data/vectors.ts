/** A table of numbers as a data set of vectors: a CSV file, plain or gzip, with or without a line of names. */

import { basename } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../core/base/index.ts";
import { type DataSplits, memoryDataset } from "./dataset.ts";
import { splitInThree } from "./splits.ts";
import { readTableRecords } from "./table-records.ts";

/** Whether a file's name says that it is a table. */
export function isTableName(name: string): boolean {
  return /\.(csv|tsv)(\.gz)?$/i.test(name);
}

/** The split is the same for every run, whatever its seed. */
const splitKey = foldKey(keyFromSeed(0), hashName("vectors"));

/**
 * Loads a table in which every cell is a number; a shuffle with a fixed key splits its rows 80/10/10.
 *
 * Shapes: `vector` float32 [columns].
 *
 * @throws GalateaError `data` when it is empty, ragged, or holds a cell that is no finite number; the message names
 *   line and column.
 */
export async function loadVectors(path: string, name = basename(path)): Promise<DataSplits> {
  const { columns, rows } = await readNumbers(path);
  const width = columns.length;
  const all = memoryDataset(name, rows.length / width, {
    vector: { dtype: "float32", shape: [width], data: Float32Array.from(rows) },
  });
  const parts = splitInThree(all, splitKey);
  const description = `${all.count} rows of ${width} numbers: ${columns.slice(0, 8).join(", ")}${width > 8 ? ", ..." : ""}`;
  return { name, description, ...parts };
}

export interface NumberTable {
  /** Names of the columns: of the first line, else `column 1` and so on. */
  readonly columns: readonly string[];
  /** All numbers, row after row. */
  readonly rows: readonly number[];
}

/**
 * Reads a table of numbers.
 * @throws GalateaError `data` as {@link loadVectors} says.
 */
export async function readNumbers(path: string): Promise<NumberTable> {
  const records = await readTableRecords(path);
  if (records.length === 0)
    throw new GalateaError("data", path, "the table is empty", "one line of numbers for each row");
  const [first] = records;
  const hasNames = first.cells.some((cell) => cell !== "" && !isNumber(cell));
  const body = hasNames ? records.slice(1) : records;
  if (body.length === 0) throw new GalateaError("data", path, "there are names of columns and no rows");
  const columns = hasNames ? first.cells : first.cells.map((_, i) => `column ${i + 1}`);
  const rows: number[] = [];
  for (const { line, cells } of body) {
    if (cells.length !== columns.length) {
      const right = `${columns.length}, as in the first line`;
      throw new GalateaError("data", `${path}:${line}`, `the row has ${cells.length} cells`, right);
    }
    for (const [i, cell] of cells.entries()) {
      if (!isNumber(cell)) {
        const seen = cell === "" ? "a cell is empty" : `${JSON.stringify(cell)} is no number`;
        throw new GalateaError("data", `${path}:${line}, ${columns[i]}`, seen, "every cell must be a finite number");
      }
      rows.push(Number(cell));
    }
  }
  return { columns, rows };
}

function isNumber(cell: string): boolean {
  return cell !== "" && Number.isFinite(Number(cell));
}
