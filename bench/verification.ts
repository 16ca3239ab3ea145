/** Measures a row of a published table and keeps the number: what `npm run verify` does. */

import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { GalateaError } from "../src/core/base/index.ts";
import { describeMachine } from "./machine.ts";
import { findByName } from "./name-table.ts";
import { appendLine, readLines, replaceFile } from "./record-file.ts";
import { type RowRecord, rowRecordSchema } from "./results.ts";
import { isReached, renderResultsPage } from "./results-page.ts";
import type { Row } from "./rows/index.ts";
import { round } from "./statistics.ts";

export interface VerificationOptions {
  readonly rows: readonly Row[];
  /** The file of JSON lines, and the page made from it. */
  readonly recordsPath: string;
  readonly pagePath: string;
  /** Lines of the answer. */
  print(line: string): void;
  /** What a row says while it runs. */
  log(message: string): void;
}

/**
 * Runs `verify <row> [--seed N]`, or lists the rows when none is named.
 *
 * @returns the exit code: 0 when the bound is reached, 1 when it is missed; either is recorded.
 * @throws GalateaError `usage` for an unknown row or a wrong seed; whatever the row throws. Then nothing is
 * recorded.
 */
export async function verify(argv: readonly string[], options: VerificationOptions): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { seed: { type: "string" } },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new GalateaError("usage", more.join(" "), "more than one row", "name one row at a time");
  if (name === undefined) {
    for (const line of listRows(options.rows)) options.print(line);
    return 0;
  }
  const row = findByName("row", options.rows, (entry) => entry.row, name);
  const seed = readSeed(values.seed) ?? row.seed ?? 0;
  // A damaged file is found before the hours that a row may take, not after.
  const before = await readLines(options.recordsPath, rowRecordSchema);
  const commit = await currentCommit();

  const started = performance.now();
  const measured = await row.run({ seed, threads: availableParallelism(), log: options.log });
  const seconds = (performance.now() - started) / 1000;
  if (!Number.isFinite(measured.value)) {
    throw new Error(`${row.row}: ${row.metric} came out as ${measured.value}; it must be a finite number`);
  }

  const record: RowRecord = rowRecordSchema.parse({
    row: row.row,
    metric: row.metric,
    value: Number(measured.value.toPrecision(6)),
    published: row.published,
    source: row.source,
    command: `npm run verify -- ${row.row}${values.seed === undefined ? "" : ` --seed ${values.seed}`}`,
    seed: measured.seed,
    seconds: round(seconds, 1),
    machine: describeMachine(),
    date: new Date().toISOString(),
    commit,
  });
  await appendLine(options.recordsPath, record);
  await replaceFile(options.pagePath, renderResultsPage([...before, record], options.rows));

  const reached = isReached(row, record.value);
  options.print(
    `${row.row}: ${row.metric} ${record.value}, published ${row.published}, ` +
      `${row.direction} ${row.bound} ${reached ? "reached" : "MISSED"} (${record.seconds} s)`,
  );
  return reached ? 0 : 1;
}

function listRows(rows: readonly Row[]): string[] {
  if (rows.length === 0) return ["There are no rows yet."];
  const width = Math.max(...rows.map(({ row }) => row.length)) + 2;
  return rows.map(
    ({ row, metric, direction, bound, published }) =>
      `${row.padEnd(width)}${metric}: ${direction} ${bound}, published ${published}`,
  );
}

function readSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new GalateaError("usage", "--seed", `${text} is not a seed`, "give a whole number from 0");
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
