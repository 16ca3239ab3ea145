/** Tables as text: the cells of CSV and TSV files, plain or gzip, with their lines. */

import { GalateaError } from "../../core/base/index.ts";
import { readUnpacked } from "./idx.ts";

/** One row of a table. */
export interface TableRecord {
  /** Line of the file that the row ends on, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What stands between cells: one or more characters that all count, or the one that the first line has most of. */
export type Delimiters = readonly string[] | "most";

/**
 * The rows of a CSV or TSV file, plain or gzip; empty lines are left out, cells are trimmed.
 *
 * @param delimiters default: a tab for `.tsv`, else comma and semicolon
 * @throws GalateaError `data` when it is missing, damaged gzip or no table.
 */
export async function readTableRecords(path: string, delimiters?: Delimiters): Promise<readonly TableRecord[]> {
  return parseTableRecords(await readUnpacked(path), path, delimiters);
}

/** {@link readTableRecords} for content that has been read. @param where the file, for messages */
export async function parseTableRecords(
  bytes: Uint8Array,
  where: string,
  delimiters: Delimiters = /\.tsv(\.gz)?$/i.test(where) ? ["\t"] : [",", ";"],
): Promise<readonly TableRecord[]> {
  const { parse } = await import("csv-parse/sync");
  try {
    const parsed = parse(bytes as Buffer, {
      bom: true,
      delimiter: delimiters === "most" ? mostFrequent(bytes) : [...delimiters],
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as readonly { readonly info: { readonly lines: number }; readonly record: readonly string[] }[];
    return parsed.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const right = "a CSV or TSV file, plain or .gz";
    throw new GalateaError("data", where, `is no readable table: ${reason}`, right, { cause });
  }
}

/** Of tab, semicolon and comma the one that the first line has most of, quoted text left out; of equally frequent ones the
 * first of these, as a comma may stand in a number. */
function mostFrequent(bytes: Uint8Array): string {
  const end = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).replace(/"[^"]*"/g, "");
  const counts = ["\t", ";", ","].map((delimiter) => [delimiter, line.split(delimiter).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
