/** Time series: tables with a time column, the M4 files, splits in time, and windows with their scales.
 *
 * Gives plain records; must not know data sets, models or scores. */

export { fillGaps, type GapFilling } from "./fill-gaps.ts";
export { isM4Name, type M4Data, type M4Series, readM4 } from "./m4.ts";
export { type SeriesSplit, type StepRange, splitSteps } from "./series-splits.ts";
export { readSeriesTable, type SeriesTable, type SeriesTableOptions } from "./series-table.ts";
export type { ColumnOptions } from "./table-columns.ts";
export { nameOfStep, type ParsedTime, parseTime, seasonOfStep, type TimeKind, type TimeStep } from "./times.ts";
export {
  applyScale,
  cutWindow,
  measureScale,
  type SeriesScale,
  type SeriesWindow,
  type SeriesWindowOptions,
  undoScale,
  windowStarts,
} from "./windows.ts";
