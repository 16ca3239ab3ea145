/** Peak resident memory of this process. */

import { readFile, writeFile } from "node:fs/promises";

/**
 * Forgets the peak so far.
 * @returns whether the system could
 */
export async function resetPeakMemory(): Promise<boolean> {
  // Linux: 5 resets the high-water mark of resident memory (proc(5), clear_refs).
  return writeFile("/proc/self/clear_refs", "5").then(
    () => true,
    () => false,
  );
}

/** Bytes at the highest, since the start or the last reset. */
export async function readPeakMemory(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return 1024 * (kib === undefined ? process.resourceUsage().maxRSS : Number(kib));
}
