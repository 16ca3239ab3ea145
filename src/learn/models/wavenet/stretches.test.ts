import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../../test/graph/numbers.ts";
import { tensor } from "../../../core/trace/index.ts";
import { decodeMuLaw, encodeMuLaw, logMelsAt } from "../../../run/data/index.ts";
import { muLawAmplitudes, stretchBands } from "./stretches.ts";

const levels = 256;

test("amplitudes are those of the companding that files are read with; tokens that are no levels are silence", () => {
  const codes = Array.from({ length: levels }, (_, code) => code);
  const found = numbersOf(muLawAmplitudes(tensor([...codes, 256, 257, -1], [1, 259], "int32"), levels));
  const right = [...decodeMuLaw(codes, levels), 0, 0, 0];
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(right[i], 5);
});

describe("bands of stretches", () => {
  const [rate, span, bands] = [8000, 128, 6];
  const samples = Float32Array.from(
    { length: 1024 },
    (_, i) => 0.4 * Math.sin(i / 3) + 0.2 * Math.sin(i * (1 + i / 900)),
  );
  const codes = encodeMuLaw(samples, levels);
  const heard = (tokens: ArrayLike<number>): number[] =>
    numbersOf(stretchBands(tensor(Array.from(tokens), [1, tokens.length], "int32"), { levels, span, rate, bands }));

  test("are the log-mel energies of windows twice as long, with silence before and behind", () => {
    const half = span / 2;
    const padded = new Float32Array(samples.length + span);
    padded.set(decodeMuLaw(codes, levels), half);
    const [frameMs, hopMs] = [(2 * span * 1000) / rate, (span * 1000) / rate];
    const { values, frames } = logMelsAt(rate, { frameMs, hopMs, mels: bands, lowestHz: 0, scale: "htk" })(padded);
    const own = heard(codes);
    expect(own).toHaveLength(8 * bands);
    expect(frames).toBe(8);
    for (const [i, value] of own.entries()) expect(value).toBeCloseTo(values[i] - Math.log(2 * span), 3);
  });

  test("a last stretch may be short, and silence has a floor", () => {
    expect(heard(codes.subarray(0, 900))).toHaveLength(8 * bands);
    for (const value of heard(encodeMuLaw(new Float32Array(300), levels))) expect(value).toBeLessThan(-9);
    for (const value of heard(Array.from({ length: 300 }, () => 256))) expect(value).toBeCloseTo(Math.log(1e-7), 4);
  });
});
