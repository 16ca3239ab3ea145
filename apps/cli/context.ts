/** What a command gets from outside: its streams and the environment. */

import type { ExitCode } from "./failure.ts";
import type { ArgumentValues, CommandSpec, OptionValues } from "./option-spec.ts";

/** A stream that may be a terminal; what `process.stdout` and `process.stderr` have in common with a test's. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  /** Whether colours are wanted: a terminal's own answer, which heeds NO_COLOR. */
  hasColors?(): boolean;
  on?(event: "resize", listener: () => void): unknown;
  off?(event: "resize", listener: () => void): unknown;
}

/** Where lines are typed. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

export interface CommandContext {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A command's code; `C` is its entry of the option table. */
export type Run<C extends CommandSpec> = (
  args: ArgumentValues<C>,
  options: OptionValues<C>,
  context: CommandContext,
) => Promise<ExitCode>;

/** Any command's code, as the dispatcher calls it with what the table says that it takes. */
export type CommandRunner = (args: never, options: never, context: CommandContext) => Promise<ExitCode>;
