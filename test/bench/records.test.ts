import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodeOf, findByName } from "../../bench/name-table.ts";
import { type PerformanceRecords, renderPerformancePage } from "../../bench/performance-page.ts";
import { isStep } from "../../bench/readings.ts";
import { putRecord, readRecords, writeRecords } from "../../bench/record-file.ts";
import { type Measured, type Result, resultSchema } from "../../bench/results.ts";
import type { Row } from "../../bench/rows/index.ts";
import { verify } from "../../bench/verification.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galatea-records-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const result: Measured = {
  workload: "vae",
  peer: "pytorch",
  ratio: 1.4,
  oursMs: 10,
  peerMs: 14,
  spread: [1.3, 1.5],
  oursPeakMb: 200,
  peerPeakMb: 290,
  parameters: 1_379_152,
  startMs: 2500,
  gflop: 0.95,
  sgemmGflops: 190,
  sgemmShare: 0.5,
  randomShare: 0.02,
  machine: "a machine",
  date: "2026-01-02T03:04:05.000Z",
};

const unable: Result = {
  workload: "vae",
  peer: "tfjs",
  ratio: null,
  oursMs: null,
  peerMs: null,
  spread: null,
  oursPeakMb: null,
  peerPeakMb: null,
  reason: "it has no gradient",
  machine: "a machine",
  date: "2026-01-02T03:04:05.000Z",
};

describe("bench/results.json", () => {
  test("a new reading replaces the old one of the same workload and peer, and no other", () => {
    const other = { ...result, peer: "tfjs" };
    const newer = { ...result, ratio: 1.6 };
    const isSame = (entry: Result): boolean => entry.workload === "vae" && entry.peer === "pytorch";
    expect(putRecord([result, other], newer, isSame)).toEqual([newer, other]);
    expect(putRecord([other], newer, isSame)).toEqual([other, newer]);
  });

  test("what is written is read back, and no temporary file stays", async () => {
    const path = join(folder, "results.json");
    await writeRecords(path, [result, unable]);
    expect(await readRecords(path, resultSchema)).toEqual([result, unable]);
    expect(await readFile(path, "utf8")).toContain('"spread": [1.3, 1.5],');
    expect(await readdir(folder)).toEqual(["results.json"]);
  });

  test("no file is no records; a damaged one is an error that names it", async () => {
    const path = join(folder, "results.json");
    expect(await readRecords(path, resultSchema)).toEqual([]);
    await writeFile(path, '[{"workload": "vae"}]');
    await expect(readRecords(path, resultSchema)).rejects.toThrow(
      /results\.json: not an array of the records expected \(0: /,
    );
    await writeFile(path, "[{");
    await expect(readRecords(path, resultSchema)).rejects.toThrow("not an array");
  });
});

describe("docs/performance.md", () => {
  const run = { bound: 1.3, warmUpSteps: 1, blocks: 24, stepsPerBlock: 20 };
  const peers = [
    { name: "pytorch", command: "python3", args: [], install: "", note: "Eager", ...run },
    { name: "tfjs", command: "node", args: [], install: "", note: "", omitted: "it has no gradient", ...run },
  ];
  const workload = { name: "vae", description: "A VAE step.", peers } as const;
  const page = (given: Partial<PerformanceRecords>): string =>
    renderPerformancePage({
      results: [result, unable],
      readings: [],
      workloadTable: [workload],
      readingTable: [],
      explanations: {},
      ...given,
    });

  test("says ratio, spread, bound and whether it is kept, beside the command", () => {
    const text = page({
      readings: [
        {
          reading: "help",
          value: 210,
          unit: "ms",
          spread: [150, 300],
          samples: 10,
          command: "galatea --help",
          machine: "a machine",
          date: result.date,
        },
      ],
      readingTable: [{ name: "help", description: "Start to end.", goal: 200 }],
    });
    expect(text).toContain("| [vae](#vae) | pytorch | **1.40** | 1.30 to 1.50 | 10.00 ms | 14.00 ms | 1.3 | yes |");
    expect(text).toContain("| [vae](#vae) | tfjs | not run |");
    expect(text).toContain("- tfjs is not run: it has no gradient.");
    expect(text).toContain("`npm run bench -- vae`");
    expect(text).toContain("| [help](#help) | 210 ms | 150 to 300 | under 200 ms | no | `galatea --help` |");
    expect(text).toContain("- pytorch: Eager. 24 blocks of 20 steps a side. Measured 2026-01-02 on a machine.");
  });

  test("says what a step needs, and which promises it misses", () => {
    expect(page({})).toContain(
      "| [vae](#vae) | 1.38 M | 2.50 s | 200 MB | 290 MB | 0.9 | 50% | 2.0% | start under 2 s |",
    );
    const slow = { ...result, oursPeakMb: 300, randomShare: 0.2, startMs: 100 };
    expect(page({ results: [slow], workloadTable: [{ ...workload, sgemmGoal: 0.65 }] })).toContain(
      "| at most PyTorch's memory; 65% of SGEMM; random at most 10% |",
    );
  });

  test("samples have a table of their own, and no column for what was not measured", () => {
    const { gflop: _, sgemmGflops: __, sgemmShare: ___, randomShare: ____, ...rest } = result;
    const drawn = { ...rest, workload: "maf-sampling", startMs: 100, oursPeakMb: 200 };
    const sampling = { name: "maf-sampling", kind: "sampling", description: "Samples.", peers } as const;
    const text = page({ results: [result, drawn], workloadTable: [workload, sampling] });
    const [steps, samples] = text.split("## Sampling");
    expect(steps).toContain("| [vae](#vae) | pytorch |");
    expect(steps).not.toContain("maf-sampling");
    expect(samples).toContain("| [maf-sampling](#maf-sampling) | pytorch | **1.40** |");
    expect(samples).toContain("| [maf-sampling](#maf-sampling) | 1.38 M | 0.10 s | 200 MB | 290 MB |  |  |  |  |");
  });

  test("a workload without a result yet is left out", () => {
    const text = page({ workloadTable: [workload, { ...workload, name: "glow" }] });
    expect(text).not.toContain("glow");
  });

  test("explains each gap, or says that nobody has yet", () => {
    const slow = { ...result, ratio: 1.1 };
    expect(page({ results: [slow] })).toContain("- **pytorch**: not explained yet.\n- **start**: not explained yet.");
    const explanations = { vae: { pytorch: "Its kernels are better.", start: "The graph is deep." } };
    expect(page({ results: [slow], explanations })).toContain(
      "What it misses, and why:\n\n- **pytorch**: Its kernels are better.\n- **start**: The graph is deep.",
    );
    expect(page({ results: [{ ...result, startMs: 100 }] })).not.toContain("What it misses");
  });

  test("without records it says how to get them", () => {
    expect(page({ results: [], workloadTable: [] })).toContain("Nothing measured yet: `npm run bench`.");
  });
});

test("only a step's event counts as a step", () => {
  expect(isStep('{"type":"step","step":1}')).toBe(true);
  expect(isStep('{"type":"start"}')).toBe(false);
  expect(isStep("step")).toBe(false);
  expect(isStep("null")).toBe(false);
});

test("an unknown name is answered with the nearest", () => {
  const names = ["vae-mnist", "gpt-shakespeare"];
  expect(findByName("row", names, (name) => name, "vae-mnist")).toBe("vae-mnist");
  expect(() => findByName("row", names, (name) => name, "vea-mnist")).toThrow(
    "vea-mnist: no such row; the nearest is vae-mnist; there are vae-mnist, gpt-shakespeare",
  );
  expect(() => findByName("row", [], String, "vae-mnist")).toThrow("vae-mnist: no such row; the table is empty");
});

describe("verify", () => {
  const keys = "row metric value published source command seed seconds machine date commit".split(" ");
  let printed: string[];
  beforeEach(() => {
    printed = [];
  });

  const coin: Row = {
    row: "coin-heads",
    metric: "share of heads",
    bound: 0.6,
    direction: "at most",
    published: 0.5,
    source: "everybody",
    seed: 4,
    run: async ({ seed }) => ({ value: seed / 10, seed }),
  };
  const recordsPath = (): string => join(folder, "results.jsonl");
  const run = (argv: string[], row: Row = coin): Promise<0 | 1> =>
    verify(argv, {
      rows: [row],
      recordsPath: recordsPath(),
      pagePath: join(folder, "results.md"),
      runsPath: join(folder, "runs"),
      print: (line) => printed.push(line),
      log: () => {},
    });
  const readPage = (): Promise<string> => readFile(join(folder, "results.md"), "utf8");

  test("appends one line with the fixed keys and writes the page", async () => {
    expect(await run(["coin-heads"])).toBe(0);
    expect(await run(["coin-heads", "--seed", "5"])).toBe(0);
    const text = await readFile(recordsPath(), "utf8");
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    const records = lines.map((line) => JSON.parse(line));
    for (const record of records) expect(Object.keys(record)).toEqual(keys);
    expect(records[0]).toMatchObject({
      row: "coin-heads",
      value: 0.4,
      seed: 4,
      command: "npm run verify -- coin-heads",
    });
    expect(records[1]).toMatchObject({ value: 0.5, seed: 5, command: "npm run verify -- coin-heads --seed 5" });
    expect(records[0].commit).toMatch(/^([0-9a-f]{40}(-dirty)?|unknown)$/);
    const page = await readPage();
    expect(page).toContain("| [coin-heads](#coin-heads) | share of heads | **0.5** | 0.5 | at most 0.6 | yes |");
    expect(page).toContain("the newest of 2 runs");
    expect(page).toContain("`npm run verify -- coin-heads --seed 5`");
  });

  test("a missed bound is recorded as missed, and the exit code is 1", async () => {
    expect(await run(["coin-heads", "--seed", "7"])).toBe(1);
    expect(printed).toEqual([expect.stringContaining("share of heads 0.7, published 0.5, at most 0.6 MISSED")]);
    expect(await readPage()).toContain("| at most 0.6 | no |");
  });

  test("what else a run measures is recorded under its own name; without a bound it is only reported", async () => {
    const both: Row = {
      ...coin,
      also: [
        {
          row: "coin-tails",
          metric: "share of tails",
          bound: 0.9,
          direction: "at least",
          published: 0.5,
          source: "all",
        },
        { row: "coin-edge", metric: "share of edges", published: null, source: "nobody says" },
      ],
      run: async ({ seed }) => ({ value: seed / 10, seed, also: { "coin-tails": 1 - seed / 10, "coin-edge": 0 } }),
    };
    expect(await run(["coin-tails"], both)).toBe(1);
    const records = (await readFile(recordsPath(), "utf8")).trimEnd().split("\n");
    expect(records.map((line) => JSON.parse(line))).toMatchObject([
      { row: "coin-heads", value: 0.4 },
      { row: "coin-tails", value: 0.6, command: "npm run verify -- coin-heads" },
      { row: "coin-edge", value: 0, published: null },
    ]);
    expect(printed.slice(1)).toEqual([
      expect.stringContaining("coin-tails: share of tails 0.6, published 0.5, at least 0.9 MISSED"),
      expect.stringMatching(/^coin-edge: share of edges 0, published – \(/),
    ]);
    const page = await readPage();
    expect(page).toContain("| [coin-tails](#coin-tails) | share of tails | **0.6** | 0.5 | at least 0.9 | no |");
    expect(page).toContain("| [coin-edge](#coin-edge) | share of edges | **0** | – |  |  |");
    expect(page).toContain("## coin-edge\n\n- nobody says\n");
    const lacking: Row = { ...both, run: async ({ seed }) => ({ value: 0, seed, also: { "coin-tails": 1 } }) };
    await expect(run(["coin-heads"], lacking)).rejects.toThrow("coin-edge: share of edges came out as NaN");
  });

  test("a row's runs stay in a folder of its own until it is measured again; threads are as asked", async () => {
    const seen: { readonly threads: number; readonly found: readonly string[] }[] = [];
    const keeping: Row = {
      ...coin,
      run: async ({ seed, threads, directory }) => {
        await mkdir(directory, { recursive: true });
        seen.push({ threads, found: await readdir(directory) });
        await writeFile(join(directory, "model"), "weights");
        return { value: 0, seed };
      },
    };
    await run(["coin-heads", "--threads", "1"], keeping);
    await run(["coin-heads", "--threads", "3"], keeping);
    expect(seen).toEqual([
      { threads: 1, found: [] },
      { threads: 3, found: [] },
    ]);
    await run(["coin-heads", "--threads", "3", "--resume"], keeping);
    expect(seen[2]).toEqual({ threads: 3, found: ["model"] });
    const last = (await readFile(recordsPath(), "utf8")).trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last).command).toBe("npm run verify -- coin-heads --resume");
    expect(await readdir(join(folder, "runs", "coin-heads"))).toEqual(["model"]);
    await expect(run(["coin-heads", "--threads", "0"], keeping)).rejects.toThrow("--threads: 0");
    await expect(run(["coin-heads", "--seed", "-1"], keeping)).rejects.toThrow();
  });

  test("'at least' is the other side of the bound", async () => {
    expect(await run(["coin-heads", "--seed", "7"], { ...coin, direction: "at least" })).toBe(0);
  });

  test("a run that fails, or gives no number, is not recorded", async () => {
    const failing: Row = {
      ...coin,
      run: async () => {
        throw new Error("the data is missing");
      },
    };
    await expect(run(["coin-heads"], failing)).rejects.toThrow("the data is missing");
    const diverging: Row = { ...coin, run: async ({ seed }) => ({ value: Number.NaN, seed }) };
    await expect(run(["coin-heads"], diverging)).rejects.toThrow("share of heads came out as NaN");
    expect(await readdir(folder)).toEqual([]);
  });

  test("a damaged file of results is found before the row runs", async () => {
    await run(["coin-heads"]);
    await writeFile(recordsPath(), `${await readFile(recordsPath(), "utf8")}{"row": "coin-`);
    let ran = false;
    const watched: Row = {
      ...coin,
      run: async ({ seed }) => {
        ran = true;
        return { value: 0, seed };
      },
    };
    await expect(run(["coin-heads"], watched)).rejects.toThrow(/results\.jsonl:2: not a record/);
    expect(ran).toBe(false);
  });

  test("without a row it lists them; a wrong command line has exit code 2", async () => {
    expect(await run([])).toBe(0);
    expect(printed).toEqual(["coin-heads  share of heads: at most 0.6, published 0.5"]);
    const codeOf = (argv: string[]): Promise<number> => run(argv).then(Number, exitCodeOf);
    expect(await codeOf(["coin-head"])).toBe(2);
    expect(await codeOf(["coin-heads", "--seed", "-1"])).toBe(2);
    expect(await codeOf(["coin-heads", "--seed=one"])).toBe(2);
    expect(await codeOf(["coin-heads", "--sed", "1"])).toBe(2);
    expect(await codeOf(["coin-heads", "more"])).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });
});
