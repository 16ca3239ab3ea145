/** Recordings from files to what is said in them, and sound from a label: the real command line. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/base/index.ts";
import { decodeWav, dialTones, encodeWav, resolveData } from "../../src/run/data/index.ts";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [calls, recognizer, wavenet] = ["calls", "recognizer", "wavenet"].map(at);
const quiet = pairs({ evaluateEvery: 0, sampleEvery: 0, checkpointEvery: 0 });
const dialled = dialTones(keyFromSeed(7), { count: 600, shortest: 1, longest: 3 });

beforeAll(async () => {
  mkdirSync(calls);
  for (const call of dialled) writeFileSync(join(calls, call.name), encodeWav(call));
  const table = ["file,text", ...dialled.map(({ name, text }) => `${name},${text}`)];
  writeFileSync(join(calls, "transcripts.csv"), `${table.join("\n")}\n`);
  const trained = await Promise.all([
    galatea([
      ...["train", "speech/lstm-ctc", "--data", calls, "--out", recognizer, "--steps", "400", "--json"],
      ...["--threads", "1", ...quiet],
      ...pairs({ frames: 110, places: 3, hidden: 32, layers: 1, stride: 2, batchSize: 16, mels: 32 }),
      ...pairs({
        learningRate: 0.01,
        warmupSteps: 10,
        dropout: 0,
        hiddenFrames: 0,
        hiddenFeatures: 0,
        averageDecay: 0.9,
      }),
    ]),
    // Without --data: tones that are made, one digit each.
    galatea([
      ...["train", "sound/wavenet", "--out", wavenet, "--steps", "60", "--json", "--threads", "1", ...quiet],
      ...pairs({ rate: 4000, levels: 32, places: 1200, span: 50, channels: 12, skip: 16, layers: 6, cycles: 1 }),
      ...pairs({ batchSize: 4, learningRate: 0.02, warmupSteps: 5, averageDecay: 0.9, validationExamples: 20 }),
    ]),
  ]);
  expect(trained.map(({ code, stderr }) => (code === 0 ? "" : stderr))).toEqual(["", ""]);
  for (const [i, name] of ["recognizer", "wavenet"].entries()) writeFileSync(at(`${name}.jsonl`), trained[i].stdout);
}, 400_000);

const lastMetrics = (name: string): Record<string, number> => {
  const all = events(readFileSync(at(`${name}.jsonl`), "utf8"));
  return (all.at(-1) as { metrics: Record<string, number> }).metrics;
};

describe("a recognizer of a folder of recordings", { timeout: 180_000 }, () => {
  test("learns what is dialled, and shows what it hears", async () => {
    const { code, stdout } = await galatea(["evaluate", recognizer, "--json", "--threads", "1"]);
    expect(code).toBe(0);
    const { metrics } = events(stdout).at(-1) as { metrics: Record<string, number> };
    // Of those who hear nothing 100; a guess of the right length, 90.
    expect(metrics.characterErrorRate).toBeLessThan(40);
    expect(metrics.wordErrorRate).toBeGreaterThanOrEqual(metrics.characterErrorRate * 0.9);
    expect(metrics.crossEntropy).toBeLessThan(1.3);
    const beams = await galatea(["evaluate", recognizer, "--json", "--threads", "1", "--condition", "beams=8"]);
    const found = events(beams.stdout).at(-1) as { metrics: Record<string, number> };
    expect(found.metrics.characterErrorRate).toBeLessThanOrEqual(metrics.characterErrorRate + 3);
    const answers = events(readFileSync(join(recognizer, "samples", "answers.jsonl"), "utf8"));
    expect(answers).toHaveLength(60);
    expect(answers[0].right).toMatch(/^\d{1,3}$/);
  });

  test("hears a person's own file, of any rate, and says what it did to it", async () => {
    const call = dialTones(keyFromSeed(8), { count: 1, shortest: 2, longest: 2, rate: 16_000 })[0];
    writeFileSync(at("own.wav"), encodeWav(call, { bits: 24 }));
    const ask = ["sample", recognizer, "--threads", "1", "--condition", `audio=${at("own.wav")}`];
    const { code, stdout, stderr } = await galatea(ask);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{0,3}\n$/);
    expect(stderr).toContain("own.wav is resampled from 16000 to 8000 Hz");
    expect((await galatea([...ask, "--condition", "beams=4"])).stdout).toMatch(/^\d{0,3}\n$/);
  });

  test("what it cannot hear is refused", async () => {
    const refused = async (audio: string, message: string, code: number): Promise<void> => {
      const outcome = await galatea(["sample", recognizer, "--threads", "1", "--condition", `audio=${audio}`]);
      expect(outcome.stderr).toContain(message);
      expect(outcome.code).toBe(code);
    };
    writeFileSync(at("long.wav"), encodeWav({ samples: new Float32Array(16_000).fill(0.1), rate: 8000 }));
    writeFileSync(at("no.wav"), "no sound");
    await refused(at("long.wav"), "the model hears 110 frames at most", 1);
    await refused(at("no.wav"), "no WAV file", 1);
    await refused(at("gone.wav"), "gone.wav", 1);
    const nothing = await galatea(["sample", recognizer, "--threads", "1"]);
    expect(nothing.stderr).toContain('say --condition "audio=a WAV file"');
    expect(nothing.code).toBe(2);
  });

  test("recordings that are too long, say too much, or that nobody transcribed", async () => {
    const refused = async (settings: readonly string[], message: string, data = calls): Promise<void> => {
      const words = ["train", "speech/lstm-ctc", "--data", data, "--out", at("no"), "--threads", "1", ...settings];
      const { code, stderr } = await galatea(words);
      expect(stderr).toContain(message);
      expect(code).toBe(1);
      expect(existsSync(at("no"))).toBe(false);
    };
    await refused(pairs({ frames: 30 }), "or longer=leave-out, which leaves such recordings out");
    await refused(pairs({ stride: 64 }), "its transcript needs 2 times (2 tokens, and a blank between equal ones)");
    mkdirSync(at("silent"));
    writeFileSync(at("silent/a.wav"), encodeWav({ samples: new Float32Array(800), rate: 8000 }));
    await refused([], "nothing says what its recordings say", at("silent"));
    mkdirSync(at("empty"));
    await refused([], "it holds no WAV files", at("empty"));
  });
});

describe("a WaveNet", { timeout: 180_000 }, () => {
  test("learns: fewer bits than a model that knows no more than how often each level is", async () => {
    const { bitsPerToken, crossEntropy } = lastMetrics("wavenet");
    expect(bitsPerToken).toBeCloseTo(crossEntropy / Math.LN2, 6);
    const waves = { rate: 4000, levels: 32, places: 1200, longer: "beginning" } as const;
    const { train } = await resolveData("dial-tones", { reading: { waves } });
    const { tokens } = await train.gather(Array.from({ length: 200 }, (_, i) => i));
    const counts = new Map<number, number>();
    const levels = Array.from(tokens, Number).filter((token) => token < 32);
    for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1);
    const shares = [...counts.values()].map((count) => count / levels.length);
    const blind = shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
    expect(bitsPerToken).toBeLessThan(blind - 0.4);
  });

  test("makes a sound of the label that is asked for, as files", async () => {
    const words = ["sample", wavenet, "--threads", "1", "-n", "2", "--condition", "label=7", "--seed", "3"];
    const { code, stdout } = await galatea([...words, "--out", at("sounds")]);
    expect(code).toBe(0);
    expect(stdout).toContain(join(at("sounds"), "1-label-7.wav"));
    expect(readdirSync(at("sounds")).sort()).toEqual(["1-label-7.wav", "2-label-7.wav", "sounds.png"]);
    const bytes = readFileSync(at("sounds/1-label-7.wav"));
    const { samples, rate } = decodeWav(bytes, "sound");
    expect(rate).toBe(4000);
    expect(samples.length).toBeLessThanOrEqual(1200);
    expect((await galatea([...words, "--out", at("again")])).code).toBe(0);
    expect(readFileSync(at("again/1-label-7.wav"))).toEqual(bytes);
  });

  test("goes on with a sound that it is given", async () => {
    const [{ samples, rate }] = dialTones(keyFromSeed(9), { count: 1, shortest: 1, longest: 1, rate: 4000 });
    writeFileSync(at("start.wav"), encodeWav({ samples: samples.subarray(0, 300), rate }));
    const words = ["sample", wavenet, "--threads", "1", "-n", "1", "--condition", `audio=${at("start.wav")}`];
    expect((await galatea([...words, "--out", at("gone-on")])).code).toBe(0);
    const [file] = readdirSync(at("gone-on")).filter((name) => name.endsWith(".wav"));
    const made = decodeWav(readFileSync(join(at("gone-on"), file)), "sound").samples;
    expect(made.length).toBeGreaterThanOrEqual(300);
    // Equal but for the steps of 32 levels.
    for (let i = 0; i < 300; i++) expect(Math.abs(made[i] - samples[i])).toBeLessThan(0.15);
    writeFileSync(at("too-long.wav"), encodeWav({ samples: new Float32Array(1300).fill(0.1), rate: 4000 }));
    const long = await galatea([...words.slice(0, -1), `audio=${at("too-long.wav")}`]);
    expect(long.stderr).toContain("a sample has 1200");
    expect(long.code).toBe(1);
  });
});
