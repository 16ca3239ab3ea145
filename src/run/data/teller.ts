/** What reads something that a person says, such as the path of a file. */

import type { HostArray } from "../../core/base/index.ts";

/** Reads what a person says as fields of one example. */
export interface Teller {
  /** What it is, for people: `a WAV file`. */
  readonly what: string;
  /**
   * @param say gets what a person should know, such as that a sound was resampled
   * @throws GalateaError `data` when it cannot be read as that.
   */
  read(text: string, say: (note: string) => void): Promise<Readonly<Record<string, HostArray>>>;
}
