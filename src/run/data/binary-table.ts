/** Data sets of binary vectors: files of lines of 0 and 1 between commas, plain or gzip, without a header.
 *
 * Read here and not by a CSV library: there are no quotes, escapes or types, and a million cells are checked one by
 * one. */

import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GalateaError } from "../../core/base/index.ts";
import { fileError } from "../files.ts";
import { type DataSplits, type Dataset, memoryDataset } from "./dataset.ts";
import { readUnpacked } from "./idx.ts";
import { splitInThree } from "./splits.ts";

/** Names such as `plants.train.csv.gz`. */
const partPattern = /^(.+)\.(train|valid|test)(\.csv(?:\.gz)?)$/;
const wholePattern = /\.bits\.csv(?:\.gz)?$/;

/** Whether a file's name says that it is a table of bits: one of three parts, or `.bits.csv`. */
export function isBinaryTableName(name: string): boolean {
  return partPattern.test(name) || wholePattern.test(name);
}

interface BinaryTable {
  readonly count: number;
  readonly width: number;
  /** Row by row, each 0 or 1. */
  readonly data: Uint8Array;
}

const [zero, one, comma, lineFeed, carriageReturn] = [0x30, 0x31, 0x2c, 0x0a, 0x0d];

/**
 * Reads lines of 0 and 1 between commas.
 * @param where the file, for messages
 * @throws GalateaError `data` for no lines, lines of different length, or anything but 0 and 1, with the place.
 */
export function decodeBinaryTable(bytes: Uint8Array, where: string): BinaryTable {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === lineFeed || bytes[end - 1] === carriageReturn)) end--;
  if (end === 0) throw new GalateaError("data", where, "the file is empty", "lines of 0 and 1 between commas");
  const data = new Uint8Array(Math.ceil(end / 2));
  let size = 0;
  let width = 0;
  let row = 1;
  for (let at = 0; at < end; ) {
    const start = size;
    for (;;) {
      const value = bytes[at];
      const next = at + 1 < end ? bytes[at + 1] : lineFeed;
      if ((value !== zero && value !== one) || (next !== comma && next !== lineFeed && next !== carriageReturn)) {
        throw notBinary(bytes.subarray(at, end), where, row, size - start + 1);
      }
      data[size++] = value - zero;
      at += 2;
      if (next === comma) continue;
      if (next === carriageReturn && at < end && bytes[at] === lineFeed) at++;
      break;
    }
    if (row === 1) width = size;
    if (size - start !== width) {
      throw new GalateaError("data", `${where}, line ${row}`, `${size - start} values`, `line 1 has ${width}`);
    }
    row++;
  }
  return { count: row - 1, width, data: data.subarray(0, size) };
}

function notBinary(rest: Uint8Array, where: string, row: number, column: number): GalateaError {
  const text = new TextDecoder().decode(rest.subarray(0, 20));
  const cell = /^[^,\r\n]*/.exec(text)?.[0] ?? "";
  const seen = cell === "" ? "an empty cell" : `the value ${JSON.stringify(cell)}`;
  const right = "each is 0 or 1, with commas between and no header";
  return new GalateaError("data", `${where}, line ${row}, column ${column}`, seen, right);
}

/**
 * The splits of a file of binary vectors. Of `<name>.train.csv`, `<name>.valid.csv` and `<name>.test.csv` (plain or
 * with .gz) any one stands for all three; another file is divided.
 *
 * @throws GalateaError `data` when a file is missing or damaged, or their rows differ in length.
 */
export async function loadBinaryTable(path: string, name?: string): Promise<DataSplits> {
  const part = partPattern.exec(basename(path));
  if (!part) {
    const given = name ?? basename(path).replace(wholePattern, "");
    const table = await readTable(path);
    return { name: given, description: describe(table), ...splitInThree(datasetOf(given, table)) };
  }
  const given = name ?? part[1];
  const folder = dirname(path);
  const present = await readdir(folder).catch((cause: unknown) => {
    throw fileError("data", folder, "read", cause);
  });
  const [train, validation, test] = await Promise.all(
    ["train", "valid", "test"].map(async (kind) => {
      const names = [part[3], ".csv", ".csv.gz"].map((ending) => `${part[1]}.${kind}${ending}`);
      const found = names.find((file) => present.includes(file));
      if (found === undefined) {
        throw new GalateaError(
          "data",
          path,
          `there is no ${names[0]} beside it`,
          "train, valid and test belong together",
        );
      }
      return { file: join(folder, found), table: await readTable(join(folder, found)) };
    }),
  );
  for (const { file, table } of [validation, test]) {
    if (table.width === train.table.width) continue;
    const right = `those of ${basename(train.file)} have ${train.table.width}`;
    throw new GalateaError("data", file, `its lines have ${table.width} values`, right);
  }
  return {
    name: given,
    description: describe(train.table),
    train: datasetOf(`${given} train`, train.table),
    validation: datasetOf(`${given} validation`, validation.table),
    test: datasetOf(`${given} test`, test.table),
    notes: [],
  };
}

async function readTable(path: string): Promise<BinaryTable> {
  return decodeBinaryTable(await readUnpacked(path), path);
}

function datasetOf(name: string, { count, width, data }: BinaryTable): Dataset {
  return memoryDataset(name, count, { bits: { dtype: "uint8", shape: [width], data } });
}

function describe({ width }: BinaryTable): string {
  return `binary vectors of ${width}`;
}
