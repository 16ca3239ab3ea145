/** `npm run verify [-- <row> [--seed N] [--threads N] [--resume]]`: measures a row of a published table, appends it to
 * docs/results.jsonl and writes docs/results.md. */

import { fileURLToPath } from "node:url";
import { exitCodeOf } from "./name-table.ts";
import { recordPaths } from "./results.ts";
import { rows } from "./rows/index.ts";
import { verify } from "./verification.ts";

try {
  process.exitCode = await verify(process.argv.slice(2), {
    rows,
    recordsPath: recordPaths.rows,
    pagePath: recordPaths.rowsPage,
    runsPath: fileURLToPath(new URL("../runs/verify", import.meta.url)),
    print: (line) => console.log(line),
    log: (message) => console.error(message),
  });
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = exitCodeOf(error);
}
