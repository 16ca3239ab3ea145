/** Dialled digits as a data set, for whoever reads recordings. */

import { foldKey, GalateaError, hashName, keyFromSeed } from "../../../core/base/index.ts";
import type { DataSplits } from "../dataset.ts";
import type { Reading } from "../path.ts";
import { dialTones } from "./dial-tones.ts";
import { speechSplits } from "./load-speech.ts";
import { waveSplits } from "./load-waves.ts";

/** Recordings, train, validation and test together. */
const count = 1500;

/**
 * Recordings of dialled digits with what was dialled: at the rate that is wanted, always the same. Several digits each to
 * recognize, `407`; as waves one each, which is their label.
 *
 * @throws GalateaError `data` when they shall be read as something else than sound.
 */
export async function dialledData(name: string, reading: Reading = {}): Promise<DataSplits> {
  const key = foldKey(keyFromSeed(0), hashName(name));
  const { speech, waves } = reading;
  if (speech) {
    return speechSplits(name, dialTones(key, { count, rate: speech.rate }), speech);
  }
  if (waves) {
    const digits = dialTones(key, { count, rate: waves.rate, shortest: 1, longest: 1 });
    return waveSplits(name, digits, waves);
  }
  throw new GalateaError("data", name, "it is sound", "take a preset of sound or speech, or other data");
}
