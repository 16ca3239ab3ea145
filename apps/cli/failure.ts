/** How a failure ends the process: one line, an exit code. */

import { type ErrorCode, GalateaError } from "../../src/core/base/index.ts";

/** 0 done, 1 failed, 2 wrong usage or config, 130 interrupted (after saving). */
export type ExitCode = 0 | 1 | 2 | 130;

/** What is known of any thrown value. */
export interface Failure {
  readonly code: ErrorCode;
  /** One line. */
  readonly message: string;
  readonly exitCode: ExitCode;
}

export function describeFailure(error: unknown): Failure {
  const message = (error instanceof Error ? error.message : String(error)).trim().replace(/\s*\n\s*/g, " ");
  if (!(error instanceof GalateaError)) {
    const advice = "this is a defect of Galatea or of your config file; --debug shows where";
    return { code: "internal", message: `${message || "unknown error"}; ${advice}`, exitCode: 1 };
  }
  const wrongUsage = error.code === "usage" || error.code === "config";
  return { code: error.code, message, exitCode: wrongUsage ? 2 : 1 };
}
