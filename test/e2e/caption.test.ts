/** A folder of images with captions to answers, and a look inside: the real command line. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [album, run, transformer] = ["album", "run", "transformer"].map(at);
const small = pairs({
  size: 16,
  channels: "8,16",
  embedding: 8,
  hidden: 16,
  batchSize: 32,
  learningRate: 0.02,
  averageDecay: 0,
  warmupSteps: 0,
  minimumFrequency: 1,
  targetPlaces: 4,
  evaluateEvery: 0,
  sampleEvery: 0,
  checkpointEvery: 0,
});
const colours = { red: [220, 30, 30], green: [20, 160, 50], blue: [30, 60, 220] } as const;
const one = ["--threads", "1"];

/** A bar of a colour on white: at the left, or at the right. */
function bar(i: number): { readonly caption: string; readonly png: Promise<Buffer> } {
  const [name, paint] = Object.entries(colours)[i % 3];
  const side = Math.floor(i / 3) % 2 === 0 ? "left" : "right";
  const data = new Uint8Array(3 * 400).fill(255);
  for (let p = 0; p < 400; p++) {
    const x = p % 20;
    const isInside = side === "left" ? x >= 2 && x < 8 : x >= 12 && x < 18;
    if (isInside) data.set(paint, 3 * p);
  }
  const png = sharp(data, { raw: { width: 20, height: 20, channels: 3 } })
    .png()
    .toBuffer();
  return { caption: `${name} ${side}`, png };
}

beforeAll(async () => {
  mkdirSync(album);
  const rows: string[] = [];
  for (let i = 0; i < 60; i++) {
    const { caption, png } = bar(i);
    writeFileSync(join(album, `${i}.png`), await png);
    rows.push(`${i}.png,${caption}`);
  }
  writeFileSync(join(album, "captions.csv"), `file,caption\n${rows.join("\n")}\n`);
  const train = (out: string, steps: number, ...more: readonly string[]): string[] => {
    return [
      "train",
      "caption/attention",
      "--data",
      album,
      "--out",
      out,
      "--steps",
      `${steps}`,
      ...small,
      ...more,
      ...one,
    ];
  };
  const trained = await Promise.all([
    galatea([...train(run, 80), "--json"]),
    galatea(train(transformer, 2, ...pairs({ decoder: "transformer", depth: 1, heads: 2 }))),
  ]);
  expect(trained.map(({ code, stderr }) => [code, stderr])).toEqual(trained.map(({ stderr }) => [0, stderr]));
  writeFileSync(at("events.jsonl"), trained[0].stdout);
}, 240_000);

describe("captions of a folder of images", () => {
  test("are learned, and the run shows where it looks", () => {
    const all = events(readFileSync(at("events.jsonl"), "utf8"));
    const { metrics } = all.at(-1) as { metrics: Record<string, number> };
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    const picture = all.find(({ kind }) => kind === "attention");
    expect(picture?.path).toBe(join(run, "samples", "attention.png"));
    expect(existsSync(join(run, "samples", "attention.png"))).toBe(true);
  });
  test("are answers to an image", async () => {
    const { code, stdout } = await galatea(["sample", run, "--condition", `image=${join(album, "4.png")}`, ...one]);
    expect([code, stdout]).toEqual([0, "green right\n"]);
    const other = await galatea(["sample", transformer, "--condition", `image=${join(album, "4.png")}`, ...one]);
    expect(other.code).toBe(0);
  });
  test("are judged", async () => {
    const { code, stdout } = await galatea(["evaluate", run, "--json", ...one]);
    expect(code).toBe(0);
    const { metrics } = JSON.parse(stdout) as { metrics: Record<string, number> };
    expect(metrics.sequenceAccuracy).toBeGreaterThan(80);
    expect(metrics).toHaveProperty("bleu");
  });
  test("what is no image, or not said, is refused", async () => {
    const refused = async (words: readonly string[], message: string): Promise<void> => {
      const { code, stderr } = await galatea(["sample", run, ...words, ...one]);
      expect(stderr).toContain(message);
      expect(code).not.toBe(0);
    };
    await refused([], 'say --condition "image=an image file"');
    await refused(["--condition", `image=${at("none.png")}`], "none.png");
    await refused(["--condition", `image=${album}`], "is a folder; name one image");
    await refused(["--condition", `image=${join(album, "captions.csv")}`], "can be decoded");
  });
  test("a folder without captions, or with wrong ones, is refused", async () => {
    const refused = async (name: string, table: string | undefined, message: string): Promise<void> => {
      mkdirSync(at(name));
      writeFileSync(join(at(name), "0.png"), await bar(0).png);
      if (table !== undefined) writeFileSync(join(at(name), "captions.csv"), table);
      const { code, stderr } = await galatea([
        "train",
        "caption/attention",
        "--data",
        at(name),
        "--out",
        at("no"),
        ...one,
      ]);
      expect(stderr).toContain(message);
      expect(code).toBe(1);
    };
    await refused("bare", undefined, "says nothing of its images");
    await refused("columns", "image,text\n0.png,red\n", 'there is no column "file"');
    await refused("empty", "file,caption\n0.png,\n", 'column "caption" is empty');
    await refused("missing", "file,caption\n1.png,red\n", "there is no image 1.png in");
  });
});

describe("a look inside", () => {
  interface Inside {
    readonly answer: string;
    readonly inside: Readonly<Record<string, { readonly rows: { labels: string[] }; readonly values: number[][][][] }>>;
  }
  test("at an image that is told: pictures, and numbers as JSON", async () => {
    const out = at("inside");
    const image = join(album, "4.png");
    const { code, stdout } = await galatea([
      "inspect",
      run,
      "--condition",
      `image=${image}`,
      "--out",
      out,
      "--json",
      ...one,
    ]);
    expect(code).toBe(0);
    const { examples } = JSON.parse(stdout) as { examples: { answer: string; files: string[] }[] };
    const names = ["1-gates.png", "1-memoryAttention.png", "1-inside.json"];
    expect(examples).toEqual([{ answer: "green right", files: names.map((name) => join(out, name)) }]);
    const { inside } = JSON.parse(readFileSync(join(out, "1-inside.json"), "utf8")) as Inside;
    const { rows, values } = inside.memoryAttention;
    expect(rows.labels.slice(0, 2)).toEqual(["green", "right"]);
    expect(values[0][0]).toHaveLength(3);
    for (const weights of values[0][0]) {
      expect(weights).toHaveLength(16);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    }
    expect(inside.forget.values[0][0]).toHaveLength(3);
    for (const name of names.slice(0, 2)) expect((await sharp(join(out, name)).metadata()).width).toBeGreaterThan(300);
  });
  test("at test examples, with an answer that is told", async () => {
    const { code, stdout } = await galatea(["inspect", transformer, "-n", "2", "--target", "blue left", ...one]);
    expect(code).toBe(0);
    expect(stdout.match(/blue left/g)).toHaveLength(2);
    expect(existsSync(join(transformer, "inspect", "2-attention.png"))).toBe(true);
    const { inside } = JSON.parse(readFileSync(join(transformer, "inspect", "2-inside.json"), "utf8")) as Inside;
    expect(Object.keys(inside)).toEqual(["attention", "memoryAttention"]);
    expect(inside.memoryAttention.values.map((heads) => heads.length)).toEqual([2]);
  });
  test("at what shows nothing is refused", async () => {
    const vae = at("vae");
    const trained = await galatea([
      ...["train", "digits/vae", "--out", vae, "--steps", "1", ...one],
      ...pairs({ hidden: 8, latent: 2, batchSize: 8, validationExamples: 8 }),
    ]);
    expect(trained.code).toBe(0);
    const { code, stderr } = await galatea(["inspect", vae, ...one]);
    expect(stderr).toContain("digits/vae: cannot be looked inside");
    expect(code).toBe(2);
  }, 60_000);
});
