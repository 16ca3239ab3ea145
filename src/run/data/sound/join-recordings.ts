/** Strings of recordings, as if they had been spoken one after the other. */

import { foldKey, GalateaError, type Key, randomUniform } from "../../../core/base/index.ts";
import type { Recording } from "./recordings.ts";

export interface JoinOptions {
  /** Strings. */
  readonly count: number;
  /** Recordings of a string, at least and at most. */
  readonly least: number;
  readonly most: number;
}

/** Seconds of the pause between two recordings. */
const [shortestPause, longestPause] = [0.03, 0.2];
/** Of the noise in pauses, which no real recording is without: 60 dB below full scale. */
const pauseNoise = 0.001;

/**
 * Strings of recordings drawn at random with short pauses between, all of one speaker where speakers are known. Their text
 * is the recordings' texts with spaces between. The same key gives the same strings, and the first of many are those of few.
 *
 * Samples are put together when they are read, each time anew: many strings need no more memory than their parts.
 *
 * @throws GalateaError `data` when there is no recording; `config` when `most` is below `least`.
 */
export function joinRecordings(recordings: readonly Recording[], key: Key, options: JoinOptions): readonly Recording[] {
  const { count, least, most } = options;
  if (recordings.length === 0) throw new GalateaError("data", "strings", "there are no recordings", "1 or more");
  if (most < least) throw new GalateaError("config", "joinMost", `is ${most}`, `at least joinLeast, ${least}`);
  const bySpeaker = new Map<string, Recording[]>();
  for (const one of recordings) {
    const name = one.speaker ?? "";
    const own = bySpeaker.get(name);
    if (own) own.push(one);
    else bySpeaker.set(name, [one]);
  }
  const groups = [...bySpeaker.values()];
  const [{ rate }] = recordings;
  return Array.from({ length: count }, (_, index) => {
    const own = foldKey(key, index);
    let drawn = 0;
    const below = (limit: number): number => Math.floor(limit * randomUniform(own, drawn++));
    const group = groups[below(groups.length)];
    const parts = Array.from({ length: least + below(most - least + 1) }, () => group[below(group.length)]);
    const pauses = parts.slice(1).map(() => {
      return Math.round(rate * (shortestPause + (longestPause - shortestPause) * randomUniform(own, drawn++)));
    });
    const text = parts.map((part) => part.text ?? "").join(" ");
    const { speaker } = group[0];
    return {
      name: `string-${String(index).padStart(6, "0")}.wav`,
      get samples() {
        return joined(parts, pauses, foldKey(own, 0));
      },
      rate,
      text,
      ...(speaker !== undefined && { speaker }),
    };
  });
}

function joined(parts: readonly Recording[], pauses: readonly number[], key: Key): Float32Array {
  const length = parts.reduce((sum, part, i) => sum + part.samples.length + (pauses[i] ?? 0), 0);
  const samples = new Float32Array(length);
  let [at, drawn] = [0, 0];
  parts.forEach((part, i) => {
    samples.set(part.samples, at);
    at += part.samples.length;
    for (const end = at + (pauses[i] ?? 0); at < end; at++) {
      samples[at] = pauseNoise * (2 * randomUniform(key, drawn++) - 1);
    }
  });
  return samples;
}
