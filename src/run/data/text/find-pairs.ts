/** Where pairs of texts lie: tables, aligned files and SCAN's lists, with the splits that their names say. */

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { readAlignedFiles, type TextPair } from "./aligned-files.ts";
import { isScan, readScan } from "./scan.ts";
import { columnOf, readTextPairs } from "./text-columns.ts";

/** Names of the two sides: of each one, or several with commas between, of which the first that there is counts. */
export interface SideNames {
  /** Endings of aligned files, such as `en` of `train.en`, or names of columns of a table. */
  readonly source: string;
  readonly target: string;
  /** Of a folder only the files with this in their names. */
  readonly only?: string;
}

export interface FoundPairs {
  readonly train: readonly TextPair[];
  readonly validation?: readonly TextPair[];
  readonly test?: readonly TextPair[];
}

type Split = keyof FoundPairs;

/** Where a file belongs by its name. */
export const splitPatterns: Readonly<Record<Split, RegExp>> = {
  train: /^train/i,
  validation: /^(valid|val|dev)/i,
  test: /^test/i,
};

export const tableEnding = /\.(tsv|csv|jsonl|ndjson)(\.gz)?$/i;
const listEnding = /\.txt(\.gz)?$/i;

/** The names of an option that may hold several. */
export function alternatives(names: string): readonly string[] {
  return names.split(",").map((name) => name.trim());
}

/**
 * The pairs of a table, of a list of SCAN and what lies beside it, or of a folder of any of these or of aligned files.
 * @throws GalateaError `data` when there are none, or they cannot be read.
 */
export async function findPairs(path: string, { source, target, only = "" }: SideNames): Promise<FoundPairs> {
  const columns = { source: alternatives(source), target: alternatives(target) };
  const inTables = { source: columnOf(columns.source), target: columnOf(columns.target) };
  let names: readonly string[];
  try {
    if (!(await stat(path)).isDirectory()) {
      if (listEnding.test(path) && (await isScan(path))) return scanSplits(path);
      return { train: await readTextPairs(path, inTables) };
    }
    const all = (await readdir(path, { recursive: true })).sort();
    names = all.filter((name) => basename(name).includes(only));
    if (names.length === 0 && all.length > 0) {
      const seen = `no name of its files has ${only} in it: ${all.slice(0, 5).join(", ")}${all.length > 5 ? ", ..." : ""}`;
      throw new GalateaError("data", path, seen, "set only to a part of the names that are meant");
    }
  } catch (cause) {
    throw cause instanceof GalateaError ? cause : fileError("data", path, "read", cause);
  }
  const ofSplit = async (split: Split): Promise<readonly TextPair[] | undefined> => {
    const own = names.filter((name) => splitPatterns[split].test(name));
    const table = own.find((name) => tableEnding.test(name));
    if (table !== undefined) return readTextPairs(join(path, table), inTables);
    return alignedPairs(path, own, columns);
  };
  const [train, validation, test] = [await ofSplit("train"), await ofSplit("validation"), await ofSplit("test")];
  if (train) return { train, ...(validation && { validation }), ...(test && { test }) };
  const table = names.find((name) => tableEnding.test(name));
  if (table !== undefined) return { train: await readTextPairs(join(path, table), inTables) };
  const lists = names.filter((name) => listEnding.test(name) && /(^|_)train/i.test(name));
  if (lists.length > 0 && (await isScan(join(path, lists[0])))) {
    if (lists.length === 1) return scanSplits(join(path, lists[0]));
    const seen = `it holds ${lists.length} lists to train on: ${lists.join(", ")}`;
    throw new GalateaError("data", path, seen, "name one of these files");
  }
  const right = `a table with columns ${source} and ${target}, or files train.${source} and train.${target}`;
  const endings = names.flatMap((name) => /^train[^.]*\.(\w+)(\.gz)?$/i.exec(name)?.[1] ?? []);
  const hint =
    endings.length > 1 ? `; its files end in ${endings.join(", ")}: set source and target to two of these` : "";
  throw new GalateaError("data", path, "holds no pairs of texts", right + hint);
}

async function alignedPairs(
  path: string,
  names: readonly string[],
  { source, target }: { readonly source: readonly string[]; readonly target: readonly string[] },
): Promise<readonly TextPair[] | undefined> {
  const ending = (sides: readonly string[]): RegExp =>
    new RegExp(`\\.(${sides.map((side) => side.replace(/[^\w]/g, "\\$&")).join("|")})(\\.gz)?$`);
  const first = names.find((name) => ending(source).test(name));
  if (first === undefined) return undefined;
  const stem = first.replace(ending(source), "");
  const second = names.find((name) => ending(target).test(name) && name.replace(ending(target), "") === stem);
  if (second !== undefined) return readAlignedFiles(join(path, first), join(path, second));
  const seen = `there is no ${stem}.${target.join(" or .")} beside it`;
  throw new GalateaError("data", join(path, first), seen, "both are needed");
}

/** A list of SCAN; where its name says that it is to be trained on, with the one to test on beside it. */
async function scanSplits(path: string): Promise<FoundPairs> {
  const train = await readScan(path);
  const name = basename(path);
  const other = join(dirname(path), name.replace(/train/i, "test"));
  const isThere = basename(other) !== name && (await stat(other).catch(() => undefined))?.isFile() === true;
  return { train, ...(isThere && { test: await readScan(other) }) };
}
