/** Two text files whose lines belong together: each line of one is the source of the same line of the other. */

import { GalateaError } from "../../../core/base/index.ts";
import { readTextFile, splitLines } from "./text-files.ts";

/** What goes in, and what should come out. */
export interface TextPair {
  readonly source: string;
  readonly target: string;
  /** What would be as right as the target. */
  readonly others?: readonly string[];
}

/**
 * Reads two files, plain or gzip, of as many lines. Pairs of two empty lines are left out.
 *
 * @throws GalateaError `data` when the files have different numbers of lines (the message says both, and near which line
 *   some seem to be missing), or a line is empty in one file only.
 */
export async function readAlignedFiles(sourcePath: string, targetPath: string): Promise<readonly TextPair[]> {
  const [sources, targets] = await Promise.all([sourcePath, targetPath].map(readLines));
  if (sources.length !== targets.length) throw unequal(sourcePath, targetPath, sources, targets);
  const pairs: TextPair[] = [];
  for (const [index, source] of sources.entries()) {
    const target = targets[index];
    if (source.trim() === "" && target.trim() === "") continue;
    if (source.trim() === "" || target.trim() === "") {
      const [empty, full, text] =
        source.trim() === "" ? [sourcePath, targetPath, target] : [targetPath, sourcePath, source];
      const seen = `the line is empty, and that of ${full} is ${quote(text)}`;
      throw new GalateaError("data", `${empty}:${index + 1}`, seen, "remove the line from both files, or fill it");
    }
    pairs.push({ source, target });
  }
  return pairs;
}

async function readLines(path: string): Promise<readonly string[]> {
  return splitLines(await readTextFile(path));
}

function unequal(
  sourcePath: string,
  targetPath: string,
  sources: readonly string[],
  targets: readonly string[],
): GalateaError {
  const isSourceShort = sources.length < targets.length;
  const [short, long] = isSourceShort ? [sources, targets] : [targets, sources];
  const shortPath = isSourceShort ? sourcePath : targetPath;
  const missing = long.length - short.length;
  const line = likelyGap(short, long);
  const place =
    line === short.length
      ? `the lines after ${line} seem to be missing from ${shortPath}`
      : `${missing} ${missing === 1 ? "line seems" : "lines seem"} to be missing from ${shortPath} near line ${line + 1}, ${quote(
          short[line],
        )} beside ${quote(long[line])}`;
  const seen = `${sources.length} lines, and ${targetPath} has ${targets.length}: by the lengths of lines, ${place}`;
  return new GalateaError("data", sourcePath, seen, "both files need a line for each pair");
}

/**
 * Where a gap in the shorter file explains the lengths of lines best: lines before it belong to the same line of the
 * longer file, lines from it on to one as much later as lines are missing. Lengths of translations are nearly
 * proportional (Gale and Church, 1993), and an empty line never belongs to a full one.
 */
function likelyGap(short: readonly string[], long: readonly string[]): number {
  const missing = long.length - short.length;
  const total = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0);
  // Of all lines: a few missing ones change it little.
  const usual = Math.log((1 + total(long)) / (1 + total(short)));
  const distance = (a: string, b: string): number => {
    const difference = Math.log((b.length + 1) / (a.length + 1)) - usual;
    return Math.min(difference ** 2, 4);
  };
  let sum = short.reduce((all, line, i) => all + distance(line, long[i + missing]), 0);
  let [best, least] = [0, sum];
  for (const [i, line] of short.entries()) {
    sum += distance(line, long[i]) - distance(line, long[i + missing]);
    // Rounding must not move it from where it was found first.
    if (sum < least - 1e-9) [best, least] = [i + 1, sum];
  }
  return best;
}

function quote(text: string): string {
  const short = Array.from(text).slice(0, 40).join("");
  return JSON.stringify(short.length < text.length ? `${short}...` : short);
}
