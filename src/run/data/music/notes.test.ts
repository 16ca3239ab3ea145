import { expect, test } from "vitest";
import { type Note, quantizeTune, secondsAtTick, type Tune } from "./notes.ts";

const note = (start: number, duration: number, pitch = 60, voice = 0): Note => ({
  ...{ pitch, start, duration, voice },
  velocity: 80,
});
const tune = (...notes: readonly Note[]): Tune => ({
  ...{ name: "", ticksPerBeat: 480, beatsPerBar: 4, notes },
  tempos: [
    { start: 0, beatsPerMinute: 120 },
    { start: 960, beatsPerMinute: 60 },
  ],
});

test("seconds follow the tempo: half a second a beat for two beats, then a second", () => {
  const secondsAt = secondsAtTick(tune());
  expect([0, 480, 960, 1440, 1920].map(secondsAt)).toEqual([0, 0.5, 1, 2, 3]);
  expect(secondsAtTick({ ticksPerBeat: 10, tempos: [{ start: 20, beatsPerMinute: 60 }] })(30)).toBe(2);
});

test("notes go to the nearest step and last a step at least", () => {
  const { ticksPerBeat, tempos, notes } = quantizeTune(tune(note(3, 470), note(238, 5, 62), note(970, 119, 64)), 4);
  expect(ticksPerBeat).toBe(4);
  expect(tempos.map(({ start }) => start)).toEqual([0, 8]);
  expect(notes.map(({ start, duration }) => [start, duration])).toEqual([
    [0, 4],
    [2, 1],
    [8, 1],
  ]);
});

test("one key of one voice sounds once at a time", () => {
  const doubled = quantizeTune(tune(note(0, 480), note(5, 960), note(480, 480), note(0, 480, 60, 1)), 4);
  expect(doubled.notes.map(({ start, duration, voice }) => [start, duration, voice])).toEqual([
    [0, 4, 0],
    [0, 4, 1],
    [4, 4, 0],
  ]);
});

test("a grid that is none is refused", () => {
  expect(() => quantizeTune(tune(), 0)).toThrow("stepsPerBeat: is 0; a whole number from 1 to 32767");
});
