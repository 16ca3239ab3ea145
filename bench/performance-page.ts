/** docs/performance.md, made from what `npm run bench` recorded. */

import type { Explanations, Gap } from "./explanations.ts";
import { gapsOf } from "./gaps.ts";
import type { Reading } from "./readings.ts";
import type { Measured, ReadingRecord, Result } from "./results.ts";
import { round } from "./statistics.ts";
import type { KernelProfile } from "./worker-protocol.ts";
import { goals, type Peer, type Workload, type WorkloadKind } from "./workloads/index.ts";

export interface PerformanceRecords {
  readonly results: readonly Result[];
  readonly readings: readonly ReadingRecord[];
  readonly workloadTable: readonly Pick<Workload, "name" | "kind" | "description" | "peers" | "sgemmGoal">[];
  readonly readingTable: readonly Pick<Reading, "name" | "description" | "goal">[];
  readonly explanations: Explanations;
}

type Row = PerformanceRecords["workloadTable"][number];

const comparisonHeadings = ["peer", "ratio", "quartiles", "ours", "peer's", "promised", "kept"];
const nothing = "Nothing measured yet: `npm run bench`.";

/** The page as Markdown. */
export function renderPerformancePage(records: PerformanceRecords): string {
  const { results, readings, workloadTable } = records;
  const rows = workloadTable.flatMap((workload) =>
    workload.peers.flatMap((peer) => {
      const result = results.find((entry) => entry.workload === workload.name && entry.peer === peer.name);
      return result ? [{ workload, peer, result }] : [];
    }),
  );
  const rowsOf = (kind: WorkloadKind): string[][] =>
    rows
      .filter(({ workload }) => (workload.kind ?? "training") === kind)
      .map(({ workload, peer, result }) => comparisonRow(workload, peer, result));
  const own = rows.flatMap(({ workload, result }) =>
    result.ratio !== null && result.startMs !== undefined ? [ownRow(workload, result)] : [],
  );
  return [
    "<!-- Written by npm run bench; change bench/, not this page. -->",
    "# Performance",
    "Each training step below (forward, backward and Adam, float32) was timed against the same step in another " +
      "library, in one run on one machine: both sides live in processes of their own, warm up, then run blocks of " +
      "steps by turns (ours, peer, peer, ours, ...), the one stopped while the other runs. Both cycle through batches " +
      "made beforehand and read the loss of every step; their models have equally many values, their losses begin " +
      "at the same height and fall alike. The ratio is the peer's time divided by ours, so **above 1 we are " +
      "faster**: the median over pairs of neighbouring blocks, beside it the quartiles. Trust ratios; milliseconds " +
      "belong to the machine.",
    "## Training steps",
    table(["step", ...comparisonHeadings], rowsOf("training")),
    "## Sampling",
    "A batch of samples of a fresh model, drawn and read back, compared in the same way; a number that stands for " +
      "the samples, such as their mean, must be the same on both sides.",
    table(["samples", ...comparisonHeadings], rowsOf("sampling")),
    "## What a step of ours needs",
    "Start is tracing, compiling and the first step together. Peak memory is the whole process's. Of SGEMM: the " +
      "matrix products and convolutions of a step, counted from its sizes, per second, as a share of how fast the " +
      "machine multiplies large matrices, measured between the blocks of the same run on both sides; the faster " +
      "side counts. Random: drawing a step's random numbers and nothing else, as a share of the step.",
    table(["step", "values", "start", "memory", "PyTorch's", "GFLOP", "of SGEMM", "random", "misses"], own),
    ...workloadTable.flatMap((workload) => workloadSection(workload, records)),
    "## The command line alone",
    table(
      ["reading", "median", "range", "goal", "reached", "command"],
      readings.map((entry) => readingRow(entry, records)),
    ),
    ...records.readingTable.flatMap((reading) => readingSection(reading, readings)),
  ]
    .join("\n\n")
    .concat("\n");
}

function comparisonRow(workload: Row, peer: Peer, result: Result): string[] {
  const start = [`[${workload.name}](#${workload.name})`, peer.name];
  if (result.ratio === null) return [...start, "not run", "", "", "", "", ""];
  return [
    ...start,
    `**${result.ratio.toFixed(2)}**`,
    `${result.spread[0].toFixed(2)} to ${result.spread[1].toFixed(2)}`,
    milliseconds(result.oursMs),
    milliseconds(result.peerMs),
    `${peer.bound}`,
    result.ratio >= peer.bound ? "yes" : "no",
  ];
}

/** What the peer that was measured with a yardstick says of us. */
function ownRow(workload: Row, result: Measured): string[] {
  const { parameters = 0, startMs = 0, gflop, sgemmShare, randomShare } = result;
  const misses = gapsOf(workload, result).filter((gap) => gap !== result.peer);
  return [
    `[${workload.name}](#${workload.name})`,
    `${(parameters / 1e6).toFixed(2)} M`,
    `${(startMs / 1000).toFixed(2)} s`,
    `${Math.round(result.oursPeakMb)} MB`,
    `${Math.round(result.peerPeakMb)} MB`,
    gflop?.toFixed(1) ?? "",
    percent(sgemmShare, 0),
    percent(randomShare, 1),
    misses.map((gap) => promiseOf(gap, workload)).join("; "),
  ];
}

/** Nothing for what was not measured. */
function percent(share: number | undefined, digits: number): string {
  return share === undefined ? "" : `${(100 * share).toFixed(digits)}%`;
}

function promiseOf(gap: Gap, { sgemmGoal = 0 }: Row): string {
  if (gap === "memory") return "at most PyTorch's memory";
  if (gap === "start") return `start under ${goals.startMs / 1000} s`;
  if (gap === "sgemm") return `${100 * sgemmGoal}% of SGEMM`;
  return gap === "random" ? `random at most ${100 * goals.randomShare}%` : "speed";
}

function workloadSection(workload: Row, { results, explanations }: PerformanceRecords): string[] {
  const own = results.filter((result) => result.workload === workload.name);
  if (own.length === 0) return [];
  const gaps = [...new Set(own.flatMap((result) => gapsOf(workload, result)))];
  const reasons = explanations[workload.name] ?? {};
  const explained = gaps.map((gap) => `- **${gap}**: ${reasons[gap] ?? "not explained yet."}`);
  return [
    `### ${workload.name}`,
    workload.description,
    `\`npm run bench -- ${workload.name}\``,
    own.map((result) => `- ${resultFacts(result, workload.peers)}`).join("\n"),
    ...own.flatMap((result) => (result.ratio !== null && result.profile ? [profileFacts(result.profile)] : [])),
    ...(explained.length > 0 ? ["What it misses, and why:", explained.join("\n")] : []),
  ];
}

function profileFacts({ kernels, ops }: KernelProfile): string {
  const shares = ops.map(({ op, share, kernels: count }) => `${op} ${(100 * share).toFixed(1)}% (${count})`);
  return `A step of ours is ${kernels} kernels. What takes longest, as a share of their time, and in how many: ${shares.join(", ")}.`;
}

function resultFacts(result: Result, peers: readonly Peer[]): string {
  const peer = peers.find(({ name }) => name === result.peer);
  if (result.ratio === null) return `${result.peer} is not run: ${result.reason}.`;
  const note = peer ? `${peer.note}. ${peer.blocks} blocks of ${peer.stepsPerBlock} steps a side. ` : "";
  return `${result.peer}: ${note}Measured ${result.date.slice(0, 10)} on ${result.machine}.`;
}

function readingRow(record: ReadingRecord, { readingTable }: PerformanceRecords): string[] {
  const goal = readingTable.find((reading) => reading.name === record.reading)?.goal;
  return [
    `[${record.reading}](#${record.reading})`,
    `${round(record.value, 0)} ${record.unit}`,
    `${round(record.spread[0], 0)} to ${round(record.spread[1], 0)}`,
    goal === undefined ? "" : `under ${goal} ${record.unit}`,
    goal === undefined ? "" : record.value < goal ? "yes" : "no",
    `\`${record.command}\``,
  ];
}

function readingSection(
  reading: PerformanceRecords["readingTable"][number],
  records: readonly ReadingRecord[],
): readonly string[] {
  const own = records.find((record) => record.reading === reading.name);
  if (own === undefined) return [];
  const samples = own.samples === 1 ? "one sample" : `${own.samples} samples`;
  return [
    `### ${reading.name}`,
    reading.description,
    `\`npm run bench -- ${reading.name}\`: ${samples}; ${own.machine}; ${own.date.slice(0, 10)}.`,
  ];
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 100 ? 2 : 0)} ms`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return nothing;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}
