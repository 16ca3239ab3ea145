/** Measures a row of a published table and keeps the number: what `npm run verify` does. */

import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { GalateaError } from "../src/core/base/index.ts";
import { describeMachine } from "./machine.ts";
import { findByName } from "./name-table.ts";
import { appendLine, readLines, replaceFile } from "./record-file.ts";
import { type RowRecord, rowRecordSchema } from "./results.ts";
import { isReached, promiseOf, publishedText, renderResultsPage } from "./results-page.ts";
import type { Measurement, ResultLine, Row } from "./rows/index.ts";
import { round } from "./statistics.ts";

export interface VerificationOptions {
  readonly rows: readonly Row[];
  /** The file of JSON lines, and the page made from it. */
  readonly recordsPath: string;
  readonly pagePath: string;
  /** Where the runs of a row stay, in a folder of its name, until the row is measured again. */
  readonly runsPath: string;
  /** Lines of the answer. */
  print(line: string): void;
  /** What a row says while it runs. */
  log(message: string): void;
}

/**
 * Runs `verify <row> [--seed N] [--threads N] [--resume]`, or lists the rows when none is named.
 *
 * With `--resume` trainings that an earlier run of the row has ended are not run again: what was cut off is gone on with, and
 * what only judges otherwise is judged anew. The record's time is then that of this run, and its command says so.
 *
 * A row with further lines records them all, whichever of them is named.
 * @returns the exit code: 0 when every bound is reached, 1 when one is missed; either is recorded.
 * @throws GalateaError `usage` for an unknown row or a wrong seed; whatever the row throws. Then nothing is
 * recorded.
 */
export async function verify(argv: readonly string[], options: VerificationOptions): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { seed: { type: "string" }, threads: { type: "string" }, resume: { type: "boolean", default: false } },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new GalateaError("usage", more.join(" "), "more than one row", "name one row at a time");
  if (name === undefined) {
    for (const line of listRows(options.rows)) options.print(line);
    return 0;
  }
  const row = findByName(
    "row",
    options.rows.flatMap((owner) => linesOf(owner).map((line) => ({ name: line.row, owner }))),
    (entry) => entry.name,
    name,
  ).owner;
  const seed = readWhole("--seed", values.seed, 0) ?? row.seed ?? 0;
  const threads = readWhole("--threads", values.threads, 1) ?? availableParallelism();
  // A damaged file is found before the hours that a row may take, not after.
  const before = await readLines(options.recordsPath, rowRecordSchema);
  const commit = await currentCommit();

  const started = performance.now();
  const directory = join(options.runsPath, row.row);
  if (!values.resume) await rm(directory, { recursive: true, force: true });
  const measured = await row.run({ seed, threads, directory, log: options.log });
  const seconds = (performance.now() - started) / 1000;
  const found = linesOf(row).map((line) => ({ line, value: measuredValue(row, line, measured) }));

  const records = found.map(
    ({ line, value }): RowRecord =>
      rowRecordSchema.parse({
        row: line.row,
        metric: line.metric,
        value: Number(value.toPrecision(6)),
        published: line.published,
        source: line.source,
        command: `npm run verify -- ${row.row}${values.seed === undefined ? "" : ` --seed ${values.seed}`}${values.resume ? " --resume" : ""}`,
        seed: measured.seed,
        seconds: round(seconds, 1),
        machine: describeMachine(),
        date: new Date().toISOString(),
        commit,
      }),
  );
  for (const record of records) await appendLine(options.recordsPath, record);
  await replaceFile(options.pagePath, renderResultsPage([...before, ...records], options.rows.flatMap(linesOf)));

  let isMissed = false;
  for (const [i, { line }] of found.entries()) {
    const { value, seconds: taken } = records[i];
    const reached = isReached(line, value);
    isMissed ||= reached === false;
    const verdict = reached === undefined ? "" : `, ${promiseOf(line)} ${reached ? "reached" : "MISSED"}`;
    options.print(
      `${line.row}: ${line.metric} ${value}, published ${publishedText(line.published)}${verdict} (${taken} s)`,
    );
  }
  return isMissed ? 1 : 0;
}

/** A row, and what else its run measures. */
function linesOf(row: Row): readonly ResultLine[] {
  return [row, ...(row.also ?? [])];
}

function measuredValue(row: Row, line: ResultLine, { value: own, also = {} }: Measurement): number {
  const value = line === row ? own : (also[line.row] ?? Number.NaN);
  if (Number.isFinite(value)) return value;
  throw new Error(`${line.row}: ${line.metric} came out as ${value}; it must be a finite number`);
}

function listRows(rows: readonly Row[]): string[] {
  if (rows.length === 0) return ["There are no rows yet."];
  const lines = rows.flatMap(linesOf);
  const width = Math.max(...lines.map(({ row }) => row.length)) + 2;
  return lines.map((line) => {
    const promise = promiseOf(line) || "reported";
    return `${line.row.padEnd(width)}${line.metric}: ${promise}, published ${publishedText(line.published)}`;
  });
}

function readWhole(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= least) return Number(text);
  throw new GalateaError("usage", option, `${text} is not such a number`, `give a whole number from ${least}`);
}

/** The commit that the sources are of, `-dirty` when they differ from it; what we measured doesn't count. */
async function currentCommit(): Promise<string> {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const git = async (...args: string[]): Promise<string> => (await promisify(execFile)("git", args, { cwd })).stdout;
  try {
    const commit = (await git("rev-parse", "HEAD")).trim();
    const changed = await git("status", "--porcelain", "--", ".", ":!docs", ":!bench/*.json");
    return changed === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown";
  }
}
