/** Music as notes in ticks: what MIDI, ABC, tokens, sound and pictures have in common. */

import { GalateaError } from "../../../core/base/index.ts";

export interface Note {
  /** MIDI number, 0 to 127; 60 is middle C, a step is a semitone. */
  readonly pitch: number;
  /** Ticks from the start of the tune, whole, 0 or more. */
  readonly start: number;
  /** Ticks, whole, 1 or more. */
  readonly duration: number;
  /** Loudness, 1 to 127. */
  readonly velocity: number;
  /** Which part plays it, from 0. */
  readonly voice: number;
}

/** From a tick on, so many quarter notes a minute. */
export interface Tempo {
  readonly start: number;
  readonly beatsPerMinute: number;
}

export interface Tune {
  readonly name: string;
  /** Ticks of a beat, which is a quarter note whatever the meter, 1 to 32,767. */
  readonly ticksPerBeat: number;
  /** In the order of their starts, the first at 0. */
  readonly tempos: readonly Tempo[];
  /** Quarter notes to a bar: 3 in 6/8 and in 3/4. */
  readonly beatsPerBar: number;
  /** By start, then voice, then pitch. */
  readonly notes: readonly Note[];
}

/** What tunes have that say nothing else. */
export const usualTempo = 120;
export const usualBeatsPerBar = 4;
export const usualVelocity = 80;

/** Notes in the order that a {@link Tune} has them. */
export function inOrder(notes: readonly Note[]): readonly Note[] {
  return notes.toSorted((a, b) => a.start - b.start || a.voice - b.voice || a.pitch - b.pitch);
}

/** Ticks from the start to the end of the note that ends last. */
export function ticksOf({ notes }: Pick<Tune, "notes">): number {
  return notes.reduce((end, { start, duration }) => Math.max(end, start + duration), 0);
}

/** A function from ticks to seconds, by a tune's tempos. */
export function secondsAtTick({
  tempos,
  ticksPerBeat,
}: Pick<Tune, "tempos" | "ticksPerBeat">): (tick: number) => number {
  const secondsPerTick = (beatsPerMinute: number): number => 60 / (beatsPerMinute * ticksPerBeat);
  const known = tempos[0]?.start === 0 ? tempos : [{ start: 0, beatsPerMinute: usualTempo }, ...tempos];
  const parts: { readonly start: number; readonly at: number; readonly perTick: number }[] = [];
  for (const { start, beatsPerMinute } of known) {
    const before = parts.at(-1);
    const at = before ? before.at + (start - before.start) * before.perTick : 0;
    parts.push({ start, at, perTick: secondsPerTick(beatsPerMinute) });
  }
  return (tick) => {
    const part = parts.findLast(({ start }) => start <= tick) ?? parts[0];
    return part.at + (tick - part.start) * part.perTick;
  };
}

/**
 * A tune on a grid: one tick is one step, starts and durations are rounded to whole steps, durations to 1 at least. Of
 * notes of one voice and pitch that then start together the longest stays; one that is struck again while it sounds ends
 * there.
 *
 * @param stepsPerBeat 1 or more; 12 holds sixteenths and triplets of eighths
 * @throws GalateaError `config` for a number of steps out of range.
 */
export function quantizeTune(tune: Tune, stepsPerBeat: number): Tune {
  if (!(Number.isInteger(stepsPerBeat) && stepsPerBeat >= 1 && stepsPerBeat <= 32_767)) {
    throw new GalateaError("config", "stepsPerBeat", `is ${stepsPerBeat}`, "a whole number from 1 to 32767");
  }
  const stepAt = (tick: number): number => Math.round((tick * stepsPerBeat) / tune.ticksPerBeat);
  const rounded = inOrder(
    tune.notes.map((note) => {
      const start = stepAt(note.start);
      return { ...note, start, duration: Math.max(1, stepAt(note.start + note.duration) - start) };
    }),
  );
  const notes: Note[] = [];
  /** Where the last note of a voice and pitch stands in `notes`. */
  const last = new Map<number, number>();
  for (const note of rounded) {
    const key = note.voice * 128 + note.pitch;
    const at = last.get(key);
    const before = at === undefined ? undefined : notes[at];
    if (at !== undefined && before?.start === note.start) {
      if (note.duration > before.duration) notes[at] = note;
      continue;
    }
    if (at !== undefined && before) {
      notes[at] = { ...before, duration: Math.min(before.duration, note.start - before.start) };
    }
    last.set(key, notes.push(note) - 1);
  }
  const tempos = tune.tempos.map((tempo) => ({ ...tempo, start: stepAt(tempo.start) }));
  return { ...tune, ticksPerBeat: stepsPerBeat, tempos, notes };
}
