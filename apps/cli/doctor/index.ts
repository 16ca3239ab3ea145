/** What `galatea doctor` looks at, one check after the other. A check says what it saw; it never throws. */

import type { CommandContext } from "../context.ts";
import type { Check, Finding } from "./check.ts";
import { checkCompute, checkDevices } from "./compute.ts";
import { checkImages, checkNode, checkSystem } from "./installation.ts";
import { checkData, checkDisk } from "./storage.ts";

export type { Finding, Health } from "./check.ts";

const checks: readonly Check[] = [
  checkNode,
  checkSystem,
  checkCompute,
  checkImages,
  checkData,
  checkDisk,
  checkDevices,
];

/** Runs all checks; a check that breaks is a failed one. */
export async function* inspect(
  context: CommandContext,
): AsyncGenerator<{ readonly finding: Finding; readonly done: number; readonly total: number }, void, undefined> {
  for (const [at, { name, run }] of checks.entries()) {
    const findings = await run(context).catch((error: unknown): Finding[] => [
      { name, health: "fail", detail: error instanceof Error ? error.message : String(error) },
    ]);
    for (const finding of findings) yield { finding, done: at + 1, total: checks.length };
  }
}
