/** Text from a file to samples: the real command line trains, writes, judges and refuses. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const book = at("book.txt");
const [gpt, lstm] = [at("gpt"), at("lstm")];
const small = pairs({ places: 16, evaluateEvery: 0, checkpointEvery: 0, sampleEvery: 10, batchSize: 16 });
const tinyGpt = pairs({ width: 32, depth: 1, heads: 2, learningRate: 0.01, warmupSteps: 0 });

/** Two sentences that take turns: what follows a letter is nearly sure. */
const lines = ["the cat sat on the mat", "a dog dug in the fog"];

beforeAll(async () => {
  writeFileSync(book, Array.from({ length: 200 }, (_, i) => lines[i % 2]).join("\n"));
  const words = (preset: string, out: string): string[] => ["train", preset, "--data", book, "--out", out, ...small];
  const trained = await Promise.all([
    galatea([...words("text/gpt", gpt), "--steps", "60", ...tinyGpt, "--json", "--threads", "1"]),
    galatea([
      ...words("text/lstm", lstm),
      "--steps",
      "2",
      "--threads",
      "1",
      ...pairs({ tokenizer: "bytes", hidden: 16 }),
    ]),
  ]);
  for (const { code, stderr } of trained) expect([code, stderr]).toEqual([0, expect.any(String)]);
  writeFileSync(at("events.jsonl"), trained[0].stdout);
}, 120_000);

describe("a language model of a text file", () => {
  test("writes what it would write now, and learns what follows", () => {
    const all = events(readFileSync(at("events.jsonl"), "utf8"));
    const texts = all.filter(({ type }) => type === "texts");
    expect(texts.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(readFileSync(join(gpt, "samples", "step-00000010.txt"), "utf8")).toContain((texts[0].texts as string[])[1]);
    expect(existsSync(join(gpt, "samples", "losses.png"))).toBe(true);
    expect(existsSync(join(gpt, "tokenizers", "tokens.json"))).toBe(true);
    const { metrics } = all.at(-1) as { metrics: Record<string, number> };
    // Letters of these lines are 18, of which each is nearly sure.
    expect(metrics.perplexity).toBeLessThan(3);
    expect(metrics.perplexity).toBeCloseTo(Math.exp(metrics.crossEntropy), 6);
    expect(metrics.accuracy).toBeGreaterThan(0.6);
  });

  test("samples begin as they are told, are the same for the same seed, and follow the text", async () => {
    const words = [
      "sample",
      gpt,
      "-n",
      "3",
      "--condition",
      "text=the c",
      "--condition",
      "temperature=0",
      "--threads",
      "1",
    ];
    const first = await galatea([...words, "--seed", "5"]);
    expect(first.code).toBe(0);
    const texts = first.stdout.split(`${"-".repeat(40)}\n`);
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text.slice(0, 7)).toBe("the cat");
    expect((await galatea([...words, "--seed", "5"])).stdout).toBe(first.stdout);
    const out = at("out.txt");
    expect((await galatea([...words, "--seed", "5", "--out", out])).stdout).toBe("");
    expect(readFileSync(out, "utf8")).toBe(first.stdout);
  });

  test("is judged by tokens, on the test part of the text", async () => {
    const { code, stdout } = await galatea(["evaluate", gpt, "--json", "--threads", "1"]);
    expect(code).toBe(0);
    const [{ metrics }] = events(stdout) as { metrics: Record<string, number> }[];
    expect(Object.keys(metrics)).toEqual([
      "negativeLogLikelihood",
      "crossEntropy",
      "bitsPerToken",
      "perplexity",
      "accuracy",
      "bitsPerCharacter",
    ]);
    expect(metrics.crossEntropy).toBeCloseTo(metrics.negativeLogLikelihood / 16, 4);
    expect(metrics.bitsPerCharacter).toBeCloseTo(metrics.crossEntropy / Math.LN2, 4);
  });

  test("writes a text piece by piece, the same as at once and then beyond what it sees", async () => {
    const ask = ["sample", gpt, "--seed", "5", "--condition", "text=the c", "--condition", "repetitionPenalty=1.2"];
    const [whole, piecewise, long] = await Promise.all([
      galatea([...ask, "-n", "1", "--threads", "1"]),
      galatea([...ask, "--length", "16", "--threads", "1"]),
      galatea([...ask, "--length", "50", "--threads", "1"]),
    ]);
    expect(piecewise).toMatchObject({ code: 0, stdout: whole.stdout });
    expect(long.stdout).toHaveLength(51);
    expect(long.stdout.startsWith(whole.stdout.slice(0, 16))).toBe(true);
    // It still writes what it has learned: words of the two sentences.
    expect(long.stdout.slice(16)).toMatch(/ (the|cat|sat|on|mat|dog|dug|in|fog)[ \n]/);
    const others = await Promise.all([
      galatea(["sample", lstm, "--length", "40", "--threads", "1"]),
      galatea([...ask, "--length", "5", "-n", "2", "--threads", "1"]),
    ]);
    expect(others.map(({ code }) => code)).toEqual([0, 2]);
    expect(others[1].stderr).toContain("2 texts are asked for; --length writes one: leave -n out");
  });

  test("of bytes writes text, too", async () => {
    const { code, stdout } = await galatea(["sample", lstm, "-n", "1", "--threads", "1"]);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(0);
  });
});

describe("what cannot be", () => {
  const refusal = async (words: readonly string[], code: number, message: string): Promise<void> => {
    const outcome = await galatea(words);
    expect(outcome.stderr.trim().split("\n").at(-1)).toContain(message);
    expect(outcome.code).toBe(code);
  };
  const train = (data: string, ...words: string[]): string[] => [
    "train",
    "text/gpt",
    "--data",
    data,
    "--out",
    at("no"),
    ...words,
  ];

  test("prompts that are empty or too long, and conditions that there are not", async () => {
    await refusal(["sample", gpt, "--condition", "text="], 2, "got an empty text");
    await refusal(["sample", gpt, "--condition", `text=${"the cat ".repeat(3)}`], 2, "the model reads 16 at most");
    await refusal(["sample", gpt, "--condition", "label=3"], 2, "It can be told text, temperature");
  });
  test("texts that are empty, short or no text", async () => {
    writeFileSync(at("empty.txt"), "");
    writeFileSync(at("short.txt"), "a few words");
    writeFileSync(at("bytes.txt"), Uint8Array.of(0x61, 0xff, 0x62));
    mkdirSync(at("nothing"));
    await refusal(train(at("empty.txt")), 1, "empty");
    await refusal(train(at("short.txt")), 1, "a window 65");
    await refusal(train(at("bytes.txt")), 1, "bytes.txt");
    await refusal(train(at("nothing")), 1, "nothing");
    await refusal(train(book, "--set", "tokenizer=words"), 2, "tokenizer.json");
    expect(existsSync(at("no"))).toBe(false);
  });
  test("images for text, and text for images", async () => {
    await refusal(["train", "digits/vae", "--data", book, "--out", at("no")], 1, "unknown kind");
    await refusal(["train", "digits/vae", "--data", "kjv", "--out", at("no")], 1, "kjv is text");
  });
});
