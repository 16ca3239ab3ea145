/** Tunes as a data set: notes become tokens, and tokens examples of equal length. */

import { basename } from "node:path";
import { GalateaError, keyFromSeed, permutation } from "../../../core/base/index.ts";
import type { DataSplits, Dataset } from "../dataset.ts";
import { createNoteTokenizer, type NoteTokenizer } from "./note-tokens.ts";
import type { Tune } from "./notes.ts";
import { readTunes } from "./tunes.ts";

/** How tunes become tokens. */
export interface MusicReading {
  /** Steps of a quarter note, to which notes are moved. */
  readonly stepsPerBeat: number;
  readonly lowestPitch: number;
  readonly highestPitch: number;
  /** Degrees of loudness; 1: loudness is not kept. */
  readonly loudnesses: number;
  /** Training tunes are also heard up to so many semitones higher and lower. */
  readonly transpositions: number;
  /** Tokens of an example that are predicted. */
  readonly places: number;
  /** Whether chord symbols of ABC tunes, and drums of MIDI files, are notes too. */
  readonly chords: boolean;
  readonly drums: boolean;
}

/** A tune, and the file that it stands in where there is one. */
interface FoundTune extends Tune {
  readonly file?: string;
}

type Split = "train" | "validation" | "test";

/** The first folder of a path below the data's: which split its tunes belong to. */
const splitFolders: Readonly<Record<Split, RegExp>> = {
  train: /^train(ing)?\//i,
  validation: /^(valid|validation|val|dev)\//i,
  test: /^test(ing)?\//i,
};

/** Fewer can't be divided. */
const leastTunes = 3;

/**
 * Tunes of MIDI and ABC files as tokens: field `tokens` int32 [places + 1], which begins with the token `begin` or, where a
 * tune goes on from the example before, with that example's last token. Every token of a tune is predicted once.
 *
 * Folders `train`, `valid` (or `validation`, `val`, `dev`) and `test` are splits; else a tenth of the tunes each is held
 * out, whatever their order. Tunes that are alike note by note count once.
 * @throws GalateaError `data` when nothing can be read, no file holds notes, or a pitch is outside the vocabulary.
 */
export async function loadTunes(path: string, reading: MusicReading, name = basename(path)): Promise<DataSplits> {
  const { chords, drums } = reading;
  const { tunes, notes } = await readTunes(path, { chords, drums });
  const splits = tuneSplits(name, `${tunes.length} tunes`, tunes, reading);
  return { ...splits, notes: [...notes, ...splits.notes] };
}

/** The vocabulary of a way of reading. */
export function tokenizerOf({ stepsPerBeat, lowestPitch, highestPitch, loudnesses }: MusicReading): NoteTokenizer {
  return createNoteTokenizer({ stepsPerBeat, lowestPitch, highestPitch, loudnesses });
}

/** The splits of tunes that are at hand. */
export function tuneSplits(
  name: string,
  description: string,
  found: readonly FoundTune[],
  reading: MusicReading,
): DataSplits {
  const tokenizer = tokenizerOf(reading);
  const notes: string[] = [];
  const known = new Set<string>();
  const tunes = found.filter((tune) => {
    const text = tokenizer.encode(tune).join(" ");
    return !known.has(text) && known.add(text);
  });
  if (tunes.length < found.length) notes.push(`${found.length - tunes.length} tune(s) are like others: left out`);
  const parts = divide(tunes, notes);
  const part = (split: Split): Dataset => {
    const own = split === "train" ? parts.train.flatMap((tune) => transposed(tune, reading)) : parts[split];
    return examplesOf(`${name} ${split}`, own, tokenizer, reading.places);
  };
  return { name, description, train: part("train"), validation: part("validation"), test: part("test"), notes };
}

function divide(tunes: readonly FoundTune[], notes: string[]): Readonly<Record<Split, readonly FoundTune[]>> {
  const inFolder = (split: Split): readonly FoundTune[] =>
    tunes.filter(({ file = "" }) => splitFolders[split].test(file));
  const [train, validation, test] = [inFolder("train"), inFolder("validation"), inFolder("test")];
  if (train.length > 0 && validation.length + test.length > 0) {
    const [held, tested] = validation.length > 0 ? [validation, test] : [test, test];
    return { train, validation: held, test: tested.length > 0 ? tested : held };
  }
  if (tunes.length < leastTunes) {
    notes.push(`${tunes.length} tune(s) are too few to hold any out: validation and test are the training data`);
    return { train: tunes, validation: tunes, test: tunes };
  }
  // Tunes of one kind often stand in one file.
  const mixed = Array.from(permutation(keyFromSeed(0), tunes.length), (index) => tunes[index]);
  const tenth = Math.max(1, Math.floor(tunes.length / 10));
  return {
    train: mixed.slice(0, -2 * tenth),
    validation: mixed.slice(-2 * tenth, -tenth),
    test: mixed.slice(-tenth),
  };
}

/** A tune at all heights that are asked for and that the vocabulary has. */
function transposed(tune: Tune, { transpositions, lowestPitch, highestPitch }: MusicReading): readonly Tune[] {
  const shifts = Array.from({ length: 2 * transpositions + 1 }, (_, i) => i - transpositions);
  const fits = (by: number): boolean =>
    tune.notes.every(({ pitch }) => pitch + by >= lowestPitch && pitch + by <= highestPitch);
  return shifts
    .filter((by) => by === 0 || fits(by))
    .map((by) => ({ ...tune, notes: tune.notes.map((note) => ({ ...note, pitch: note.pitch + by })) }));
}

function examplesOf(name: string, tunes: readonly Tune[], tokenizer: NoteTokenizer, places: number): Dataset {
  const { pad, begin, end } = tokenizer;
  const size = places + 1;
  const encoded = tunes.map((tune) => Int32Array.from([begin, ...tokenizer.encode(tune), end]));
  const windows = encoded.flatMap((tokens, tune) =>
    Array.from({ length: Math.ceil((tokens.length - 1) / places) }, (_, i) => [tune, i * places] as const),
  );
  return {
    name,
    count: windows.length,
    fields: { tokens: { dtype: "int32", shape: [size] } },
    vocabularies: { tokens: { size: tokenizer.size, pad, begin, end } },
    gather: (indices) => {
      const data = new Int32Array(indices.length * size).fill(pad);
      for (let i = 0; i < indices.length; i++) {
        const [tune, start] = windows[indices[i]];
        data.set(encoded[tune].subarray(start, start + size), i * size);
      }
      return { tokens: data };
    },
  };
}

/** The suffix of a path that asks for its first beats only. */
const beatsSuffix = /#beats=([^#/\\]*)$/;

/**
 * What a tune that a person names begins with, as tokens: of `tune.mid` all, of `tune.mid#beats=16` the first 16 quarter
 * notes.
 *
 * @returns int32 [places], -1 after the beginning
 * @throws GalateaError `data` when it cannot be read, or has as many tokens as there are places; `usage` for a number of
 *   beats that is none.
 */
export async function readBeginning(text: string, reading: MusicReading): Promise<Int32Array> {
  const [suffix, asked] = beatsSuffix.exec(text) ?? [""];
  const path = text.slice(0, text.length - suffix.length);
  const beats = asked === undefined ? Number.POSITIVE_INFINITY : Number(asked === "" ? Number.NaN : asked);
  if (!(beats > 0))
    throw new GalateaError("usage", text, `${asked} beats`, "a number above 0, such as start=a.mid#beats=16");
  const { chords, drums, places } = reading;
  const { tunes } = await readTunes(path, { chords, drums });
  const [tune] = tunes;
  const notes = tune.notes.filter(({ start }) => start < beats * tune.ticksPerBeat);
  const tokenizer = tokenizerOf(reading);
  const tokens = tokenizer.encode({ ...tune, notes });
  if (tokens.length >= places) {
    const whole = Math.floor(notes[Math.floor((notes.length * places) / tokens.length / 2)].start / tune.ticksPerBeat);
    const right = `the model makes ${places} with it: begin with fewer, such as ${path}#beats=${Math.max(1, whole)}`;
    throw new GalateaError("data", path, `it has ${tokens.length} tokens`, right);
  }
  return Int32Array.from({ length: places }, (_, i) => tokens[i] ?? -1);
}

/** The tune that tokens say, under a name; it may be without notes. */
export function tuneOfTokens(name: string, tokens: ArrayLike<number>, reading: MusicReading): Tune {
  return { ...tokenizerOf(reading).decode(tokens).tune, name };
}
