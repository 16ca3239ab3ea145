/** Pictures: images laid out in grids and lines, and charts, written as PNG.
 *
 * Draws pixel values and numbers; must not know where they come from: no data sets, models or runs. */

export { type AnimationOptions, encodeAnimation, writeAnimation } from "./animation.ts";
export {
  type AreaChart,
  type AreaStep,
  type Bar,
  type BarChart,
  type ChartPage,
  drawCharts,
  encodeSvg,
  type Series,
  writeSvgPicture,
} from "./chart.ts";
export { animateClips, type Clips, framesPicture } from "./clips.ts";
export { drawForecast, type ForecastBand, type ForecastChart } from "./forecast-chart.ts";
export { type GridOptions, grid, type ImageValues, rows, sideBySide } from "./grid.ts";
export { heatColour, type SpectrogramOptions, spectrogramPicture } from "./heat.ts";
export { drawHeatMaps, type HeatMap, type HeatPage } from "./heat-maps.ts";
export { attentionOverPixels, drawLooks, type LookPage } from "./looks.ts";
export { type PianoRollOptions, pianoRoll, type RollNote } from "./piano-roll.ts";
export { encodePng, type Picture, writePicture } from "./picture.ts";
export { drawPlots, type Line, type LinePanel, type PlotPage, type PointGroup, type PointPanel } from "./plots.ts";
export { type DrawnSound, soundsPicture } from "./sounds.ts";
