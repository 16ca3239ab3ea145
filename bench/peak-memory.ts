/** Peak resident memory of processes, in 10^6 bytes. */

import { readFile } from "node:fs/promises";

/** Of this process. Elsewhere than on Linux, getrusage's reading, which has the parent's as its least. */
export async function readPeakMb(): Promise<number> {
  return (await readPeakMbOf("self")) ?? (process.resourceUsage().maxRSS * 1024) / 1e6;
}

/** Of another process; undefined when it has ended or the system is not Linux. */
export async function readPeakMbOf(pid: number | "self"): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : (Number(kib) * 1024) / 1e6;
}
