/** What the numbers of a window mean: which series it is of, in which units, at which times. */

import type { SeriesScale } from "./windows.ts";

export interface WindowOrigin {
  /** Name of the series, such as that of its column. */
  readonly series: string;
  /** Fields hold (x - mean) / deviation. */
  readonly scale: SeriesScale;
  /** What was known of the series before it was tested, in its units: what MASE measures its unit in. */
  readonly history: Float64Array;
  /** Steps after which it is likely to repeat. */
  readonly season: number;
  /** What came in the steps to forecast, in its units, where that is known. */
  readonly came?: Float64Array;
  /** The time of a step in words: 0 is the first to forecast, those before are negative. */
  timeAt(step: number): string;
}
