/** Tunes from MIDI and ABC files to MIDI and sound: the real command line. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeMidi, decodeWav, encodeMidi, type Tune } from "../../src/run/data/index.ts";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [tunes, lstm, transformer] = ["tunes", "lstm", "transformer"].map(at);
const one = ["--threads", "1"];
const small = pairs({
  ...{ places: 24, stepsPerBeat: 2, lowestPitch: 48, highestPitch: 84, transpositions: 0, batchSize: 4, dropout: 0 },
  ...{ warmupSteps: 5, evaluateEvery: 0, sampleEvery: 0, checkpointEvery: 0 },
});

/** Quarter notes up the scale of C from a degree on. */
function scaleFrom(first: number): Tune {
  const degrees = [0, 2, 4, 5, 7, 9, 11];
  const notes = Array.from({ length: 6 }, (_, i) => {
    const degree = first + i;
    const pitch = 60 + 12 * Math.floor(degree / 7) + degrees[degree % 7];
    return { pitch, start: i, duration: 1, velocity: 80, voice: 0 };
  });
  return { name: `from ${first}`, ticksPerBeat: 1, tempos: [{ start: 0, beatsPerMinute: 120 }], beatsPerBar: 4, notes };
}

function midiFile(name: string): ReturnType<typeof decodeMidi> {
  return decodeMidi(readFileSync(name), name);
}

beforeAll(async () => {
  mkdirSync(tunes);
  for (let i = 0; i < 8; i++) writeFileSync(join(tunes, `${i}.mid`), encodeMidi(scaleFrom(i)));
  writeFileSync(join(tunes, "more.abc"), "X:1\nM:4/4\nL:1/4\nK:C\nC2 D E|G4|\nX:2\nK:C\nc8|\n");
  const train = (preset: string, out: string): readonly string[] => ["train", preset, "--data", tunes, "--out", out];
  const trained = await Promise.all([
    galatea([
      ...[...train("music/lstm", lstm), "--steps", "120", "--json", ...small, ...one],
      ...pairs({ embedding: 16, hidden: 48, learningRate: 0.01 }),
    ]),
    galatea([
      ...[...train("music/transformer", transformer), "--steps", "2", ...small, ...one],
      ...pairs({ width: 16, depth: 1, heads: 2 }),
    ]),
  ]);
  expect(trained.map(({ code }) => code)).toEqual([0, 0]);
  writeFileSync(at("events.jsonl"), trained[0].stdout);
}, 180_000);

describe("a model of ten tunes", () => {
  test("learns, and writes what it makes as MIDI, sound and pictures", () => {
    const all = events(readFileSync(at("events.jsonl"), "utf8"));
    const losses = all.filter(({ type }) => type === "step").map(({ metrics }) => (metrics as { loss: number }).loss);
    // All tokens alike would be log 56; who knows only how often each occurs has about 1.9.
    expect(losses[0]).toBeGreaterThan(3);
    expect(losses.at(-1)).toBeLessThan(1.3);
    const { paths } = all.find(({ type }) => type === "files") as { paths: string[] };
    expect(paths.map((path) => path.slice(path.lastIndexOf(".")))).toEqual(
      [1, 2, 3].flatMap(() => [".mid", ".wav", ".png"]),
    );
    for (const path of paths) expect(existsSync(path)).toBe(true);
    expect(midiFile(paths[0]).notes.length).toBeGreaterThan(0);
    const { samples, rate } = decodeWav(readFileSync(paths[1]), paths[1]);
    expect(samples.length / rate).toBeGreaterThan(0.3);
    expect(samples.some((value) => Math.abs(value) > 0.5)).toBe(true);
  });
  test("goes on from a given tune, or its first beats", async () => {
    const begin = async (start: string, out: string): Promise<readonly number[]> => {
      const words = ["sample", lstm, "-n", "1", "--condition", `start=${start}`, "--condition", "temperature=0"];
      const { code } = await galatea([...words, "--out", at(out), ...one]);
      expect(code).toBe(0);
      return midiFile(join(at(out), "1.mid")).notes.map(({ pitch }) => pitch);
    };
    expect((await begin(join(tunes, "0.mid"), "whole")).slice(0, 6)).toEqual([60, 62, 64, 65, 67, 69]);
    const beats = await begin(`${join(tunes, "0.mid")}#beats=3`, "beats");
    expect(beats.slice(0, 3)).toEqual([60, 62, 64]);
    expect(beats.length).toBeGreaterThan(3);
  });
  test("is judged by what it says of held-out tunes", async () => {
    const { code, stdout } = await galatea(["evaluate", lstm, "--json", ...one]);
    expect(code).toBe(0);
    const { metrics } = events(stdout).at(-1) as { metrics: Record<string, number> };
    expect(Object.keys(metrics)).toEqual([
      "negativeLogLikelihood",
      "crossEntropy",
      "bitsPerToken",
      "perplexity",
      "accuracy",
    ]);
    expect(metrics.perplexity).toBeCloseTo(Math.exp(metrics.crossEntropy), 4);
  });
  test("a transformer writes files as well", async () => {
    const { code, stdout } = await galatea(["sample", transformer, "-n", "2", "--out", at("two"), ...one]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/[/\\]2\.(mid|txt)/);
  });
});

describe("what is wrong with music is said", () => {
  const train = async (data: string, message: RegExp, more: readonly string[] = []): Promise<void> => {
    const { code, stderr } = await galatea([
      "train",
      "music/lstm",
      "--data",
      data,
      "--out",
      at("x"),
      ...small,
      ...more,
      ...one,
    ]);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  };
  test("MIDI without notes, a damaged file, no music at all", async () => {
    const empty = [
      ...Buffer.from("MThd"),
      0,
      0,
      0,
      6,
      0,
      0,
      0,
      1,
      0,
      96,
      ...Buffer.from("MTrk"),
      0,
      0,
      0,
      4,
      0,
      0xff,
      0x2f,
      0,
    ];
    writeFileSync(at("silent.mid"), Uint8Array.from(empty));
    await train(at("silent.mid"), /it holds no notes/);
    writeFileSync(at("cut.mid"), readFileSync(join(tunes, "0.mid")).subarray(0, 40));
    await train(at("cut.mid"), /cut off/);
    mkdirSync(at("bare"));
    await train(at("bare"), /it holds no music/);
  });
  test("a pitch outside the vocabulary", async () => {
    await train(tunes, /it has the pitch .*choose a vocabulary with more pitches/, pairs({ highestPitch: 62 }));
  });
  test("a beginning that is no music, or longer than a sample", async () => {
    const begin = async (start: string, code: number, message: RegExp): Promise<void> => {
      const outcome = await galatea(["sample", lstm, "-n", "1", "--condition", `start=${start}`, ...one]);
      expect(outcome.stderr).toMatch(message);
      expect(outcome.code).toBe(code);
    };
    writeFileSync(at("long.abc"), "X:1\nL:1/4\nK:C\nCDEF GABc CDEF|\n");
    await begin(at("long.abc"), 1, /it has 35 tokens.*#beats=/);
    await begin(join(folder, "none.mid"), 1, /none\.mid/);
    await begin(`${join(tunes, "0.mid")}#beats=x`, 2, /a number above 0/);
  });
});
