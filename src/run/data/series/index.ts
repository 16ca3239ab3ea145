/** Time series: tables with a time column, the M4 files, splits in time, and windows with their scales.
 *
 * Must not know models or scores. */

export { fillGaps, type GapFilling } from "./fill-gaps.ts";
export {
  type LastWindows,
  loadSeries,
  readLastWindows,
  type SeriesReading,
  type SplitSeries,
  seriesOfTable,
  seriesSplits,
} from "./load-series.ts";
export { isM4Name, type M4Data, type M4Series, readM4 } from "./m4.ts";
export { type SeriesSplit, type StepRange, splitSteps } from "./series-splits.ts";
export { readSeriesTable, type SeriesTable, type SeriesTableOptions } from "./series-table.ts";
export type { ColumnOptions } from "./table-columns.ts";
export { nameOfStep, type ParsedTime, parseTime, seasonOfStep, type TimeKind, type TimeStep } from "./times.ts";
export { townLoad } from "./town-load.ts";
export type { WindowOrigin } from "./window-origin.ts";
export {
  applyScale,
  measureScale,
  type SeriesScale,
  type SeriesWindowOptions,
  windowStarts,
} from "./windows.ts";
