/** `npm run bench [-- <name> ...] [--list] [--dry-run]`: times us against our peers and the command line
 * alone, records it in bench/results.json and bench/readings.json, and writes docs/performance.md. */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare } from "./harness.ts";
import { describeMachine } from "./machine.ts";
import { exitCodeOf, findByName } from "./name-table.ts";
import { renderPerformancePage } from "./performance-page.ts";
import { type ProcessContender, processContender } from "./process-contender.ts";
import { type Reading, readings, takeSamples } from "./readings.ts";
import { putRecord, readRecords, replaceFile, writeRecords } from "./record-file.ts";
import { type ReadingRecord, type Result, readingRecordSchema, recordPaths, resultSchema } from "./results.ts";
import { median, round } from "./statistics.ts";
import { type Peer, type Workload, workloads } from "./workloads/index.ts";

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
    options: { list: { type: "boolean" }, "dry-run": { type: "boolean" } },
  });
  if (values.list) {
    for (const task of tasks) console.log(`${task.name.padEnd(14)}${task.description}`);
    return 0;
  }
  const wanted = positionals.map((name) => findByName("workload", tasks, (task) => task.name, name));
  const record = values["dry-run"] !== true;
  let failed = 0;
  console.log(`${"".padEnd(24)}${["ratio", "quartiles", "ours", "peer's", "our MB", "peer's MB"].map(cell).join("")}`);
  for (const task of wanted.length > 0 ? wanted : tasks) {
    if ("reading" in task) failed += await attempt(task.name, () => measureReading(task.reading, record));
    else {
      for (const peer of task.workload.peers) {
        failed += await attempt(`${task.name} / ${peer.name}`, () => measureWorkload(task.workload, peer, record));
      }
    }
  }
  return failed > 0 ? 1 : 0;
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

async function measureWorkload(workload: Workload, peer: Peer, record: boolean): Promise<void> {
  const { warmUpSteps } = workload;
  const contenders: ProcessContender[] = [];
  const begin = (...start: Parameters<typeof processContender>): ProcessContender => {
    const contender = processContender(...start);
    contenders.push(contender);
    return contender;
  };
  try {
    const theirs = begin(peer.command, peer.args, { name: peer.name, warmUpSteps, install: peer.install });
    const versions = await theirs.versions();
    const program = fileURLToPath(new URL(`workloads/${workload.ours}`, import.meta.url));
    // The same loader of TypeScript that this process was started with.
    const args = [...process.execArgv, program, "--threads", String(availableParallelism())];
    const ours = begin(process.execPath, args, { name: "galatea", warmUpSteps });
    const comparison = await compare(ours, theirs, workload);
    const result: Result = {
      workload: workload.name,
      peer: peer.name,
      ratio: round(comparison.ratio, 3),
      oursMs: round(comparison.oursMs, 3),
      peerMs: round(comparison.peerMs, 3),
      spread: [round(comparison.spread[0], 3), round(comparison.spread[1], 3)],
      oursPeakMb: round(comparison.oursPeakMb, 1),
      peerPeakMb: round(comparison.peerPeakMb, 1),
      machine: describeMachine(versions),
      date: new Date().toISOString(),
    };
    console.log(lineOf(result, workload.bound));
    if (record) await recordResult(result);
  } finally {
    await Promise.all(contenders.map((contender) => contender.close()));
  }
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
  });
  await replaceFile(recordPaths.performancePage, page);
}

function lineOf(result: Result, bound: number): string {
  const cells = [
    result.ratio.toFixed(2),
    result.spread.map((value) => value.toFixed(2)).join("-"),
    `${result.oursMs.toFixed(2)} ms`,
    `${result.peerMs.toFixed(2)} ms`,
    result.oursPeakMb.toFixed(0),
    result.peerPeakMb.toFixed(0),
  ];
  const kept = result.ratio >= bound ? `at least ${bound}` : `NOT at least ${bound}`;
  return `${`${result.workload} / ${result.peer}`.padEnd(24)}${cells.map(cell).join("")}  ${kept}`;
}

function cell(text: string): string {
  return text.padStart(12);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
