import { describe, expect, test } from "vitest";
import type { HostTensor } from "../../engine/index.ts";
import type { WindowOrigin } from "../data/index.ts";
import { decodeMidi, decodeWav, tokenizerOf } from "../data/index.ts";
import { renderingOf } from "./index.ts";

function floats(shape: readonly number[], data: readonly number[]): HostTensor {
  return { dtype: "float32", shape, data: Float32Array.from(data) };
}

const isPng = (bytes: Uint8Array | string): boolean =>
  typeof bytes !== "string" && bytes[0] === 0x89 && bytes[1] === 0x50;

describe("forecasts", () => {
  const shapes = { future: [2], quantiles: [5, 2] };
  const outputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { dtype: "float32", shape } as const]),
  );
  const rendering = renderingOf({ outputs }, { series: { context: 3, horizon: 2, stride: 1 } });
  const origins: readonly WindowOrigin[] = ["load", "of / two: words"].map((series, i) => ({
    ...{ series, season: 1, history: Float64Array.of(1, 2), timeAt: (step) => `hour ${10 + step}` },
    scale: { mean: 10 * i, deviation: 2 },
  }));
  const quantiles = floats([2, 5, 2], [-2, -2, -1, -1, 0, 0.5, 1, 1, 2, 2, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2]);
  const samples = { future: floats([2, 2], [0.25, -3, 1, 0]), quantiles };
  const conditions = { past: floats([2, 3], [0, 1, 0, 1, 0, 1]) };

  test("a chart and a table of quantiles and a path of each, in the units of its series", async () => {
    const files = (await rendering?.render(samples, conditions, origins)) ?? [];
    expect(files.map(({ name }) => name)).toEqual([
      ...["1-load.png", "1-load.csv", "2-of_two_words.png", "2-of_two_words.csv"],
    ]);
    expect(isPng(files[0].bytes)).toBe(true);
    const head = "time,q0.05,q0.25,q0.5,q0.75,q0.95,path";
    expect(files[1].bytes).toBe(`${head}\nhour 10,-4,-2,0,2,4,0.5\nhour 11,-4,-2,1,2,4,-6\n`);
    expect(String(files[3].bytes)).toContain("hour 10,6,8,10,12,14,12");
  });
  test("without origins, as the model says it", async () => {
    const files = (await rendering?.render(samples, conditions)) ?? [];
    expect(files[1].name).toBe("1-series_1.csv");
    expect(String(files[1].bytes)).toContain("\n1,-2,-1,0,1,2,0.25\n2,-2,-1,0.5,1,2,-3\n");
  });
});

describe("tunes", () => {
  const music = {
    ...{ stepsPerBeat: 4, lowestPitch: 0, highestPitch: 127, loudnesses: 1, transpositions: 0, places: 12 },
    ...{ chords: false, drums: false },
  };
  const outputs = { tokens: { dtype: "int32", shape: [12] } } as const;
  const { encode, end, pad } = tokenizerOf(music);
  const notes = [60, 64, 67].map((pitch) => ({ pitch, start: 0, duration: 4, velocity: 80, voice: 0 }));
  const tune = { name: "", ticksPerBeat: 4, tempos: [{ start: 0, beatsPerMinute: 120 }], beatsPerBar: 4, notes };
  const row = [...encode(tune), end];
  const tokens = Int32Array.from([...row, ...Array<number>(12 - row.length).fill(pad), ...Array<number>(12).fill(end)]);

  test("as MIDI that reads back, sound and a picture; one without notes says so", async () => {
    const rendering = renderingOf({ outputs }, { music });
    const files = (await rendering?.render({ tokens: { dtype: "int32", shape: [2, 12], data: tokens } }, {})) ?? [];
    expect(files.map(({ name }) => name)).toEqual(["1.mid", "1.wav", "1.png", "2.txt"]);
    const [midi, wav, png] = files.map(({ bytes }) => bytes as Uint8Array);
    expect(decodeMidi(midi, "1.mid").notes.map(({ pitch }) => pitch)).toEqual([60, 64, 67]);
    const sound = decodeWav(wav, "1.wav");
    expect(sound.samples.length / sound.rate).toBeGreaterThan(0.5);
    expect(isPng(png)).toBe(true);
  });
});

test("pictures and texts have no rendering", () => {
  expect(renderingOf({ outputs: { tokens: { dtype: "int32", shape: [4] } } }, {})).toBeUndefined();
  expect(renderingOf({ outputs: { image: { dtype: "float32", shape: [1, 2, 2] } } }, {})).toBeUndefined();
});
