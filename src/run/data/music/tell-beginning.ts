/** A tune that a model goes on from. */

import type { Teller } from "../teller.ts";
import { type MusicReading, readBeginning } from "./load-tunes.ts";

export function beginningTeller(reading: MusicReading): Teller {
  return {
    what: "the path of a MIDI or ABC file",
    read: async (path) => ({ fields: { tokens: await readBeginning(path, reading) } }),
  };
}
