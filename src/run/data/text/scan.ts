/** Commands and the actions that they ask for, as the files of SCAN hold them: `IN: jump twice OUT: I_JUMP I_JUMP`.
 *
 * Source: Lake and Baroni, "Generalization without systematicity" (2018). */

import { GalateaError } from "../../../core/base/index.ts";
import type { TextPair } from "./aligned-files.ts";
import { readTextFile, splitLines } from "./text-files.ts";

/** Whether a text file is one of SCAN: its first line says what comes in. */
export async function isScan(path: string): Promise<boolean> {
  return (await readTextFile(path)).startsWith("IN: ");
}

/**
 * Reads a file of SCAN, plain or gzip: commands as sources, actions as targets.
 * @throws GalateaError `data` when a line has another form; the message names it.
 */
export async function readScan(path: string): Promise<readonly TextPair[]> {
  return splitLines(await readTextFile(path)).flatMap((line, index) => {
    if (line.trim() === "") return [];
    const [, source, target] = /^IN: (.+) OUT: (.+)$/.exec(line.trim()) ?? [];
    if (source !== undefined && target !== undefined) return [{ source, target }];
    const seen = `${JSON.stringify(line.slice(0, 40))} is no line of SCAN`;
    throw new GalateaError("data", `${path}:${index + 1}`, seen, "`IN: command OUT: actions`");
  });
}
