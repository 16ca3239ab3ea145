/** `npm run bench [-- <name> ...] [--peer <name>] [--list] [--dry-run]`: times us against our peers and the command
 * line alone, records it in bench/results.json and bench/readings.json, and writes docs/performance.md. */

import { parseArgs } from "node:util";
import { explanations } from "./explanations.ts";
import { describeMachine } from "./machine.ts";
import { measureWorkload } from "./measure-workload.ts";
import { exitCodeOf, findByName } from "./name-table.ts";
import { renderPerformancePage } from "./performance-page.ts";
import { type Reading, readings, takeSamples } from "./readings.ts";
import { putRecord, readRecords, replaceFile, writeRecords } from "./record-file.ts";
import { type ReadingRecord, type Result, readingRecordSchema, recordPaths, resultSchema } from "./results.ts";
import { median, round } from "./statistics.ts";
import { type Peer, type Workload, workloads } from "./workloads/index.ts";

/** Of a workload and a peer, in what is printed. */
const labelWidth = 36;

type Task = { readonly name: string; readonly description: string } & (
  | { readonly workload: Workload }
  | { readonly reading: Reading }
);

const tasks: readonly Task[] = [
  ...workloads.map((workload) => ({ name: workload.name, description: workload.description, workload })),
  ...readings.map((reading) => ({ name: reading.name, description: reading.description, reading })),
];

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${messageOf(error)}`);
  process.exitCode = exitCodeOf(error);
}

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { list: { type: "boolean" }, "dry-run": { type: "boolean" }, peer: { type: "string", multiple: true } },
  });
  if (values.list) {
    for (const task of tasks) console.log(`${task.name.padEnd(20)}${task.description}`);
    return 0;
  }
  const peers = workloads.flatMap((workload) => workload.peers);
  const only = values.peer?.map((name) => findByName("peer", uniqueByName(peers), (peer) => peer.name, name).name);
  const wanted = positionals.map((name) => findByName("workload", tasks, (task) => task.name, name));
  const record = values["dry-run"] !== true;
  let failed = 0;
  const headings = ["ratio", "quartiles", "ours", "peer's", "our MB", "peer's MB", "our start", "of SGEMM", "random"];
  console.log(`${"".padEnd(labelWidth)}${headings.map(cell).join("")}`);
  for (const task of wanted.length > 0 ? wanted : tasks) {
    if ("reading" in task) failed += await attempt(task.name, () => measureReading(task.reading, record));
    else {
      for (const peer of task.workload.peers.filter(({ name }) => only?.includes(name) ?? true)) {
        failed += await attempt(`${task.name} / ${peer.name}`, () => runComparison(task.workload, peer, record));
      }
    }
  }
  return failed > 0 ? 1 : 0;
}

function uniqueByName(peers: readonly Peer[]): Peer[] {
  return [...new Map(peers.map((peer) => [peer.name, peer])).values()];
}

/** Runs one measurement; a failure is told and counted, so that the others still run. */
async function attempt(label: string, measure: () => Promise<void>): Promise<0 | 1> {
  try {
    await measure();
    return 0;
  } catch (error) {
    console.error(`error: ${label}: ${messageOf(error)}`);
    return 1;
  }
}

async function runComparison(workload: Workload, peer: Peer, record: boolean): Promise<void> {
  const result = await measureWorkload(workload, peer);
  console.log(lineOf(result, peer.bound));
  if (record) await recordResult(result);
}

async function measureReading(reading: Reading, record: boolean): Promise<void> {
  const samples = await takeSamples(reading);
  const entry: ReadingRecord = {
    reading: reading.name,
    value: round(median(samples), 1),
    unit: reading.unit,
    spread: [round(Math.min(...samples), 1), round(Math.max(...samples), 1)],
    samples: samples.length,
    command: reading.command,
    machine: describeMachine(),
    date: new Date().toISOString(),
  };
  const { value, unit, spread } = entry;
  const reached = value < reading.goal ? "under" : "NOT under";
  console.log(
    `${reading.name.padEnd(24)}${value} ${unit} (${spread.join(" to ")}), ${reached} ${reading.goal} ${unit}`,
  );
  if (record) await recordReading(entry);
}

async function recordResult(result: Result): Promise<void> {
  const before = await readRecords(recordPaths.results, resultSchema);
  const isSame = (other: Result): boolean => other.workload === result.workload && other.peer === result.peer;
  await writeRecords(recordPaths.results, putRecord(before, result, isSame));
  await writePage();
}

async function recordReading(entry: ReadingRecord): Promise<void> {
  const before = await readRecords(recordPaths.readings, readingRecordSchema);
  const isSame = (other: ReadingRecord): boolean => other.reading === entry.reading;
  await writeRecords(recordPaths.readings, putRecord(before, entry, isSame));
  await writePage();
}

async function writePage(): Promise<void> {
  const page = renderPerformancePage({
    results: await readRecords(recordPaths.results, resultSchema),
    readings: await readRecords(recordPaths.readings, readingRecordSchema),
    workloadTable: workloads,
    readingTable: readings,
    explanations,
  });
  await replaceFile(recordPaths.performancePage, page);
}

function lineOf(result: Result, bound: number): string {
  const label = `${result.workload} / ${result.peer}`.padEnd(labelWidth);
  if (result.ratio === null) return `${label}not run: ${result.reason}`;
  const cells = [
    result.ratio.toFixed(2),
    result.spread.map((value) => value.toFixed(2)).join("-"),
    `${result.oursMs.toFixed(1)} ms`,
    `${result.peerMs.toFixed(1)} ms`,
    result.oursPeakMb.toFixed(0),
    result.peerPeakMb.toFixed(0),
    result.startMs === undefined ? "" : `${result.startMs.toFixed(0)} ms`,
    percent(result.sgemmShare),
    percent(result.randomShare),
  ];
  const kept = result.ratio >= bound ? `at least ${bound}` : `NOT at least ${bound}`;
  return `${label}${cells.map(cell).join("")}  ${kept}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? "" : `${(100 * share).toFixed(1)}%`;
}

function cell(text: string): string {
  return text.padStart(11);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
