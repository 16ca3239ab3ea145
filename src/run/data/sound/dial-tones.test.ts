import { expect, test } from "vitest";
import { keyFromSeed } from "../../../core/base/index.ts";
import { dialTones } from "./dial-tones.ts";

const key = keyFromSeed(7);

/** Energy of one frequency in part of a sound. */
function energyAt(samples: Float32Array, hz: number, rate: number): number {
  let [re, im] = [0, 0];
  for (const [n, value] of samples.entries()) {
    re += value * Math.cos((2 * Math.PI * hz * n) / rate);
    im += value * Math.sin((2 * Math.PI * hz * n) / rate);
  }
  return re * re + im * im;
}

/** The digit whose two tones are strongest, by the table of ITU-T Q.23. */
function heard(samples: Float32Array, rate: number): string {
  const loudest = (list: readonly number[]): number => {
    const energies = list.map((hz) => Math.max(...[0.99, 1, 1.01].map((pitch) => energyAt(samples, hz * pitch, rate))));
    return energies.indexOf(Math.max(...energies));
  };
  return ["123", "456", "789", "*0#"][loudest([697, 770, 852, 941])][loudest([1209, 1336, 1477])];
}

test("a receiver hears the digit that the transcript says, each of the ten", () => {
  const calls = dialTones(key, { count: 100, shortest: 1, longest: 1 });
  expect(calls.map(({ samples, rate }) => heard(samples, rate))).toEqual(calls.map(({ text }) => text));
  expect(new Set(calls.map(({ text }) => text)).size).toBe(10);
});

test("the same key gives the same calls; more of them begin with the same; other keys give others", () => {
  const few = dialTones(key, { count: 3 });
  expect(dialTones(key, { count: 5 }).slice(0, 3)).toEqual(few);
  expect(dialTones(keyFromSeed(8), { count: 3 })).not.toEqual(few);
  for (const { text, samples } of dialTones(key, { count: 50 })) {
    expect(text).toMatch(/^\d{3,7}$/);
    expect(samples.every((value) => Math.abs(value) <= 1)).toBe(true);
  }
});

test("without noise there is silence between digits", () => {
  const [{ samples }] = dialTones(key, { count: 1, noise: 0 });
  expect(samples.subarray(0, 300).every((value) => value === 0)).toBe(true);
  expect(samples.at(-1)).toBe(0);
});

test("what is out of range is refused", () => {
  expect(() => dialTones(key, { count: 0 })).toThrow("count: is 0; a whole number from 1");
  expect(() => dialTones(key, { count: 1, shortest: 5, longest: 4 })).toThrow("longest: is 4");
  expect(() => dialTones(key, { count: 1, noise: -1 })).toThrow("noise: is -1; from 0 to 10");
});
