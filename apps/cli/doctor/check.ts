/** What a check is and what it finds. */

import type { CommandContext } from "../context.ts";

/** `fail`: Galatea cannot work; `warn`: something will not; `info`: good to know. */
export type Health = "ok" | "warn" | "fail" | "info";

export interface Finding {
  readonly name: string;
  readonly health: Health;
  readonly detail: string;
  /** A number that was measured, for programs. */
  readonly value?: number;
}

export type Check = (context: CommandContext) => Promise<Finding[]>;
