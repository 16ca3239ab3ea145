import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { decodeMidi, encodeMidi, writeMidiFile } from "./midi.ts";
import type { Tune } from "./notes.ts";

const bytesOf = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : part)));

/** A file as the standard lays it out: header, then tracks. */
function midi(
  format: number,
  division: readonly [number, number],
  ...tracks: readonly (readonly number[])[]
): Uint8Array {
  const header = ["MThd", [0, 0, 0, 6, 0, format, 0, tracks.length, ...division]] as const;
  return bytesOf(...header, ...tracks.flatMap((track) => ["MTrk", [0, 0, 0, track.length], track] as const));
}

const endOfTrack = [0, 0xff, 0x2f, 0];
const quarter = [0, 96] as const;

test("a file written by hand, with running status and note-ons of velocity 0, is read", () => {
  const track = [
    // "Do", 100 beats a minute, 6/8.
    ...[0, 0xff, 3, 2, 0x44, 0x6f],
    ...[0, 0xff, 0x51, 3, 0x09, 0x27, 0xc0],
    ...[0, 0xff, 0x58, 4, 6, 3, 24, 8],
    // C4 for a quarter; E4 from there on for 200 ticks (two bytes), G4 with it.
    ...[0, 0x90, 60, 100],
    ...[96, 60, 0],
    ...[0, 64, 80, 0, 67, 81],
    ...[0x81, 0x48, 0x80, 64, 0],
    ...[0, 67, 0],
    ...endOfTrack,
  ];
  expect(decodeMidi(midi(0, quarter, track), "a.mid")).toEqual({
    name: "Do",
    ticksPerBeat: 96,
    tempos: [{ start: 0, beatsPerMinute: 100 }],
    beatsPerBar: 3,
    notes: [
      { pitch: 60, start: 0, duration: 96, velocity: 100, voice: 0 },
      { pitch: 64, start: 96, duration: 200, velocity: 80, voice: 0 },
      { pitch: 67, start: 96, duration: 200, velocity: 81, voice: 0 },
    ],
    remarks: [],
  });
});

test("a key that is struck again before it is let go; two channels with the same key; a note without end", () => {
  const track = [
    ...[0, 0x90, 60, 1, 0, 0x91, 60, 2],
    ...[10, 0x90, 60, 3],
    ...[10, 0x80, 60, 0],
    ...[10, 0x80, 60, 0],
    ...[10, 0xff, 0x2f, 0],
  ];
  const { notes, remarks } = decodeMidi(midi(0, quarter, track), "a.mid");
  expect(notes.map(({ start, duration, velocity, voice }) => [start, duration, velocity, voice])).toEqual([
    [0, 20, 1, 0],
    [0, 40, 2, 1],
    [10, 20, 3, 0],
  ]);
  expect(remarks).toEqual(["has notes that are never ended: they last as long as their track"]);
});

test("drums are left out and said, or asked for; times of film are beats of half a second", () => {
  const track = [0, 0x99, 36, 90, 10, 0x89, 36, 0, 0, 0x90, 60, 90, 10, 0x80, 60, 0, ...endOfTrack];
  const film = midi(0, [0xe7, 40], track);
  const { notes, remarks, ticksPerBeat } = decodeMidi(film, "a.mid");
  expect(notes.map(({ pitch }) => pitch)).toEqual([60]);
  expect(remarks).toEqual(["has 1 notes for drums, which are left out"]);
  // 25 frames of 40 ticks a second.
  expect(ticksPerBeat).toBe(500);
  expect(decodeMidi(film, "a.mid", { drums: true }).notes).toHaveLength(2);
  const onlyDrums = midi(0, quarter, [0, 0x99, 36, 90, 10, 0x89, 36, 0, ...endOfTrack]);
  expect(() => decodeMidi(onlyDrums, "a.mid")).toThrow("a.mid: its 1 notes are all drums; a MIDI file with notes");
});

const tune: Tune = {
  name: "Étude à 2",
  ticksPerBeat: 480,
  tempos: [
    { start: 0, beatsPerMinute: 120 },
    { start: 960, beatsPerMinute: 60 },
  ],
  beatsPerBar: 3.5,
  notes: Array.from({ length: 40 }, (_, i) => ({
    pitch: 40 + (i % 20),
    start: 120 * Math.floor(i / 2),
    duration: 120,
    velocity: 1 + 3 * i,
    voice: i % 2,
  })),
};

test("what is written is read back, voices and all", () => {
  expect(decodeMidi(encodeMidi(tune), "a.mid")).toEqual({ ...tune, remarks: [] });
  const many = { ...tune, notes: tune.notes.map((note, i) => ({ ...note, voice: i })) };
  expect(decodeMidi(encodeMidi(many), "a.mid").notes).toHaveLength(40);
});

test("a file is written whole", async () => {
  const folder = await mkdtemp(join(tmpdir(), "galatea-midi-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeMidiFile(join(folder, "a.mid"), tune);
  expect(new Uint8Array(await readFile(join(folder, "a.mid")))).toEqual(encodeMidi(tune));
});

const whole = encodeMidi(tune);

test.each([
  [new Uint8Array(0), "a.mid: the file is empty; a MIDI file"],
  [bytesOf("RIFF and so on"), 'a.mid: no MIDI file: it does not start with "MThd"; a standard MIDI file (.mid)'],
  [whole.subarray(0, 10), "a.mid: the MIDI file is cut off: its header is incomplete; copy or export it again"],
  [whole.subarray(0, 22), /cut off: track 1 has 0 of \d+ bytes/],
  [whole.subarray(0, whole.length - 5), /cut off: track 3 has \d+ of \d+ bytes/],
  [midi(0, quarter, endOfTrack), "a.mid: it holds no notes; a MIDI file with notes"],
  [midi(0, quarter, [0, 60, 60]), /the MIDI file is damaged \(Unrecognised MIDI event/],
  [midi(0, [0, 0], [0, 0x90, 60, 1, 1, 0x80, 60, 0]), "a.mid: its header says 0 ticks for a beat"],
  [midi(2, quarter, [0, 0x90, 60, 1, 1, 0x80, 60, 0]), /tunes of their own \(format 2\)/],
])("a file that is none is refused (%#)", (bytes, message) => {
  expect(() => decodeMidi(bytes, "a.mid")).toThrow(message);
});

test("what cannot be written is refused", () => {
  expect(() => encodeMidi({ ...tune, notes: [] })).toThrow("Étude à 2: there are no notes to write; 1 or more");
  expect(() => encodeMidi({ ...tune, ticksPerBeat: 0.5 })).toThrow("ticksPerBeat is 0.5");
  const note = { ...tune.notes[0], pitch: 128 };
  expect(() => encodeMidi({ ...tune, notes: [note] })).toThrow(/a note has pitch 128, start 0, .*pitch 0 to 127/);
});
