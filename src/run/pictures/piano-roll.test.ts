import { expect, test } from "vitest";
import { heatColour } from "./heat.ts";
import { pianoRoll } from "./piano-roll.ts";

const note = { pitch: 60, start: 0, duration: 480, velocity: 127 };

test("a note is a bar at its place: later to the right, higher further up", () => {
  const notes = [note, { pitch: 62, start: 480, duration: 480, velocity: 127 }];
  const picture = pianoRoll(notes, { ticksPerBeat: 480, beatWidth: 10, rowHeight: 3 });
  // Rows 58 to 64.
  expect([picture.width, picture.height]).toEqual([21, 21]);
  const colourAt = (x: number, y: number): number[] => [...picture.data.subarray((y * 21 + x) * 3).subarray(0, 3)];
  const ink = [...heatColour(0.75)];
  expect(colourAt(4, (64 - 60) * 3)).toEqual(ink);
  expect(colourAt(14, (64 - 62) * 3)).toEqual(ink);
  expect(colourAt(14, (64 - 60) * 3)).toEqual([255, 255, 255]);
  // 61 is a black key; a bar line, then the line of a beat.
  expect(colourAt(4, (64 - 61) * 3)).toEqual([238, 238, 242]);
  expect(colourAt(0, 0)).toEqual([170, 170, 180]);
  expect(colourAt(10, 0)).toEqual([221, 221, 226]);
});

test("long tunes are drawn narrower, and cut at the widest", () => {
  const long = { ...note, start: 480 * 9999 };
  expect(pianoRoll([note, long], { ticksPerBeat: 480 }).width).toBe(16_001);
  expect(pianoRoll([{ ...note, start: 480 * 999 }], { ticksPerBeat: 480 }).width).toBe(16_001);
});

test("no notes and odd sizes are refused", () => {
  expect(() => pianoRoll([], { ticksPerBeat: 480 })).toThrow("piano roll: there are no notes to draw; 1 or more");
  expect(() => pianoRoll([note], { ticksPerBeat: 0 })).toThrow("ticksPerBeat: is 0");
});
