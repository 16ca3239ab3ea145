/** Tunes by rule, made when they are needed, for presets that nobody has given any: no kept npm package ships tunes under a
 * clear licence.
 *
 * A tune has four phrases of four bars, A A B A. Each phrase is a row of chords that ends on the dominant (first A) or at home
 * (the last); the melody has notes of the chord where the beat is strong and steps of the scale between; its third bar has
 * the rhythm of its first. The bass plays the chord's root. */

import { foldKey, hashName, type Key, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import { inOrder, type Note, type Tune, usualTempo } from "./notes.ts";

/** Steps of a beat: halves of it are whole. */
const ticksPerBeat = 4;
const scales = { major: [0, 2, 4, 5, 7, 9, 11], minor: [0, 2, 3, 5, 7, 8, 10] } as const;

/** Degrees of the scale on which the chords of four bars stand; 0 is home, 4 the dominant. */
const open = [
  [0, 3, 0, 4],
  [0, 5, 3, 4],
  [0, 0, 3, 4],
  [0, 5, 1, 4],
] as const;
const closed = [
  [0, 3, 4, 0],
  [5, 3, 4, 0],
  [0, 4, 4, 0],
  [3, 0, 4, 0],
] as const;

/** Lengths of a bar's notes, in half beats, by beats to a bar. */
const rhythms: Readonly<Record<3 | 4, readonly (readonly number[])[]>> = {
  3: [
    [2, 2, 2],
    [2, 1, 1, 2],
    [4, 2],
    [3, 1, 2],
    [2, 2, 1, 1],
  ],
  4: [
    [2, 2, 2, 2],
    [2, 1, 1, 2, 2],
    [3, 1, 2, 2],
    [4, 2, 2],
    [2, 2, 1, 1, 2],
  ],
};

/** Random numbers from 0 to 1, one after another. */
type Dice = () => number;

function diceOf(key: Key): Dice {
  let counter = 0;
  return () => randomUniform(key, counter++);
}

function pick<T>(dice: Dice, choices: readonly T[]): T {
  return choices[Math.floor(dice() * choices.length)];
}

/** A melody's note: degree of the scale from home, which may be in other octaves, and half beats. */
interface Step {
  readonly degree: number;
  readonly length: number;
}

interface Phrase {
  readonly chords: readonly number[];
  readonly bars: readonly (readonly Step[])[];
}

/** The degree nearest to another that belongs to the chord on a root. */
function chordTone(root: number, near: number): number {
  const within = (degree: number): boolean => [0, 2, 4].includes((((degree - root) % 7) + 7) % 7);
  for (let distance = 0; ; distance++) {
    if (within(near + distance)) return near + distance;
    if (within(near - distance)) return near - distance;
  }
}

/** The melody stays between the home note below and a tenth above it. */
function bounded(degree: number): number {
  return degree < -1 ? degree + 2 : degree > 9 ? degree - 2 : degree;
}

function phraseOf(dice: Dice, chords: readonly number[], beats: 3 | 4, from: number): Phrase {
  const first = pick(dice, rhythms[beats]);
  const second = pick(dice, rhythms[beats]);
  let now = from;
  const bars = chords.map((root, bar) => {
    // The phrase comes to rest.
    if (bar === chords.length - 1) {
      now = chordTone(root, now);
      if (root === 0) now = now > 3 ? 7 : 0;
      return [{ degree: now, length: 2 * beats }];
    }
    let at = 0;
    return (bar === 1 ? second : first).map((length) => {
      const isStrong = at % 4 === 0;
      const moved = bounded(now + pick(dice, isStrong ? [-2, -1, 1, 2, 3] : [-1, -1, 1, 1, 0]));
      now = isStrong ? chordTone(root, moved) : moved;
      at += length;
      return { degree: now, length };
    });
  });
  return { chords, bars };
}

function makeTune(key: Key, number: number): Tune {
  const dice = diceOf(key);
  const beats = pick(dice, [3, 4, 4] as const);
  const scale = scales[pick(dice, ["major", "major", "minor"] as const)];
  const home = 57 + Math.floor(12 * dice());
  const pitchOf = (degree: number): number => home + 12 * Math.floor(degree / 7) + scale[((degree % 7) + 7) % 7];
  const question = phraseOf(dice, pick(dice, open), beats, 2);
  const answer = {
    ...question,
    bars: [...question.bars.slice(0, 2), ...phraseOf(dice, pick(dice, closed), beats, 2).bars.slice(2)],
  };
  const ending = { ...answer, chords: [...question.chords.slice(0, 2), 4, 0] };
  const middle = phraseOf(dice, pick(dice, open), beats, 5);
  const notes: Note[] = [];
  let bar = 0;
  for (const { chords, bars } of [question, ending, middle, ending]) {
    for (const [i, steps] of bars.entries()) {
      let start = bar * beats * ticksPerBeat;
      const root = pitchOf(chords[i]) - 12;
      notes.push({
        pitch: root > home - 5 ? root - 12 : root,
        start,
        duration: beats * ticksPerBeat,
        velocity: 64,
        voice: 1,
      });
      for (const { degree, length } of steps) {
        const duration = (length * ticksPerBeat) / 2;
        notes.push({ pitch: pitchOf(degree), start, duration, velocity: 80, voice: 0 });
        start += duration;
      }
      bar++;
    }
  }
  const tempos = [{ start: 0, beatsPerMinute: usualTempo }];
  return { name: `tune ${number}`, ticksPerBeat, tempos, beatsPerBar: beats, notes: inOrder(notes) };
}

/** So many tunes, the same in every run. */
export function madeTunes(count: number): readonly Tune[] {
  const key = foldKey(keyFromSeed(0), hashName("made-tunes"));
  return Array.from({ length: count }, (_, i) => makeTune(foldKey(key, i), i + 1));
}
