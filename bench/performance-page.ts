/** docs/performance.md, made from what `npm run bench` recorded. */

import type { Reading } from "./readings.ts";
import type { ReadingRecord, Result } from "./results.ts";
import { round } from "./statistics.ts";
import type { Workload } from "./workloads/index.ts";

export interface PerformanceRecords {
  readonly results: readonly Result[];
  readonly readings: readonly ReadingRecord[];
  readonly workloadTable: readonly Pick<
    Workload,
    "name" | "description" | "bound" | "blocks" | "stepsPerBlock" | "peers"
  >[];
  readonly readingTable: readonly Pick<Reading, "name" | "description" | "goal">[];
}

/** The page as Markdown. */
export function renderPerformancePage(records: PerformanceRecords): string {
  const { results, readings, workloadTable } = records;
  const boundOf = (name: string): number | undefined => workloadTable.find((workload) => workload.name === name)?.bound;
  const comparisons = results.map(({ workload, peer, ...result }) => {
    const bound = boundOf(workload);
    return row([
      `[${workload}](#${workload})`,
      peer,
      `**${result.ratio.toFixed(2)}**`,
      `${result.spread[0].toFixed(2)} to ${result.spread[1].toFixed(2)}`,
      `${result.oursMs.toFixed(2)} ms`,
      `${result.peerMs.toFixed(2)} ms`,
      `${Math.round(result.oursPeakMb)} MB`,
      `${Math.round(result.peerPeakMb)} MB`,
      bound === undefined ? "" : `${bound}`,
      bound === undefined ? "" : result.ratio >= bound ? "yes" : "no",
    ]);
  });
  const alone = readings.map((record) => {
    const goal = records.readingTable.find((reading) => reading.name === record.reading)?.goal;
    return row([
      `[${record.reading}](#${record.reading})`,
      `${round(record.value, 0)} ${record.unit}`,
      `${round(record.spread[0], 0)} to ${round(record.spread[1], 0)}`,
      goal === undefined ? "" : `under ${goal} ${record.unit}`,
      goal === undefined ? "" : record.value < goal ? "yes" : "no",
      `\`${record.command}\``,
    ]);
  });
  return [
    "<!-- Written by npm run bench; change bench/, not this page. -->",
    "# Performance",
    "Each training step below was timed against the same step in another library, in one run on one machine: " +
      "both sides live in processes of their own with as many threads, warm up, then run blocks of steps by " +
      "turns (ours, peer, peer, ours, ...), the one idle while the other runs. The ratio is the peer's time " +
      "divided by ours, so **above 1 we are faster**: the median over pairs of neighbouring blocks, beside " +
      "it the quartiles. Trust ratios; milliseconds belong to the machine. Memory is each process's peak.",
    "## Training steps",
    results.length === 0
      ? "Nothing measured yet: `npm run bench`."
      : [
          row(["step", "peer", "ratio", "quartiles", "ours", "peer's", "our memory", "peer's", "promised", "kept"]),
          row(Array(10).fill("---")),
          ...comparisons,
        ].join("\n"),
    ...workloadTable.flatMap((workload) => workloadSection(workload, results)),
    "## The command line alone",
    readings.length === 0
      ? "Nothing measured yet: `npm run bench`."
      : [row(["reading", "median", "range", "goal", "reached", "command"]), row(Array(6).fill("---")), ...alone].join(
          "\n",
        ),
    ...records.readingTable.flatMap((reading) => readingSection(reading, readings)),
  ]
    .join("\n\n")
    .concat("\n");
}

function workloadSection(
  workload: PerformanceRecords["workloadTable"][number],
  results: readonly Result[],
): readonly string[] {
  const own = results.filter((result) => result.workload === workload.name);
  if (own.length === 0) return [];
  return [
    `### ${workload.name}`,
    workload.description,
    `\`npm run bench -- ${workload.name}\`: ${workload.blocks} blocks of ${workload.stepsPerBlock} steps a side.`,
    own.map((result) => `- ${resultFacts(result, workload.peers)}`).join("\n"),
  ];
}

function resultFacts({ peer, machine, date }: Result, peers: Workload["peers"]): string {
  const note = peers.find(({ name }) => name === peer)?.note;
  return `${peer}: ${note === undefined ? "" : `${note}. `}Measured ${date.slice(0, 10)} on ${machine}.`;
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

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
