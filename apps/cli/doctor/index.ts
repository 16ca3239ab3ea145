/** What `galatea doctor` looks at, one check after the other. A check says what it saw.
 *
 * Each check's code is loaded when it runs: a package that cannot be loaded is a finding, not a crash. */

import type { CommandContext } from "../context.ts";
import { describeFailure } from "../failure.ts";
import type { Check, Finding } from "./check.ts";

export type { Finding, Health } from "./check.ts";

/** Each with the name of its finding when it breaks. */
const checks: Readonly<Record<string, Check>> = {
  machine: async () => (await import("./installation.ts")).checkMachine(),
  onnxruntime: async () => (await import("./compute.ts")).checkCompute(),
  sharp: async () => (await import("./installation.ts")).checkImages(),
  data: async (context) => (await import("./storage.ts")).checkData(context),
  disk: async () => (await import("./storage.ts")).checkDisk(),
  "backend cpu": async () => [{ name: "backend cpu", health: "ok", detail: "available" }],
  "backend webgpu": async () => (await import("./compute.ts")).checkWebgpu(),
  "backend cuda": async () => [{ name: "backend cuda", health: "info", detail: "not in this version" }],
};

/** Runs all checks; a check that breaks is a failed one. */
export async function* inspect(
  context: CommandContext,
): AsyncGenerator<{ readonly finding: Finding; readonly done: number; readonly total: number }, void, undefined> {
  const all = Object.entries(checks);
  for (const [at, [name, run]] of all.entries()) {
    const findings = await run(context).catch((error: unknown): Finding[] => [
      { name, health: "fail", detail: describeFailure(error).reason },
    ]);
    for (const finding of findings) yield { finding, done: at + 1, total: all.length };
  }
}
