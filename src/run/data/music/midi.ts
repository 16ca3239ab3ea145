/** Standard MIDI files, read and written.
 *
 * The library parses and writes events. Which note-off ends which note-on is found here, not by a larger library: the kept
 * one (@tonejs/midi, over the same parser) pairs them across channels and drops without a word what is never ended. */

import { type MidiData, type MidiEvent, parseMidi, writeMidi } from "midi-file";
import { GalateaError } from "../../../core/base/index.ts";
import { writeFileAtomically } from "../../files.ts";
import { inOrder, type Note, type Tempo, type Tune, ticksOf, usualBeatsPerBar, usualTempo } from "./notes.ts";

export interface DecodedTune extends Tune {
  /** What a person should know of the file; each reads on after the file's name. */
  readonly remarks: readonly string[];
}

export interface MidiReadOptions {
  /** Whether notes of the drums' channel, whose pitches are instruments, count too; default false. */
  readonly drums?: boolean;
}

/** Channel 10, counted from 1. */
const drumChannel = 9;
const longestTicksPerBeat = 0x7fff;

/**
 * The notes of a MIDI file. Each channel of each track is a voice; channels with notes are numbered in their order.
 *
 * @param where the file, for messages
 * @throws GalateaError `data` when it is no MIDI file, damaged, cut off or without notes.
 */
export function decodeMidi(bytes: Uint8Array, where: string, options: MidiReadOptions = {}): DecodedTune {
  const { header, tracks } = parse(bytes, where);
  const remarks: string[] = [];
  const tempos = new Map<number, number>();
  let name = "";
  let beatsPerBar: number | undefined;
  let [drums, hanging] = [0, 0];
  const found: (Note & { readonly key: number })[] = [];
  for (const [track, events] of tracks.entries()) {
    const open = new Map<number, { readonly start: number; readonly velocity: number }[]>();
    const end = (channel: number, pitch: number, tick: number): boolean => {
      const begun = open.get(channel * 128 + pitch)?.shift();
      if (!begun) return false;
      const note = { pitch, ...begun, duration: Math.max(1, tick - begun.start), voice: 0, key: track * 16 + channel };
      if (channel === drumChannel && !options.drums) drums++;
      else found.push(note);
      return true;
    };
    let tick = 0;
    for (const event of events) {
      tick += event.deltaTime;
      if (event.type === "trackName" && name === "") name = fromBytes(event.text).trim();
      else if (event.type === "setTempo" && event.microsecondsPerBeat > 0) {
        tempos.set(tick, 60e6 / event.microsecondsPerBeat);
      } else if (event.type === "timeSignature" && event.numerator > 0) {
        beatsPerBar ??= (4 * event.numerator) / event.denominator;
      } else if (event.type === "noteOn") {
        const key = event.channel * 128 + event.noteNumber;
        const waiting = open.get(key);
        const begun = { start: tick, velocity: event.velocity };
        if (waiting) waiting.push(begun);
        else open.set(key, [begun]);
      } else if (event.type === "noteOff") end(event.channel, event.noteNumber, tick);
    }
    for (const key of open.keys()) while (end(Math.floor(key / 128), key % 128, tick)) hanging++;
  }
  if (found.length === 0) {
    const seen = drums > 0 ? `its ${drums} notes are all drums` : "it holds no notes";
    throw new GalateaError("data", where, seen, "a MIDI file with notes");
  }
  if (drums > 0) remarks.push(`has ${drums} notes for drums, which are left out`);
  if (hanging > 0) remarks.push("has notes that are never ended: they last as long as their track");
  const voices = [...new Set(found.map(({ key }) => key))].sort((a, b) => a - b);
  const notes = inOrder(found.map(({ key, ...note }) => ({ ...note, voice: voices.indexOf(key) })));
  if (!tempos.has(0)) tempos.set(0, usualTempo);
  const ordered: Tempo[] = [...tempos]
    .sort((a, b) => a[0] - b[0])
    .map(([start, bpm]) => ({ start, beatsPerMinute: bpm }));
  const ticksPerBeat = ticksPerBeatOf(header, where);
  return { name, ticksPerBeat, tempos: ordered, beatsPerBar: beatsPerBar ?? usualBeatsPerBar, notes, remarks };
}

function parse(bytes: Uint8Array, where: string): MidiData {
  if (bytes.length === 0) throw new GalateaError("data", where, "the file is empty", "a MIDI file");
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "MThd") {
    throw new GalateaError("data", where, 'no MIDI file: it does not start with "MThd"', "a standard MIDI file (.mid)");
  }
  checkChunks(bytes, where);
  let data: MidiData;
  try {
    data = parseMidi(bytes);
  } catch (cause) {
    // The library throws texts.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("data", where, `the MIDI file is damaged (${reason})`, "export it again", { cause });
  }
  if (data.header.format === 2) {
    throw new GalateaError("data", where, "its tracks are tunes of their own (format 2)", "one tune: format 0 or 1");
  }
  return data;
}

/** The library takes what is cut off for silence. */
function checkChunks(bytes: Uint8Array, where: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cut = (seen: string): GalateaError =>
    new GalateaError("data", where, `the MIDI file is cut off: ${seen}`, "copy or export it again");
  if (bytes.length < 14) throw cut("its header is incomplete");
  const tracks = view.getUint16(10);
  let at = 8 + view.getUint32(4);
  for (let track = 0; track < tracks; track++) {
    if (at + 8 > bytes.length) throw cut(`${track} of ${tracks} tracks are there`);
    const length = view.getUint32(at + 4);
    if (at + 8 + length > bytes.length) {
      throw cut(`track ${track + 1} has ${bytes.length - at - 8} of ${length} bytes`);
    }
    at += 8 + length;
  }
}

function ticksPerBeatOf({ ticksPerBeat, framesPerSecond, ticksPerFrame }: MidiData["header"], where: string): number {
  // Times of film: a beat of half a second then has the ticks of half a second.
  const ticks = ticksPerBeat ?? ((framesPerSecond ?? 0) * (ticksPerFrame ?? 0)) / 2;
  if (ticks >= 1) return Math.round(ticks);
  throw new GalateaError("data", where, `its header says ${ticks} ticks for a beat`, "1 or more; export it again");
}

/** Texts in MIDI files are bytes without an encoding; the library gives each byte as a character. */
function fromBytes(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff));
}

function toBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/**
 * A tune as the bytes of a MIDI file: format 1, a track of tempos, then one for each voice, on channels of their own (that
 * of drums left out).
 *
 * @throws GalateaError `data` when there is no note, or one cannot be written.
 */
export function encodeMidi(tune: Tune): Uint8Array {
  const { name, ticksPerBeat, tempos, beatsPerBar, notes } = tune;
  if (notes.length === 0) throw new GalateaError("data", name || "tune", "there are no notes to write", "1 or more");
  if (!(Number.isInteger(ticksPerBeat) && ticksPerBeat >= 1 && ticksPerBeat <= longestTicksPerBeat)) {
    throw new GalateaError("data", name || "tune", `ticksPerBeat is ${ticksPerBeat}`, `1 to ${longestTicksPerBeat}`);
  }
  for (const note of notes) checkNote(note, name);
  const conductor: TimedEvent[] = [
    { tick: 0, event: { deltaTime: 0, meta: true, type: "trackName", text: toBytes(name) } },
  ];
  const [numerator, denominator] = meterOf(beatsPerBar);
  const meter = { type: "timeSignature", numerator, denominator, metronome: 24, thirtyseconds: 8 } as const;
  conductor.push({ tick: 0, event: { deltaTime: 0, meta: true, ...meter } });
  for (const { start, beatsPerMinute } of tempos) {
    const microsecondsPerBeat = Math.max(1, Math.min(0xff_ffff, Math.round(60e6 / beatsPerMinute)));
    conductor.push({ tick: start, event: { deltaTime: 0, meta: true, type: "setTempo", microsecondsPerBeat } });
  }
  const end = ticksOf(tune);
  const voices = [...new Set(notes.map(({ voice }) => voice))].sort((a, b) => a - b);
  const parts = voices.map((voice, index) => {
    const channel = index % 15 < drumChannel ? index % 15 : (index % 15) + 1;
    return notes.filter((note) => note.voice === voice).flatMap((note) => eventsOf(note, channel));
  });
  const tracks = [conductor, ...parts].map((events) => trackOf(events, end));
  return Uint8Array.from(writeMidi({ header: { format: 1, numTracks: tracks.length, ticksPerBeat }, tracks }));
}

/**
 * Writes a MIDI file, whole or not at all.
 *
 * @throws GalateaError as {@link encodeMidi}; `storage` when the file cannot be written.
 */
export async function writeMidiFile(path: string, tune: Tune): Promise<void> {
  await writeFileAtomically(path, encodeMidi(tune));
}

interface TimedEvent {
  readonly tick: number;
  readonly event: MidiEvent;
}

function eventsOf({ pitch, start, duration, velocity }: Note, channel: number): readonly TimedEvent[] {
  const note = { deltaTime: 0, channel, noteNumber: pitch };
  return [
    { tick: start, event: { ...note, type: "noteOn", velocity } },
    { tick: start + duration, event: { ...note, type: "noteOff", velocity: 64 } },
  ];
}

function trackOf(events: readonly TimedEvent[], end: number): MidiEvent[] {
  // A note ends before the next one on its key begins.
  const rank = ({ event }: TimedEvent): number => (event.type === "noteOn" ? 1 : 0);
  const ordered = events.toSorted((a, b) => a.tick - b.tick || rank(a) - rank(b));
  let before = 0;
  const track = ordered.map(({ tick, event }): MidiEvent => {
    const deltaTime = tick - before;
    before = tick;
    return { ...event, deltaTime };
  });
  return [...track, { deltaTime: Math.max(0, end - before), meta: true, type: "endOfTrack" }];
}

/** A meter with so many quarter notes to a bar: 6/8 for 3 would be as right as 3/4. */
function meterOf(beatsPerBar: number): readonly [numerator: number, denominator: number] {
  for (const denominator of [4, 8, 16, 32]) {
    const numerator = (beatsPerBar * denominator) / 4;
    if (Number.isInteger(numerator) && numerator >= 1 && numerator <= 255) return [numerator, denominator];
  }
  return [usualBeatsPerBar, 4];
}

function checkNote({ pitch, start, duration, velocity }: Note, name: string): void {
  const within = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  const most = 0xfff_ffff;
  if (within(pitch, 0, 127) && within(start, 0, most) && within(duration, 1, most) && within(velocity, 1, 127)) return;
  const seen = `a note has pitch ${pitch}, start ${start}, duration ${duration}, velocity ${velocity}`;
  throw new GalateaError(
    "data",
    name || "tune",
    seen,
    "whole numbers, pitch 0 to 127, duration 1 or more, velocity 1 to 127",
  );
}
