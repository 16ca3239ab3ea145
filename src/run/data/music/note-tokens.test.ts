import fc from "fast-check";
import { expect, test } from "vitest";
import { createNoteTokenizer } from "./note-tokens.ts";
import { type Note, quantizeTune, type Tune } from "./notes.ts";

const tuneOf = (notes: readonly Note[], ticksPerBeat: number): Tune => ({
  ...{ name: "t", ticksPerBeat, notes, beatsPerBar: 4 },
  tempos: [{ start: 0, beatsPerMinute: 120 }],
});
const note = (pitch: number, start: number, duration: number, velocity = 80): Note => ({
  ...{ pitch, start, duration, velocity },
  voice: 0,
});

test("a tune in words", () => {
  const tokenizer = createNoteTokenizer({ stepsPerBeat: 4, longestSteps: 8, loudnesses: 4 });
  const notes = [note(60, 0, 4), note(64, 0, 20), note(67, 11, 1, 127), note(67, 12, 1, 127)];
  const tokens = tokenizer.encode(tuneOf(notes, 4));
  expect(Array.from(tokens, (token) => tokenizer.names[token])).toEqual([
    ...["pitch 60", "duration 4", "pitch 64", "duration 8", "duration 8", "duration 4"],
    ...["shift 8", "shift 3", "loudness 3", "pitch 67", "duration 1", "shift 1", "pitch 67", "duration 1"],
  ]);
  expect(tokenizer.names).toHaveLength(tokenizer.size);
  expect(new Set(tokenizer.names).size).toBe(tokenizer.size);
  expect(tokenizer.names.slice(0, 3)).toEqual(["pad", "begin", "end"]);
  expect([tokenizer.pad, tokenizer.begin, tokenizer.end]).toEqual([0, 1, 2]);
});

const anyNote = fc.record({
  pitch: fc.integer({ min: 0, max: 127 }),
  start: fc.integer({ min: 0, max: 400 }),
  duration: fc.integer({ min: 1, max: 150 }),
  velocity: fc.integer({ min: 1, max: 127 }),
  voice: fc.constant(0),
});

test("what is on the grid comes back exactly, and its tokens come back from it", () => {
  fc.assert(
    fc.property(fc.array(anyNote, { maxLength: 30 }), fc.integer({ min: 1, max: 32 }), (notes, loudnesses) => {
      const tokenizer = createNoteTokenizer({ loudnesses });
      const tokens = tokenizer.encode(tuneOf(notes, 12));
      const { tune, skipped } = tokenizer.decode(tokens);
      const grid = quantizeTune(tuneOf(notes, 12), 12).notes;
      const places = (list: readonly Note[]): unknown =>
        list.map(({ pitch, start, duration }) => [pitch, start, duration]);
      expect(places(tune.notes)).toEqual(places(grid));
      expect(skipped).toBe(0);
      // Velocities are now those that the vocabulary has: nothing is lost any more.
      expect(tokenizer.encode(tune)).toEqual(tokens);
      expect(tokenizer.decode(tokenizer.encode(tune)).tune).toEqual(tune);
    }),
  );
});

test("voices become one, in which a key sounds once", () => {
  const notes = [note(60, 0, 4), { ...note(60, 0, 8), voice: 1 }];
  const tokenizer = createNoteTokenizer({ stepsPerBeat: 4 });
  expect(tokenizer.decode(tokenizer.encode(tuneOf(notes, 4))).tune.notes).toEqual([note(60, 0, 8)]);
});

test("whatever a model writes is read: what makes no sense is passed over and counted", () => {
  const tokenizer = createNoteTokenizer({ stepsPerBeat: 4, loudnesses: 2 });
  const token = (name: string): number => tokenizer.names.indexOf(name);
  const said = [
    "begin",
    "duration 2",
    "pitch 60",
    "pitch 62",
    "duration 3",
    "shift 4",
    "pitch 64",
    "pad",
    "end",
    "pitch 65",
  ];
  const { tune, skipped } = tokenizer.decode(said.map(token));
  expect(tune.notes.map(({ pitch, start, duration }) => [pitch, start, duration])).toEqual([[62, 0, 3]]);
  expect(skipped).toBe(3);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: tokenizer.size - 1 })), (tokens) => {
      for (const { pitch, duration, velocity } of tokenizer.decode(tokens).tune.notes) {
        expect(pitch >= 0 && pitch <= 127 && duration >= 1 && velocity >= 1 && velocity <= 127).toBe(true);
      }
    }),
  );
});

test("what is out of range is refused", () => {
  const tokenizer = createNoteTokenizer({ lowestPitch: 21, highestPitch: 108 });
  expect(() => tokenizer.encode(tuneOf([note(20, 0, 1)], 12))).toThrow("t: it has the pitch 20; 21 to 108; choose");
  expect(() => tokenizer.decode([tokenizer.size])).toThrow(/^token 0: is \d+; a whole number from 0 to/);
  expect(() => createNoteTokenizer({ lowestPitch: 60, highestPitch: 50 })).toThrow("highestPitch: is 50");
  expect(() => createNoteTokenizer({ stepsPerBeat: 0 })).toThrow("stepsPerBeat: is 0");
});
