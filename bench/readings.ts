/** Readings of the command line alone: how long it takes to start, how much memory it needs. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readPeakMbOf } from "./peak-memory.ts";

export interface Reading {
  readonly name: string;
  readonly description: string;
  readonly unit: "ms" | "MB";
  /** The value to stay under. */
  readonly goal: number;
  /** The command that is measured, as a user writes it. */
  readonly command: string;
  readonly samples: number;
  /** One sample. */
  measure(): Promise<number>;
}

const galatea = fileURLToPath(new URL("../bin/galatea.mjs", import.meta.url));

export const readings: readonly Reading[] = [
  {
    name: "first-step",
    description:
      "From the start of the process to the end of the first training step, as its event appears on stdout; " +
      "disk caches warm.",
    unit: "ms",
    goal: 1500,
    command: "galatea train digits/vae --steps 1 --json",
    samples: 5,
    measure: () => inRun((out) => timeToLine(["train", "digits/vae", "--steps", "1", "--json", "--out", out], isStep)),
  },
  {
    name: "train-memory",
    description: "Peak resident memory of a training run, all its processes added up (10^6 bytes; Linux only).",
    unit: "MB",
    goal: 400,
    command: "galatea train digits/vae --steps 200 --json",
    samples: 1,
    measure: () => inRun((out) => peakOf(["train", "digits/vae", "--steps", "200", "--json", "--out", out])),
  },
  {
    name: "help",
    description: "From the start of the process to its end.",
    unit: "ms",
    goal: 200,
    command: "galatea --help",
    samples: 10,
    measure: () => timeToEnd(["--help"]),
  },
];

/**
 * All samples of a reading, after one that is not counted: it fills disk caches and, in a checkout, builds.
 *
 * @throws Error when the command fails.
 */
export async function takeSamples(reading: Reading): Promise<number[]> {
  await reading.measure();
  const samples: number[] = [];
  while (samples.length < reading.samples) samples.push(await reading.measure());
  return samples;
}

/** Gives `measure` the name of a run directory that does not exist yet, and removes it afterwards. */
async function inRun<T>(measure: (out: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-bench-"));
  try {
    return await measure(join(folder, "run"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a line on stdout is the event of a finished step. */
export function isStep(line: string): boolean {
  try {
    return (JSON.parse(line) as { type?: unknown } | null)?.type === "step";
  } catch {
    return false;
  }
}

/** Milliseconds from the start of `galatea <args>` to the first line that `matches`; waits for its end. */
async function timeToLine(args: readonly string[], matches: (line: string) => boolean): Promise<number> {
  const started = performance.now();
  const { child, ended } = start(args);
  let foundMs: number | undefined;
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    if (foundMs === undefined && matches(line)) foundMs = performance.now() - started;
  });
  await ended;
  if (foundMs === undefined) throw new Error(`galatea ${args.join(" ")}: no step event on stdout; one was expected`);
  return foundMs;
}

async function timeToEnd(args: readonly string[]): Promise<number> {
  const started = performance.now();
  const { child, ended } = start(args);
  child.stdout?.resume();
  await ended;
  return performance.now() - started;
}

/** Sum of the peaks of a process and of all that it starts: never less than their common peak. */
async function peakOf(args: readonly string[]): Promise<number> {
  if (process.platform !== "linux") throw new Error("train-memory: /proc is needed; run it on Linux");
  const { child, ended } = start(args);
  child.stdout?.resume();
  const peaks = new Map<number, number>();
  const look = async (pid: number): Promise<void> => {
    const peak = await readPeakMbOf(pid);
    if (peak === undefined) return;
    peaks.set(pid, peak);
    for (const childPid of await childrenOf(pid)) await look(childPid);
  };
  const polls = pollUntil(ended, () => look(child.pid as number), 20);
  await ended;
  await polls;
  return [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
}

async function pollUntil(ended: Promise<void>, look: () => Promise<void>, everyMs: number): Promise<void> {
  let running = true;
  const stop = (): void => {
    running = false;
  };
  ended.then(stop, stop);
  while (running) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  // A process that a worker thread starts is listed under that thread only in `task/<thread>/children`.
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  return lists.join(" ").split(/\s+/).filter(Boolean).map(Number);
}

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<void> } {
  const child = spawn(process.execPath, [galatea, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stderrTail = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderrTail = (stderrTail + chunk.toString()).slice(-2000);
  });
  const ended = once(child, "close").then(([code, signal]) => {
    if (code === 0) return;
    throw new Error(
      `galatea ${args.join(" ")}: ended with ${signal ?? `exit code ${code}`}, saying: ${stderrTail.trim()}`,
    );
  });
  return { child, ended };
}
