/** Tunes in ABC notation, by the library abcjs, which parses them and unfolds repeats without a web page. */

import type { TuneObject } from "abcjs";
import { GalateaError } from "../../../core/base/index.ts";
import type { DecodedTune } from "./midi.ts";
import { inOrder, type Note, usualBeatsPerBar, usualTempo, usualVelocity } from "./notes.ts";

export interface AbcReadOptions {
  /** Whether chord symbols are played too, as voices of their own; default false. */
  readonly chords?: boolean;
}

/** Ticks of a quarter note: halves down to 1/32, triplets and quintuplets are whole. */
const ticksPerBeat = 480;
/** Fields that stand in a tune's head (ABC 2.1, section 3). The standard has a program pass over others, but the library
 * reads them as music. */
const headFields = /^[A-DF-IK-XZmrs]:/;
const field = /^[A-Za-z]:/;

/**
 * The tunes of a text in ABC notation, repeats played out. A tune without tempo gets 120 beats a minute, as its meter
 * counts beats (a dotted quarter in 6/8). Tunes without notes are left out.
 *
 * @param where the file, for messages
 * @throws GalateaError `data` when the text holds no tune, or none with notes.
 */
export async function decodeAbc(
  text: string,
  where: string,
  options: AbcReadOptions = {},
): Promise<readonly DecodedTune[]> {
  const { default: abc } = await import("abcjs");
  const whole = text.replace(/^\ufeff/, "");
  const firstAt = whole.search(/^X:/m);
  if (firstAt < 0 && !/^K:/m.test(whole)) {
    const seen = whole.trim() === "" ? "the file is empty" : "no tune in ABC notation: no line starts with X: or K:";
    throw new GalateaError("data", where, seen, "a tune starts with X:1 and has its key, e.g. K:C, before its notes");
  }
  // What stands before the first tune holds for all of them.
  const head = firstAt > 0 ? whole.slice(0, firstAt).trim() : "";
  const parts = firstAt < 0 ? [whole] : whole.slice(firstAt).split(/^(?=X:)/m);
  const sources = head === "" ? parts : parts.map((part) => part.replace("\n", `\n${head}\n`));
  const failures: string[] = [];
  const tunes = sources.flatMap((source, index) => {
    try {
      return abc.parseOnly(cleaned(source)).flatMap((tune) => tuneOf(tune, options) ?? []);
    } catch (error) {
      // The library's own failures on odd music say nothing to a person.
      failures.push(`tune ${index + 1} (${error instanceof Error ? error.message : String(error)})`);
      return [];
    }
  });
  if (tunes.length === 0) {
    const seen = failures.length > 0 ? `no tune can be read: ${failures[0]}` : "its tunes have no notes";
    throw new GalateaError("data", where, seen, "notes after the line of the key, e.g. K:C");
  }
  const lost = sources.length - tunes.length;
  if (lost === 0) return tunes;
  const first = { ...tunes[0], remarks: [...tunes[0].remarks, `holds ${lost} tune(s) without notes: left out`] };
  return [first, ...tunes.slice(1)];
}

/**
 * A tune as the library reads it rightly: without unknown fields before the line of the key; after it, a line of music that
 * starts with a note and the end of a repeat (`E:|`) is set off by a space, as it looks like a field.
 */
function cleaned(source: string): string {
  const lines = source.split(/\r\n|\r|\n/);
  const keyAt = lines.findIndex((line) => line.startsWith("K:"));
  const known = lines.filter((line, i) => i > keyAt || !field.test(line) || headFields.test(line));
  return known.map((line) => line.replace(/^[A-Ga-gxyz]:[|:\]]/, " $&")).join("\n");
}

function tuneOf(tune: TuneObject, { chords = false }: AbcReadOptions): DecodedTune | undefined {
  const { tempo, tracks } = tune.setUpAudio({ chordsOff: !chords });
  // Times are in whole notes, rounded to a millionth.
  const tickOf = (wholes: number): number => Math.round(wholes * 4 * ticksPerBeat);
  const notes: Note[] = [];
  for (const [voice, events] of tracks.entries()) {
    for (const event of events) {
      if (event.cmd !== "note" || event.volume === 0) continue;
      const start = tickOf(event.start);
      const duration = Math.max(1, tickOf(event.start + event.duration) - start);
      const velocity = Math.max(1, Math.min(127, Math.round(event.volume ?? usualVelocity)));
      notes.push({ pitch: event.pitch, start, duration, velocity, voice });
    }
  }
  const playable = notes.filter(
    ({ pitch, start }) => Number.isInteger(pitch) && pitch >= 0 && pitch <= 127 && start >= 0,
  );
  if (playable.length === 0) return undefined;
  const { num, den } = tune.getMeterFraction();
  const beatsPerBar = num > 0 && den ? (4 * num) / den : usualBeatsPerBar;
  const given = tune.metaText.tempo !== undefined && tempo > 0;
  const beatsPerMinute = (given ? tempo : usualTempo) * 4 * tune.getBeatLength();
  const name = String(tune.metaText.title ?? "").trim();
  const tempos = [{ start: 0, beatsPerMinute }];
  return { name, ticksPerBeat, tempos, beatsPerBar, notes: inOrder(playable), remarks: [] };
}
