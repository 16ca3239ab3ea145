/** Notes as tokens, for models of sequences, and back.
 *
 * Made by hand: the vocabulary is the model's, and no kept npm package writes one. */

import { GalateaError } from "../../../core/base/index.ts";
import { type Note, quantizeTune, type Tune, usualBeatsPerBar, usualTempo, usualVelocity } from "./notes.ts";

export interface NoteTokenOptions {
  /** Steps of a quarter note, 1 to 96; default 12: sixteenths and triplets of eighths. */
  readonly stepsPerBeat?: number;
  /** Default 0 and 127: all that MIDI has. */
  readonly lowestPitch?: number;
  readonly highestPitch?: number;
  /** Steps that one token can say; longer times take several; default four beats. */
  readonly longestSteps?: number;
  /** Degrees of loudness, 1 to 32; default 1: loudness is not kept. */
  readonly loudnesses?: number;
}

const endToken = 2;
const firstEvent = 3;

export interface DecodedNotes {
  readonly tune: Tune;
  /** Tokens that made no sense where they stood: they were passed over. */
  readonly skipped: number;
}

/**
 * Each note becomes `shift* loudness? pitch duration+`, notes in the order of start and pitch:
 *
 * - `shift n`: the next notes start n steps later
 * - `loudness n`: the notes from here on are so loud; only where it changes
 * - `pitch n`, then `duration n`: a note of n steps
 *
 * A shift or duration that is longer than one token says is the sum of several. Voices are not kept: all notes are of one.
 */
export interface NoteTokenizer {
  /** Tokens in the vocabulary. */
  readonly size: number;
  /** What each token means, e.g. `pitch 60`. */
  readonly names: readonly string[];
  readonly stepsPerBeat: number;
  /** Tokens that stand for no part of the music. */
  readonly pad: 0;
  readonly begin: 1;
  readonly end: typeof endToken;
  /** The events of a tune, put on the grid; neither `begin` nor `end` is among them. */
  readonly encode: (tune: Tune) => Int32Array;
  /** The notes that tokens say, of one voice, up to `end`; `begin` and `pad` are passed over. */
  readonly decode: (tokens: ArrayLike<number>) => DecodedNotes;
}

/**
 * A vocabulary of notes: `pad`, `begin`, `end`, shifts from 1 step, pitches, durations from 1 step, and degrees of loudness
 * where there are 2 or more, in this order. What is on its grid, of one voice and with velocities that it has, comes back
 * exactly.
 *
 * @throws GalateaError `config` for options out of range; from `encode` `data` for a pitch that it does not have; from
 *   `decode` `data` for a token that is none.
 *
 * Source: the events of Oore et al., "This time with feeling", 2018, with durations instead of ends, as in Huang and Yang,
 * "Pop music transformer", 2020.
 */
export function createNoteTokenizer(options: NoteTokenOptions = {}): NoteTokenizer {
  const { stepsPerBeat = 12, lowestPitch = 0, highestPitch = 127, loudnesses = 1 } = options;
  whole("stepsPerBeat", stepsPerBeat, 1, 96);
  const longest = whole("longestSteps", options.longestSteps ?? 4 * stepsPerBeat, 1, 4096);
  whole("lowestPitch", lowestPitch, 0, 127);
  whole("highestPitch", highestPitch, lowestPitch, 127);
  whole("loudnesses", loudnesses, 1, 32);

  const firstPitch = firstEvent + longest;
  const firstDuration = firstPitch + highestPitch - lowestPitch + 1;
  const firstLoudness = firstDuration + longest;
  const size = firstLoudness + (loudnesses > 1 ? loudnesses : 0);
  const velocityOf = (degree: number): number =>
    loudnesses === 1 ? usualVelocity : 1 + Math.floor(((degree + 0.5) * 127) / loudnesses);
  const degreeOf = (velocity: number): number =>
    Math.max(0, Math.min(loudnesses - 1, Math.floor(((velocity - 1) * loudnesses) / 127)));
  const usualDegree = degreeOf(usualVelocity);

  const steps = (first: number, count: number): number[] => {
    const tokens = new Array<number>(Math.floor(count / longest)).fill(first + longest - 1);
    return count % longest === 0 ? tokens : [...tokens, first + (count % longest) - 1];
  };

  const encode = (tune: Tune): Int32Array => {
    // On one voice, so that notes of one pitch at one time are one.
    const one = { ...tune, notes: tune.notes.map((note) => ({ ...note, voice: 0 })) };
    const tokens: number[] = [];
    let [now, degree] = [0, usualDegree];
    for (const { pitch, start, duration, velocity } of quantizeTune(one, stepsPerBeat).notes) {
      if (pitch < lowestPitch || pitch > highestPitch) {
        const right = `${lowestPitch} to ${highestPitch}; choose a vocabulary with more pitches`;
        throw new GalateaError("data", tune.name || "tune", `it has the pitch ${pitch}`, right);
      }
      tokens.push(...steps(firstEvent, start - now));
      now = start;
      if (loudnesses > 1 && degreeOf(velocity) !== degree) {
        degree = degreeOf(velocity);
        tokens.push(firstLoudness + degree);
      }
      tokens.push(firstPitch + pitch - lowestPitch, ...steps(firstDuration, duration));
    }
    return Int32Array.from(tokens);
  };

  const decode = (tokens: ArrayLike<number>): DecodedNotes => {
    const notes: Note[] = [];
    let [now, velocity, skipped] = [0, velocityOf(usualDegree), 0];
    let open: { readonly pitch: number; duration: number } | undefined;
    const close = (): void => {
      if (open && open.duration > 0) notes.push({ ...open, start: now, velocity, voice: 0 });
      else if (open) skipped++;
      open = undefined;
    };
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i];
      if (!(Number.isInteger(token) && token >= 0 && token < size)) {
        throw new GalateaError("data", `token ${i}`, `is ${token}`, `a whole number from 0 to ${size - 1}`);
      }
      if (token >= firstDuration && token < firstLoudness) {
        if (open) open.duration += token - firstDuration + 1;
        else skipped++;
        continue;
      }
      close();
      if (token === endToken) break;
      if (token >= firstLoudness) velocity = velocityOf(token - firstLoudness);
      else if (token >= firstPitch) open = { pitch: token - firstPitch + lowestPitch, duration: 0 };
      else if (token >= firstEvent) now += token - firstEvent + 1;
    }
    close();
    const tune = {
      name: "",
      ticksPerBeat: stepsPerBeat,
      tempos: [{ start: 0, beatsPerMinute: usualTempo }],
      beatsPerBar: usualBeatsPerBar,
      notes,
    };
    // A model may strike a note twice at once, or again while it sounds.
    return { tune: quantizeTune(tune, stepsPerBeat), skipped };
  };

  const named = (what: string, first: number, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${what} ${first + i}`);
  const names = [
    ...["pad", "begin", "end"],
    ...named("shift", 1, longest),
    ...named("pitch", lowestPitch, highestPitch - lowestPitch + 1),
    ...named("duration", 1, longest),
    ...named("loudness", 0, loudnesses > 1 ? loudnesses : 0),
  ];
  return { size, names, stepsPerBeat, pad: 0, begin: 1, end: endToken, encode, decode };
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new GalateaError("config", name, `is ${value}`, `a whole number from ${least} to ${most}`);
}
