/** How a failure ends the process: one line, an exit code. */

import { type ErrorCode, GalateaError } from "../../src/core/base/index.ts";

/** 0 done, 1 failed, 2 wrong usage or config, 130 interrupted (after saving). */
export type ExitCode = 0 | 1 | 2 | 130;

/** What is known of any thrown value. */
export interface Failure {
  readonly code: ErrorCode;
  /** What went wrong, in one line. */
  readonly reason: string;
  /** The reason, with advice where it has none of its own. */
  readonly message: string;
  readonly exitCode: ExitCode;
}

export function describeFailure(error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  const reason = text.trim().replace(/\s*\n\s*/g, " ") || "unknown error";
  if (!(error instanceof GalateaError)) {
    const advice = "`galatea doctor` checks this installation, --debug shows where it happened";
    return { code: "internal", reason, message: `${reason}; ${advice}`, exitCode: 1 };
  }
  const wrongUsage = error.code === "usage" || error.code === "config";
  return { code: error.code, reason, message: reason, exitCode: wrongUsage ? 2 : 1 };
}
