/** Entries of a table, found by the names that a command line gives. */

import { closest } from "fastest-levenshtein";
import { GalateaError } from "../src/core/base/index.ts";

/**
 * The entry of that name.
 *
 * @param what an entry is: `row`, `workload`.
 * @throws GalateaError `usage` naming the nearest that exists.
 */
export function findByName<T>(what: string, entries: readonly T[], nameOf: (entry: T) => string, name: string): T {
  const found = entries.find((entry) => nameOf(entry) === name);
  if (found !== undefined) return found;
  const names = entries.map(nameOf);
  if (names.length === 0) throw new GalateaError("usage", name, `no such ${what}`, "the table is empty");
  throw new GalateaError(
    "usage",
    name,
    `no such ${what}`,
    `the nearest is ${closest(name, names)}; there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`,
  );
}

/** 2 for a command line that cannot be understood, 1 for everything else. */
export function exitCodeOf(error: unknown): 1 | 2 {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  const usage = code === "usage" || (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_"));
  return usage ? 2 : 1;
}
