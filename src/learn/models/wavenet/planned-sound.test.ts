import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../../core/base/index.ts";
import { constantKey, tensor } from "../../../core/trace/index.ts";
import type { TensorBatch } from "../family.ts";
import { lstmDecoder } from "../lstm/index.ts";
import { type PlannedSoundOptions, plannedSound, planVocabulary } from "./planned-sound.ts";
import { waveNet } from "./wavenet.ts";

const [levels, places, span] = [2, 5, 2];
const [end, pad] = [levels, levels + 1];
const planned = planVocabulary({ codes: 3, classes: 2 });
const options: PlannedSoundOptions = {
  sound: waveNet({ vocabulary: levels + 2, channels: 4, skip: 4, layers: 2, cycles: 1, memory: 3, span }) as never,
  plan: lstmDecoder({ vocabulary: planned.size, embedding: 4, hidden: 4, layers: 1 }) as never,
  ...{ memory: 3, span, rate: 100, bands: 1, levels, codes: 3, classes: 2, places, begin: 0, end, pad },
};
const family = plannedSound(options);
const key = constantKey(keyFromSeed(4));

/** Sounds of 0 and 1, filled up, each after a sample of silence. */
function batchOf(sounds: readonly (readonly number[])[], label: number, size: number = places): TensorBatch {
  const rows = sounds.map((own) => {
    const said = own.length < places ? [...own, end] : own;
    return [0, ...said, ...Array<number>(Math.max(0, places - said.length)).fill(pad)].slice(0, size + 1);
  });
  return {
    tokens: tensor(rows.flat(), [rows.length, size + 1], "int32"),
    label: tensor(
      rows.map(() => label),
      [rows.length],
      "int32",
    ),
  };
}

const all = Array.from({ length: places + 1 }, (_, length) =>
  Array.from({ length: 2 ** length }, (_, code) => Array.from({ length }, (_, t) => Math.floor(code / 2 ** t) % 2)),
).flat();
const parameters = family.prepare?.(family.init(key), batchOf(all, 0), key) ?? family.init(key);
const natsOf = (batch: TensorBatch): number[] =>
  numbersOf(family.score?.(parameters, batch, key).negativeLogLikelihood ?? tensor([], [0]));

describe("a planned sound", () => {
  test("its bound is one: over all sounds there are the probabilities sum to less than 1, and far more than 0", () => {
    expect(all).toHaveLength(63);
    for (const label of [0, 1]) {
      const total = natsOf(batchOf(all, label)).reduce((sum, nats) => sum + Math.exp(-nats), 0);
      expect(total).toBeLessThan(1);
      expect(total).toBeGreaterThan(0.001);
    }
  });

  test("costs what it costs without the padding that was cut off, and more or less for another label", () => {
    const short = all.filter((own) => own.length < 3);
    const whole = natsOf(batchOf(short, 0));
    const cut = natsOf(batchOf(short, 0, 3));
    const other = natsOf(batchOf(short, 1));
    for (const [i, nats] of whole.entries()) {
      expect(cut[i]).toBeCloseTo(nats, 6);
      expect(Math.abs(other[i] - nats)).toBeGreaterThan(1e-3);
    }
  });

  test("begins as it is told, ends once, and has only padding behind its end", () => {
    const given = [1, 0, 1, -1, -1];
    const count = 40;
    const free = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? given : given.map(() => -1))).flat();
    const conditions = {
      label: tensor(
        Array.from({ length: count }, (_, i) => (i >> 1) % 2),
        [count],
        "int32",
      ),
      tokens: tensor(free, [count, places], "int32"),
    };
    const controls = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, planTemperature: 1 };
    const made = numbersOf(family.sample(parameters, key, { count, conditions, controls }).tokens);
    const lengths = new Set<number>();
    for (let i = 0; i < count; i++) {
      const own = made.slice(i * places, (i + 1) * places);
      if (i % 2 === 0) expect(own.slice(0, 3)).toEqual([1, 0, 1]);
      const last = own.indexOf(end);
      const length = last < 0 ? places : last;
      lengths.add(length);
      for (const token of own.slice(0, length)) expect(token).toBeLessThan(levels);
      for (const token of own.slice(length + 1)) expect(token).toBe(pad);
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  test("stretches of an odd number of samples, and a network of other codes, are refused", () => {
    expect(() => plannedSound({ ...options, span: 3 })).toThrow("it must be even");
    expect(() => plannedSound({ ...options, bands: 30 })).toThrow("fewer bands, or a longer span");
    expect(() => plannedSound({ ...options, codes: 4 })).toThrow("the plan's network scores 7 tokens");
  });
});
