/** Music as a picture: a bar for each note, time to the right, high notes at the top. */

import { GalateaError } from "../../core/base/index.ts";
import { heatColour } from "./heat.ts";
import type { Picture } from "./picture.ts";

/** What is drawn of a note. */
export interface RollNote {
  /** MIDI number, 0 to 127; 60 is middle C. */
  readonly pitch: number;
  /** Ticks. */
  readonly start: number;
  readonly duration: number;
  /** Loudness, 1 to 127. */
  readonly velocity: number;
}

export interface PianoRollOptions {
  readonly ticksPerBeat: number;
  /** Beats to a bar, whose line is darker; default 4. */
  readonly beatsPerBar?: number;
  /** Pixels of a beat, whole, 2 to 256; default 24, less where the picture gets wider than `widest`. */
  readonly beatWidth?: number;
  /** Pixels of a semitone, whole, 2 to 64; default 6. */
  readonly rowHeight?: number;
  /** Pixels; default 16,000. */
  readonly widest?: number;
}

type Colour = readonly [red: number, green: number, blue: number];

const white: Colour = [255, 255, 255];
const blackKey: Colour = [238, 238, 242];
const beatLine: Colour = [221, 221, 226];
const barLine: Colour = [170, 170, 180];
const blackKeys = new Set([1, 3, 6, 8, 10]);

/**
 * The notes of a tune; loud ones are lighter. Rows of black keys are grey; there are rows from two semitones below the
 * lowest note to two above the highest.
 *
 * @throws GalateaError `data` when there is no note; `config` for an option out of range.
 */
export function pianoRoll(notes: readonly RollNote[], options: PianoRollOptions): Picture {
  const { ticksPerBeat, beatsPerBar = 4, rowHeight = 6, widest = 16_000 } = options;
  if (notes.length === 0) throw new GalateaError("data", "piano roll", "there are no notes to draw", "1 or more");
  inRange("ticksPerBeat", ticksPerBeat, 1, 0x7fff);
  inRange("beatsPerBar", beatsPerBar, 1, 64);
  inRange("rowHeight", rowHeight, 2, 64);
  const end = notes.reduce((last, { start, duration }) => Math.max(last, start + duration), 0);
  const beats = Math.max(1, Math.ceil(end / ticksPerBeat));
  const usual = Math.max(2, Math.min(24, Math.floor(widest / beats)));
  const beatWidth = inRange("beatWidth", options.beatWidth ?? usual, 2, 256);
  const width = Math.min(beats * beatWidth, widest) + 1;
  const lowest = Math.max(0, notes.reduce((least, { pitch }) => Math.min(least, pitch), 127) - 2);
  const highest = Math.min(127, notes.reduce((most, { pitch }) => Math.max(most, pitch), 0) + 2);
  const height = (highest - lowest + 1) * rowHeight;
  const data = new Uint8Array(width * height * 3);
  const fill = (left: number, top: number, right: number, bottom: number, colour: Colour): void => {
    for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, right); x++) data.set(colour, (y * width + x) * 3);
    }
  };
  for (let pitch = lowest; pitch <= highest; pitch++) {
    const top = (highest - pitch) * rowHeight;
    fill(0, top, width, top + rowHeight, blackKeys.has(pitch % 12) ? blackKey : white);
  }
  for (let beat = 0; beat <= beats; beat++) {
    fill(beat * beatWidth, 0, beat * beatWidth + 1, height, beat % beatsPerBar === 0 ? barLine : beatLine);
  }
  for (const { pitch, start, duration, velocity } of notes) {
    const top = (highest - pitch) * rowHeight;
    const left = Math.round((start / ticksPerBeat) * beatWidth);
    // A gap of one pixel tells a note that is struck again from one that is held.
    const right = Math.max(left + 1, Math.round(((start + duration) / ticksPerBeat) * beatWidth) - 1);
    fill(left, top, right, top + rowHeight - 1, heatColour((0.75 * velocity) / 127));
  }
  return { width, height, channels: 3, data };
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new GalateaError("config", name, `is ${value}`, `a whole number from ${least} to ${most}`);
}
