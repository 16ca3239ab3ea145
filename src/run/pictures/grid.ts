/** Many small images laid out as one picture. */

import { formatShape, GalateaError, type Shape, sizeOf } from "../../core/base/index.ts";
import type { Picture } from "./picture.ts";

/** Pixel values of images [N, C, H, W]: bytes from 0 to 255, or floats from 0 to 1 (those outside are clipped). */
export type ImageValues = Float32Array | Uint8Array;

export interface GridOptions {
  /** Images in a line, 1 or more; default: as square as it gets. */
  readonly columns?: number;
  /** Pixels between images and around them, 0 or more; default 2. */
  readonly padding?: number;
  /** Whole-number enlargement, each pixel repeated, 1 or more; default: images of at least 84 pixels or so. */
  readonly scale?: number;
  /** Grey of padding and empty cells, 0 to 255; default 32. */
  readonly background?: number;
}

/** Size that small images are enlarged to by default, pixels. */
const comfortableSize = 84;

/**
 * Images in reading order, in lines of `columns`.
 *
 * Shapes: images [N, C, H, W] with C 1 or 3.
 *
 * @throws GalateaError `shape` when the values are no such images; `config` for an option out of range.
 */
export function grid(images: ImageValues, shape: Shape, options: GridOptions = {}): Picture {
  return rows([images], shape, options);
}

/**
 * Batches of equal shape one below the other, so that image i of each stands in one column: originals
 * above their reconstructions. What does not fit into `columns` goes on in a further band below, set off
 * by wider padding.
 *
 * Shapes: each batch [N, C, H, W] with C 1 or 3.
 *
 * @throws GalateaError `shape` when the values are no such images; `config` for an option out of range.
 */
export function rows(batches: readonly ImageValues[], shape: Shape, options: GridOptions = {}): Picture {
  const [count, channels, height, width] = checkImages(batches, shape);
  const squarest = Math.ceil(Math.sqrt(count * batches.length));
  const columns = Math.min(count, wholeNumber("columns", options.columns ?? squarest, 1, 65_535));
  const padding = wholeNumber("padding", options.padding ?? 2, 0, 1024);
  const enlarged = Math.max(1, Math.floor(comfortableSize / Math.max(height, width)));
  const scale = wholeNumber("scale", options.scale ?? enlarged, 1, 1024);
  const background = wholeNumber("background", options.background ?? 32, 0, 255);

  const cellWidth = width * scale + padding;
  const cellHeight = height * scale + padding;
  const bands = Math.ceil(count / columns);
  const bandGap = batches.length > 1 ? 3 * padding : 0;
  const bandHeight = batches.length * cellHeight + bandGap;
  const picture = blank(columns * cellWidth + padding, bands * bandHeight - bandGap + padding, channels, background);
  for (let index = 0; index < count; index++) {
    const left = padding + (index % columns) * cellWidth;
    const top = padding + Math.floor(index / columns) * bandHeight;
    for (const [line, images] of batches.entries()) {
      drawImage(picture, images, index, height, width, left, top + line * cellHeight, scale);
    }
  }
  return picture;
}

/**
 * Pictures beside one another, aligned at the top; grey ones become RGB where others are.
 *
 * @throws GalateaError `shape` when there is none.
 */
export function sideBySide(pictures: readonly Picture[], gap = 8, background = 32): Picture {
  if (pictures.length === 0) throw new GalateaError("shape", "pictures", "there is none", "1 or more");
  const channels = pictures.some((picture) => picture.channels === 3) ? 3 : 1;
  const width = pictures.reduce((sum, picture) => sum + picture.width + gap, -gap);
  const height = Math.max(...pictures.map((picture) => picture.height));
  const out = blank(width, height, channels, background);
  let left = 0;
  for (const picture of pictures) {
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const from = (y * picture.width + x) * picture.channels;
        const to = (y * width + left + x) * channels;
        for (let c = 0; c < channels; c++) out.data[to + c] = picture.data[from + Math.min(c, picture.channels - 1)];
      }
    }
    left += picture.width + gap;
  }
  return out;
}

function blank(width: number, height: number, channels: 1 | 3, background: number): Picture {
  return { width, height, channels, data: new Uint8Array(width * height * channels).fill(background) };
}

function checkImages(
  batches: readonly ImageValues[],
  shape: Shape,
): readonly [count: number, channels: 1 | 3, height: number, width: number] {
  const [count, channels, height, width] = shape;
  const fits = shape.length === 4 && (channels === 1 || channels === 3) && sizeOf(shape) > 0;
  if (!fits) {
    throw new GalateaError("shape", "images", `${formatShape(shape)} is not drawable`, "[N, C, H, W] with C 1 or 3");
  }
  if (batches.length === 0) throw new GalateaError("shape", "images", "there is no batch", "1 or more");
  for (const images of batches) {
    if (images.length !== sizeOf(shape)) {
      throw new GalateaError("shape", "images", `${images.length} values for ${formatShape(shape)}`);
    }
  }
  return [count, channels, height, width];
}

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new GalateaError("config", name, `${value} is out of range`, `a whole number from ${least} to ${most}`);
  }
  return value;
}

/** The byte of a value; what is no number is drawn black. */
function byteOf(images: ImageValues, at: number): number {
  const value = images[at];
  if (images instanceof Uint8Array) return value;
  return value > 0 ? Math.round(Math.min(value, 1) * 255) : 0;
}

function drawImage(
  picture: Picture,
  images: ImageValues,
  index: number,
  height: number,
  width: number,
  left: number,
  top: number,
  scale: number,
): void {
  const { channels, data } = picture;
  const line = picture.width * channels;
  for (let y = 0; y < height; y++) {
    const first = (top + y * scale) * line + left * channels;
    for (let c = 0; c < channels; c++) {
      for (let x = 0; x < width; x++) {
        const value = byteOf(images, ((index * channels + c) * height + y) * width + x);
        for (let i = 0; i < scale; i++) data[first + (x * scale + i) * channels + c] = value;
      }
    }
    for (let i = 1; i < scale; i++) data.copyWithin(first + i * line, first, first + width * scale * channels);
  }
}
