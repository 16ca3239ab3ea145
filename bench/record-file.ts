/** Files that keep what was measured: a JSON array of records, and JSON lines. */

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";

/** Writes a file under a temporary name, then renames it: nobody ever reads half of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of a file, empty when there is none. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/**
 * The records of a JSON array; none when there is no file.
 *
 * @throws Error naming the file when it holds something else.
 */
export async function readRecords<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readText(path);
  if (text === "") return [];
  const read = schema.array().safeParse(parse(text));
  if (read.success) return read.data;
  throw new Error(`${path}: not an array of the records expected (${problemOf(read.error)}); restore it from git`);
}

/** Puts a record in the place of the one that it is a new reading of, or at the end. */
export function putRecord<T>(records: readonly T[], record: T, isSame: (other: T) => boolean): T[] {
  const place = records.findIndex(isSame);
  return place < 0 ? [...records, record] : records.with(place, record);
}

/** Writes an array of records as the formatter would: a key a line, short arrays of numbers on one. */
export async function writeRecords(path: string, records: readonly object[]): Promise<void> {
  const text = JSON.stringify(records, null, 2).replace(/\[\s+([\d.e+-]+),\s+([\d.e+-]+)\s+\]/g, "[$1, $2]");
  await replaceFile(path, `${text}\n`);
}

/**
 * The records of a file of JSON lines; none when there is no file.
 *
 * @throws Error naming the file and the line that is not a record.
 */
export async function readLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const lines = (await readText(path)).split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const read = schema.safeParse(parse(line));
    if (read.success) return [read.data];
    throw new Error(`${path}:${index + 1}: not a record (${problemOf(read.error)}); repair or remove the line`);
  });
}

/** Appends a record as one line. */
export async function appendLine(path: string, record: object): Promise<void> {
  const before = await readText(path);
  const joint = before === "" || before.endsWith("\n") ? "" : "\n";
  await replaceFile(path, `${before}${joint}${JSON.stringify(record)}\n`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(error: z.ZodError): string {
  const first = error.issues[0];
  return first === undefined ? "unreadable" : `${first.path.join(".") || "value"}: ${first.message}`;
}
