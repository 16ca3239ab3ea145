/** Series that a person gives to a forecaster: what comes after the end of a file. */

import type { Teller } from "../teller.ts";
import { readLastWindows, type SeriesReading } from "./load-series.ts";

export function seriesTeller(reading: SeriesReading): Teller {
  return {
    what: "the path of a CSV file",
    read: async (path) => {
      const { past, origins } = await readLastWindows(path, reading);
      return { fields: { past }, origins };
    },
  };
}
