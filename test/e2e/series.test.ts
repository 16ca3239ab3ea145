/** Time series from a CSV file to forecasts: the real command line. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [waves, run] = ["waves.csv", "run"].map(at);
const small = pairs({
  ...{ context: 48, horizon: 12, patch: 12, hidden: 16, batchSize: 32, dropout: 0 },
  ...{ evaluateEvery: 0, sampleEvery: 0, checkpointEvery: 0 },
});
const one = ["--threads", "1"];

/** Hours with two waves of a day: one of 5 around 20, one of 100 around -40. */
function table(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const time = new Date(Date.UTC(2026, 0, 1, i)).toISOString().slice(0, 16).replace("T", " ");
    const wave = Math.sin((2 * Math.PI * i) / 24);
    return `${time},${(20 + 5 * wave).toFixed(3)},${(-40 + 100 * wave).toFixed(3)}`;
  });
  return `time,small,large\n${lines.join("\n")}\n`;
}

async function refused(words: readonly string[], code: number, message: string | RegExp): Promise<void> {
  const outcome = await galatea([...words, ...one]);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.code).toBe(code);
}

beforeAll(async () => {
  writeFileSync(waves, table(600));
  const words = ["train", "series/lstm", "--data", waves, "--out", run, "--steps", "150", ...small, ...one];
  const { code, stdout } = await galatea([...words, "--json"]);
  expect(code).toBe(0);
  writeFileSync(at("events.jsonl"), stdout);
}, 180_000);

describe("a forecaster of two columns", () => {
  test("learns the waves, and draws the first windows of the test split with what came", () => {
    const all = events(readFileSync(at("events.jsonl"), "utf8"));
    const { metrics } = all.at(-1) as { metrics: Record<string, number> };
    // Half of the squared deviation of a wave is what a forecast of its mean would have.
    expect(metrics.squaredError).toBeLessThan(0.1);
    const { paths } = all.find(({ type }) => type === "files") as { paths: string[] };
    expect(paths.map((path) => path.slice(path.lastIndexOf("samples-")))).toEqual(
      [1, 2, 3, 4].flatMap((i) =>
        ["png", "csv"].map((ending) => `samples-${i}-${["small", "large"][(i - 1) % 2]}.${ending}`),
      ),
    );
  });
  test("tells what comes after a file's end, for each column, in its units and at its times", async () => {
    writeFileSync(at("now.csv"), table(96));
    const out = at("forecasts");
    const { code, stdout } = await galatea([
      "sample",
      run,
      "--condition",
      `series=${at("now.csv")}`,
      "--out",
      out,
      ...one,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("2-large.png");
    const [head, ...rows] = readFileSync(join(out, "2-large.csv"), "utf8").trim().split("\n");
    expect(head).toBe("time,q0.05,q0.25,q0.5,q0.75,q0.95,path");
    expect(rows.map((row) => row.split(",")[0])).toEqual(
      Array.from({ length: 12 }, (_, i) => `2026-01-05${i === 0 ? "" : ` ${String(i).padStart(2, "0")}:00`}`),
    );
    // Six hours after the file's end, at the wave's top.
    const [low, , median, , high, path] = rows[6].split(",").slice(1).map(Number);
    expect(Math.abs(median - 60)).toBeLessThan(5);
    expect(low < median && median < high).toBe(true);
    expect(Math.abs(path - median)).toBeLessThan(5 * (high - low));
    expect(path).not.toBe(median);
  });
  test("is judged in the series' units, too", async () => {
    const { code, stdout } = await galatea(["evaluate", run, "--json", ...one]);
    expect(code).toBe(0);
    const { metrics } = events(stdout).at(-1) as { metrics: Record<string, number> };
    const names = ["squaredError", "absoluteError", "rankedProbabilityScore", "coverage90"];
    expect(Object.keys(metrics)).toEqual([...["negativeLogLikelihood"], ...names, "symmetricPercentageError"]);
    expect(metrics.coverage90).toBeGreaterThan(0.5);
  });
  test("must be told the series, one that is long enough and of numbers", async () => {
    await refused(["sample", run], 2, 'say --condition "series=the path of a CSV file"');
    writeFileSync(at("short.csv"), table(20));
    await refused(["sample", run, "--condition", `series=${at("short.csv")}`], 1, "it has 20 steps");
    await refused(["sample", run, "--condition", `series=${at("none.csv")}`], 1, /none\.csv/);
  });
});

describe("what is wrong with a file is said before training, and how to go on", () => {
  const lines = table(200).split("\n");
  const without = (...rows: readonly number[]): string => lines.filter((_, i) => !rows.includes(i)).join("\n");
  const cases: readonly (readonly [name: string, content: string, message: RegExp])[] = [
    ["gap", without(50, 51), /2 steps are missing .*fill=linear/],
    ["twice", [...lines.slice(0, 60), ...lines.slice(59)].join("\n"), /come more than once: .*duplicates=first/],
    ["odd", table(200).replace("2026-01-03 05:00", "2026-01-03 05:20"), /times are not regular.*stepsBy=rows/],
    [
      "nan",
      table(200)
        .replace("2026-01-03 05:00,", "2026-01-03 05:00,NaN\n")
        .replace(/NaN\n[^,]*/, "NaN"),
      /missing.*fill=/,
    ],
    ["short", table(70), /too few for a context of 48 and a horizon of 12/],
    ["comma", table(200).replaceAll(",", ";").replaceAll(".", ","), /set decimalComma/],
    ["empty", "", /the table is empty/],
  ];

  test.each(cases)("%s", async (name, content, message) => {
    writeFileSync(at(`${name}.csv`), content);
    await refused(
      ["train", "series/lstm", "--data", at(`${name}.csv`), "--out", at(`run-${name}`), ...small],
      1,
      message,
    );
  });
  test("gaps are filled when that is asked for, and a constant series is named", async () => {
    const constant = without(50, 51)
      .replace(/,[^,\n]*$/gm, ",7")
      .replace("large", "still")
      .replace(/^time.*$/m, "time,small,still");
    writeFileSync(at("fill.csv"), constant);
    const words = ["train", "series/transformer", "--data", at("fill.csv"), "--out", at("filled"), "--steps", "2"];
    const sizes = pairs({ context: 24, horizon: 6, fill: "linear", width: 8, heads: 2, depth: 1 });
    const { code, stderr } = await galatea([...words, ...sizes, ...one]);
    expect(code).toBe(0);
    expect(stderr).toContain("filled 4 missing values (linear)");
    expect(stderr).toContain("still is constant: 7 throughout");
  });
  test("a folder without M4 files, and another kind of data", async () => {
    mkdirSync(at("nothing"));
    await refused(["train", "series/lstm", "--data", at("nothing"), "--out", at("x")], 1, /it holds no M4 files/);
    await refused(["train", "series/lstm", "--data", "number-words", "--out", at("x")], 1, /it is pairs of texts/);
  });
});
