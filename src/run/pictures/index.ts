/** Pictures: images laid out in grids and lines, and charts, written as PNG.
 *
 * Draws pixel values and numbers; must not know where they come from: no data sets, models or runs. */

export {
  type AreaChart,
  type AreaStep,
  type Bar,
  type BarChart,
  type ChartPage,
  drawCharts,
  type Series,
  writeSvgPicture,
} from "./chart.ts";
export { type GridOptions, grid, type ImageValues, rows, sideBySide } from "./grid.ts";
export { encodePng, type Picture, writePicture } from "./picture.ts";
