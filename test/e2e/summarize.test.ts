/** Documents and their summaries, from a table to headlines: the real command line. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [table, pointer, plain] = ["mails.jsonl", "pointer", "plain"].map(at);
const oneThread = ["--threads", "1"];
const tiny = pairs({
  ...{ vocabulary: 320, sourcePlaces: 24, targetPlaces: 8, batchSize: 32, dropout: 0, smoothing: 0, averageDecay: 0 },
  ...{ width: 32, depth: 1, heads: 2, hidden: 64, learningRate: 0.005, warmupSteps: 10 },
  ...{ evaluateEvery: 0, sampleEvery: 0, checkpointEvery: 0 },
});
const words = "alpha beta gamma delta omega sigma kappa".split(" ");

beforeAll(async () => {
  const rows = Array.from({ length: 343 }, (_, place) => {
    const i = (place * 197) % 343; // every word in every place, in all splits
    const [one, other, third] = [i, Math.floor(i / 7), Math.floor(i / 49)].map((j) => words[j % 7]);
    const tail = i % 10 === 0 ? " and so on and so on and so on and so on and so on and so on" : "";
    return JSON.stringify({ id: i, body: `${one} then ${other} is news of ${third}${tail}`, subject: `news ${third}` });
  });
  writeFileSync(table, `${rows.join("\n")}\n`);
  const train = (preset: string, out: string): string[] => [
    "train",
    preset,
    "--data",
    table,
    "--out",
    out,
    ...oneThread,
  ];
  const trained = await Promise.all([
    galatea([...train("summarize/pointer", pointer), "--steps", "200", ...tiny, "--json"]),
    galatea([...train("summarize/transformer", plain), "--steps", "2", ...tiny]),
    galatea([
      ...train("summarize/pointer", at("lstm")),
      ...["--steps", "2", ...tiny, ...pairs({ network: "lstm", coverage: 1 })],
    ]),
  ]);
  expect(trained.map(({ code }) => code)).toEqual([0, 0, 0]);
  // What was cut is said.
  expect(trained[0].stdout + trained[0].stderr).toMatch(/texts of source were cut: sourcePlaces/);
}, 240_000);

describe("a summarizer of a table", () => {
  test("learns, and is judged by ROUGE", async () => {
    const { stdout } = await galatea(["evaluate", pointer, "--json", ...oneThread]);
    const { metrics } = events(stdout).at(-1) as { metrics: Record<string, number> };
    expect(metrics.rougeL).toBeGreaterThan(80);
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(["rouge1", "rouge2", "rougeL"]));
  });
  test("summarizes what it is told, however long", async () => {
    const ask = (text: string): string[] => ["sample", pointer, "-n", "1", ...oneThread, "--condition", `text=${text}`];
    expect((await galatea(ask("beta then beta is news of kappa"))).stdout).toBe("news kappa\n");
    const long = await galatea(ask(`beta then beta is news of kappa${" and so on".repeat(30)}`));
    expect(long.code).toBe(0);
    const beams = await galatea([...ask("gamma then beta is news of sigma"), "--condition", "beams=3"]);
    expect(beams.stdout).toBe("news sigma\n");
  });
  test("needs columns that are there", async () => {
    const words = [
      "train",
      "summarize/pointer",
      "--data",
      table,
      "--out",
      at("none"),
      "--set",
      "source=abstract,letter",
    ];
    const { code, stderr } = await galatea(words);
    expect(stderr).toContain('there is no column "abstract" or "letter"');
    expect(code).toBe(1);
  });
});
