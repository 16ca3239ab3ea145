/** Pairs of texts from files to answers: the real command line. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [corpus, transformer, lstm] = ["corpus", "transformer", "lstm"].map(at);
const small = pairs({
  tokenizer: "words",
  shared: "false",
  minimumFrequency: 1,
  source: "en",
  target: "xx",
  sourcePlaces: 6,
  targetPlaces: 6,
  batchSize: 32,
  dropout: 0,
  smoothing: 0,
  averageDecay: 0,
  evaluateEvery: 0,
  sampleEvery: 0,
  checkpointEvery: 0,
});
const words = "red green blue big small round flat old".split(" ");

/** Three words, and the same words in capitals the other way round. */
function sentences(count: number): readonly (readonly [string, string])[] {
  return Array.from({ length: count }, (_, place) => {
    const i = (place * 197) % count; // every word in every place, in all splits
    const own = [i % 8, Math.floor(i / 8) % 8, Math.floor(i / 64) % 8].map((j) => words[j]);
    return [own.join(" "), own.toReversed().join(" ").toUpperCase()] as const;
  });
}

beforeAll(async () => {
  mkdirSync(corpus);
  const all = sentences(512);
  const write = (split: string, from: number, to: number): void => {
    for (const [side, ending] of [
      [0, "en"],
      [1, "xx"],
    ] as const) {
      const lines = all.slice(from, to).map((pair) => pair[side]);
      writeFileSync(join(corpus, `${split}.${ending}`), `${lines.join("\n")}\n`);
    }
  };
  write("train", 0, 448);
  write("val", 448, 480);
  write("test", 480, 512);
  const train = (preset: string, out: string): string[] => ["train", preset, "--data", corpus, "--out", out, ...small];
  const sizes = pairs({ width: 32, depth: 1, heads: 2, hidden: 64, learningRate: 0.005, warmupSteps: 10 });
  const trained = await Promise.all([
    galatea([...train("translate/transformer", transformer), "--steps", "250", ...sizes, "--json", "--threads", "1"]),
    galatea([
      ...train("translate/lstm-attention", lstm),
      "--steps",
      "3",
      "--threads",
      "1",
      ...pairs({ embedding: 8, hidden: 16 }),
    ]),
  ]);
  expect(trained.map(({ code }) => code)).toEqual([0, 0]);
  writeFileSync(at("events.jsonl"), trained[0].stdout);
}, 180_000);

describe("a translator of two aligned files", () => {
  test("learns, and shows sources with what it makes of them", () => {
    const all = events(readFileSync(at("events.jsonl"), "utf8"));
    const { metrics } = all.at(-1) as { metrics: Record<string, number> };
    expect(metrics.accuracy).toBeGreaterThan(0.8);
    const texts = all.find(({ type }) => type === "texts")?.texts as string[];
    expect(texts[0]).toMatch(/^\w+ \w+ \w+\n=> [A-Z ]+$/);
    for (const field of ["source", "target"])
      expect(existsSync(join(transformer, "tokenizers", `${field}.json`))).toBe(true);
  });
  test("answers what it is told, greedily and with beams", async () => {
    const ask = ["sample", transformer, "-n", "1", "--condition", "text=old red big", "--threads", "1"];
    const greedy = await galatea(ask);
    expect(greedy.stdout).toBe("BIG RED OLD\n");
    expect((await galatea([...ask, "--condition", "beams=3"])).stdout).toBe("BIG RED OLD\n");
  });
  test("with an LSTM, too", async () => {
    const { code, stdout } = await galatea([
      "sample",
      lstm,
      "-n",
      "1",
      "--condition",
      "text=old red",
      "--threads",
      "1",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n$/);
  });
  test("its answers to the test split are judged, and kept", async () => {
    const judge = ["evaluate", transformer, "--condition", "beams=2", "--json", "--threads", "1"];
    const { code, stdout } = await galatea(judge);
    expect(code).toBe(0);
    const { metrics, details } = JSON.parse(stdout) as {
      metrics: Record<string, number>;
      details: Record<string, { examples: number; note?: string }>;
    };
    expect(metrics.chrf).toBeGreaterThan(80);
    // Of texts of three words there is no sequence of four.
    expect(metrics.bleu).toBe(0);
    expect(details.bleu).toMatchObject({ examples: 32, note: expect.stringContaining("tok:13a") });
    const lines = readFileSync(join(transformer, "samples/answers.jsonl"), "utf8").trim().split("\n");
    const answers = lines.map((line) => JSON.parse(line) as Record<string, string>);
    expect(answers).toHaveLength(32);
    for (const { source, right } of answers) expect(right).toBe(source.split(" ").toReversed().join(" ").toUpperCase());
  });
  test("words that it has never seen are named", async () => {
    const ask = ["sample", transformer, "--condition", "text=old purple big", "--threads", "1"];
    const { code, stderr } = await galatea(ask);
    expect(code).toBe(0);
    expect(stderr).toContain("not all of the text is in the model's vocabulary: purple");
  });
  test("what it cannot be asked is refused", async () => {
    const refused = async (condition: string[], message: string): Promise<void> => {
      const { code, stderr } = await galatea(["sample", transformer, "-n", "1", ...condition, "--threads", "1"]);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    };
    await refused([], 'must be told what to answer; say --condition "text=..."');
    await refused(["--condition", `text=${"red ".repeat(9)}`], "the model reads 6 at most");
    await refused(["--condition", "text="], "got an empty text");
  });
});
