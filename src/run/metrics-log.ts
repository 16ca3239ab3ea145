/** metrics.jsonl: one JSON object a line, without times, so that equal runs write equal bytes. */

import { type FileHandle, open, readFile } from "node:fs/promises";
import type { Metrics } from "./events.ts";
import { fileError, writeFileAtomically } from "./files.ts";

export type Split = "train" | "validation";

export interface MetricsLog {
  append(step: number, split: Split, metrics: Metrics): void;
  /** Writes and syncs what was appended. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** NaN and infinities, which JSON lacks, as text. */
function toJson(metrics: Metrics): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]),
  );
}

/** Lines of steps up to `step`; what a killed process wrote after its last checkpoint, or half, goes. */
function linesUpTo(text: string, step: number): string {
  return text
    .split("\n")
    .filter((line) => {
      try {
        return (JSON.parse(line) as { readonly step: number }).step <= step;
      } catch {
        return false;
      }
    })
    .map((line) => `${line}\n`)
    .join("");
}

/** What the log holds; nothing when a run was killed before its first line. */
async function readBefore(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw fileError("storage", path, "read", cause);
  }
}

/**
 * Opens the log of a run that has done `fromStep` steps.
 * @throws GalateaError `storage` when it cannot be read or written.
 */
export async function openMetricsLog(path: string, fromStep: number): Promise<MetricsLog> {
  const before = fromStep === 0 ? "" : await readBefore(path);
  await writeFileAtomically(path, linesUpTo(before, fromStep));
  let file: FileHandle;
  try {
    file = await open(path, "a");
  } catch (cause) {
    throw fileError("storage", path, "opened", cause);
  }
  let pending = "";
  const flush = async (): Promise<void> => {
    if (pending === "") return;
    const text = pending;
    pending = "";
    try {
      await file.appendFile(text);
      await file.sync();
    } catch (cause) {
      throw fileError("storage", path, "written", cause);
    }
  };
  return {
    append: (step, split, metrics) => {
      pending += `${JSON.stringify({ step, split, ...toJson(metrics) })}\n`;
    },
    flush,
    close: async () => {
      await flush();
      await file.close();
    },
  };
}
