/** A conversation on a terminal: a question a line, until the end of input. */

import { createInterface } from "node:readline/promises";
import type { CommandContext } from "./context.ts";
import { describeFailure } from "./failure.ts";

/**
 * Asks for lines and answers each. What is wrong with a line is said, and the next one asked for.
 * @param what what a line is: `text`, `a WAV file`
 */
export async function converse(
  { stdin, stderr }: CommandContext,
  what: string,
  answer: (line: string) => Promise<void>,
): Promise<void> {
  stderr.write(`Type ${what} and press Enter; an empty line ends.\n`);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    stderr.write("> ");
    for await (const line of lines) {
      if (line.trim() === "") return;
      try {
        await answer(line.trim());
      } catch (error) {
        const { message, code } = describeFailure(error);
        if (code !== "usage" && code !== "data") throw error;
        stderr.write(`${message}\n`);
      }
      stderr.write("> ");
    }
  } finally {
    lines.close();
  }
}
