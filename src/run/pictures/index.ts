/** Pictures: images laid out in grids and lines, and written as PNG.
 *
 * Draws pixel values; must not know where they come from: no data sets, models or runs. */

export { type GridOptions, grid, type ImageValues, rows, sideBySide } from "./grid.ts";
export { encodePng, type Picture, writePicture } from "./picture.ts";
