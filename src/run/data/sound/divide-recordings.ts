/** Which recordings are trained on, validated and tested. */

import { foldKey, GalateaError, hashName, keyFromSeed, permutation } from "../../../core/base/index.ts";
import type { Recording } from "./recordings.ts";
import type { SplitName } from "./transcripts.ts";

export interface DividedRecordings extends Readonly<Record<SplitName, readonly Recording[]>> {
  /** How they were divided, for people. */
  readonly notes: readonly string[];
}

/** The division is the same for every run, whatever its seed. */
const divisionKey = foldKey(keyFromSeed(0), hashName("recordings"));
/** With fewer, the held out ones would be too few to stand for all. */
const enoughSpeakers = 10;

/**
 * Train, validation and test of recordings: as their files say. What the files leave open is a tenth of the training
 * recordings each: those of a tenth of the speakers, where the files name 10 or more and no split, else any.
 *
 * @throws GalateaError `data` when none is left to train on.
 */
export function divideRecordings(recordings: readonly Recording[], where: string): DividedRecordings {
  const of = (split: SplitName): readonly Recording[] => recordings.filter((one) => (one.split ?? "train") === split);
  const parts = { train: of("train"), validation: of("validation"), test: of("test") };
  const count = parts.train.length;
  if (count === 0) {
    const seen = `all ${recordings.length} recordings are held out for validation or test`;
    throw new GalateaError("data", where, seen, "some to train on");
  }
  const missing = (["test", "validation"] as const).filter((split) => parts[split].length === 0);
  if (missing.length === 0) return { ...parts, notes: [] };
  if (count < 1 + missing.length) {
    const note = `${count} recording(s) are too few to hold any out: ${missing.join(" and ")} are the training data`;
    for (const split of missing) parts[split] = parts.train;
    return { ...parts, notes: [note] };
  }
  const speakers = new Set(parts.train.map(({ speaker }) => speaker));
  const bySpeaker = missing.length === 2 && speakers.size >= enoughSpeakers && !speakers.has(undefined);
  const units = bySpeaker ? [...speakers].map((name) => parts.train.filter((one) => one.speaker === name)) : undefined;
  const groups = units ?? parts.train.map((one) => [one]);
  const order = Array.from(permutation(divisionKey, groups.length), (index) => groups[index]);
  const tenth = Math.max(1, Math.floor(groups.length / 10));
  const notes = missing.map((split) => {
    const held = order.splice(-tenth);
    parts[split] = held.flat();
    const what = bySpeaker ? `the recordings of ${tenth} of ${groups.length} speakers` : "a tenth of the recordings";
    return `${split}: ${what} (${parts[split].length}), chosen at random`;
  });
  // In the order of the files: what is trained on does not depend on how the rest was chosen.
  const kept = new Set(order.flat());
  return { ...parts, train: parts.train.filter((one) => kept.has(one)), notes };
}
