import { expect, test } from "vitest";
import { heatColour, spectrogramPicture } from "./heat.ts";

test("colours run from violet to yellow and stay there beyond", () => {
  expect(heatColour(0)).toEqual([68, 1, 84]);
  expect(heatColour(1)).toEqual([253, 231, 37]);
  expect(heatColour(0.5)).toEqual([35, 144, 140]);
  expect(heatColour(-3)).toEqual(heatColour(0));
  expect(heatColour(7)).toEqual(heatColour(1));
  expect(heatColour(Number.NaN)).toEqual(heatColour(0));
});

test("time runs to the right, low bands lie at the bottom", () => {
  // [2 frames, 3 bands]: only the lowest band of the second frame is loud.
  const values = Float32Array.of(0, 0, 0, 1, 0, 0);
  const { width, height, channels, data } = spectrogramPicture(values, [2, 3], { frameWidth: 2, bandHeight: 1 });
  expect([width, height, channels]).toEqual([4, 3, 3]);
  const loud = Array.from({ length: 12 }, (_, i) => data[3 * i] === 253);
  expect(loud.map(Number)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
});

test("a constant spectrogram, infinities and a range of one's own", () => {
  expect(spectrogramPicture(new Float32Array(4).fill(3), [2, 2]).data.slice(0, 3)).toEqual(Uint8Array.of(68, 1, 84));
  const values = Float32Array.of(Number.NEGATIVE_INFINITY, 1, 2);
  const { data } = spectrogramPicture(values, [3, 1], { frameWidth: 1, bandHeight: 1, range: [0, 2] });
  expect([...data]).toEqual([...heatColour(0), ...heatColour(0.5), ...heatColour(1)]);
});

test("what does not fit is refused", () => {
  expect(() => spectrogramPicture(new Float32Array(5), [2, 3])).toThrow("spectrogram: 5 values for [2, 3]");
  expect(() => spectrogramPicture(new Float32Array(6), [2, 3], { bandHeight: 0.5 })).toThrow("bandHeight: is 0.5");
});
