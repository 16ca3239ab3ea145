/** What reads something that a person says, such as the path of a file. */

import type { HostArray } from "../../core/base/index.ts";
import type { WindowOrigin } from "./series/window-origin.ts";

/** What was said, as fields of one example, or of several one after another. */
export interface Told {
  readonly fields: Readonly<Record<string, HostArray>>;
  /** Of time series: what the numbers of each example mean. */
  readonly origins?: readonly WindowOrigin[];
}

export interface Teller {
  /** What it is, for people: `a WAV file`. */
  readonly what: string;
  /**
   * @param say gets what a person should know, such as that a sound was resampled
   * @throws GalateaError `data` when it cannot be read as that; `usage` when it is empty or too long.
   */
  read(text: string, say: (note: string) => void): Promise<Told>;
}

/** By the name that a person says it by, such as `audio`. */
export type Tellers = Readonly<Record<string, Teller>>;
