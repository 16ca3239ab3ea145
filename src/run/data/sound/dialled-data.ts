/** Dialled digits as a data set, for whoever reads recordings. */

import { foldKey, GalateaError, hashName, keyFromSeed } from "../../../core/base/index.ts";
import type { DataSplits } from "../dataset.ts";
import type { Reading } from "../path.ts";
import { dialTones } from "./dial-tones.ts";
import { speechSplits } from "./load-speech.ts";

/** Recordings, train, validation and test together. */
const count = 1500;

/**
 * Recordings of dialled digits with what was dialled, `407`: at the rate that is wanted, always the same.
 *
 * @throws GalateaError `data` when they shall be read as something else than sound.
 */
export async function dialledData(name: string, reading: Reading = {}): Promise<DataSplits> {
  const key = foldKey(keyFromSeed(0), hashName(name));
  const { speech } = reading;
  if (speech) {
    return speechSplits(name, dialTones(key, { count, rate: speech.rate }), speech);
  }
  throw new GalateaError("data", name, "it is sound", "take a preset of sound or speech, or other data");
}
