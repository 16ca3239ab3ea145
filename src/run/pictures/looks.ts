/** Where each word looked at an image: the image once for each word, dark where little attention went. */

import { formatShape, GalateaError, type Shape } from "../../core/base/index.ts";
import { encodePng, type Picture } from "./picture.ts";
import { embedded, fonts, rectangle, text } from "./svg.ts";

export interface LookPage {
  readonly title: string;
  /** [C, H, W] with C 1 or 3, 0 to 255. */
  readonly shape: Shape;
  readonly image: Uint8Array;
  /** Height and width of the maps. */
  readonly map: readonly [height: number, width: number];
  /** A word and how its attention is spread, [height * width]. */
  readonly looks: readonly { readonly word: string; readonly weights: Float32Array }[];
}

const [margin, gap, titleHeight, wordHeight, columns, panel] = [24, 14, 40, 24, 6, 176];
/** Share of its brightness that an image keeps where nobody looks. */
const dimmest = 0.15;

/**
 * A page with the image and, word by word, the image as it was looked at, as SVG.
 *
 * Brightness is attention over pixels, by its highest value; see {@link attentionOverPixels}.
 * @throws GalateaError `shape` when image or weights do not fit their sizes.
 *
 * Source: Xu et al., "Show, attend and tell" (2015), figures 2 and 3.
 */
export async function drawLooks({ title, shape, image, map, looks }: LookPage): Promise<string> {
  const [channels, height, width] = shape;
  if ((channels !== 1 && channels !== 3) || image.length !== channels * height * width) {
    throw new GalateaError("shape", "image", `${image.length} values for ${formatShape(shape)}`, "[1 or 3, H, W]");
  }
  const scale = Math.max(1, Math.round(panel / width));
  const [shownHeight, shownWidth] = [scale * height, scale * width];
  const all = [{ word: "", weights: undefined }, ...looks];
  const cells = all.map(async ({ word, weights }, i) => {
    const left = margin + (i % columns) * (shownWidth + gap);
    const top = margin + titleHeight + Math.floor(i / columns) * (shownHeight + wordHeight + gap);
    const light = weights && attentionOverPixels(weights, map, [height, width]);
    const png = await encodePng(paint({ channels, height, width, image }, light, scale));
    return text(left, top + 14, word, { size: 15 }) + embedded(left, top + wordHeight, shownWidth, shownHeight, png);
  });
  const across = Math.min(columns, all.length);
  const pageWidth = Math.max(
    2 * margin + across * (shownWidth + gap) - gap,
    Math.ceil(2 * margin + 11.5 * title.length),
  );
  const lines = Math.ceil(all.length / columns);
  const pageHeight = 2 * margin + titleHeight + lines * (shownHeight + wordHeight + gap) - gap;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${pageHeight}" font-family="${fonts}">` +
    rectangle(0, 0, pageWidth, pageHeight, "#ffffff") +
    text(margin, margin + 12, title, { size: 18, bold: true }) +
    `${(await Promise.all(cells)).join("")}</svg>`
  );
}

/**
 * Attention to the places of a map as attention to the pixels of its image: each place's weight about its middle, as a Gaussian
 * whose deviation is one place, since a place knows what lies around it.
 *
 * @param weights row by row
 * @returns [height, width], the highest value as 1
 * @throws GalateaError `shape` when weights and map do not fit.
 *
 * Source: Xu et al., "Show, attend and tell" (2015), section 5.4, which enlarges its maps and filters them so.
 */
export function attentionOverPixels(
  weights: Float32Array,
  [rows, columns]: readonly [rows: number, columns: number],
  [height, width]: readonly [height: number, width: number],
): Float32Array {
  if (weights.length !== rows * columns) {
    throw new GalateaError("shape", "attention", `${weights.length} weights for ${formatShape([rows, columns])}`);
  }
  /** How much a pixel has of a place's weight, along one axis. */
  const share = (pixel: number, pixels: number, place: number, places: number): number =>
    Math.exp(-0.5 * (((pixel + 0.5) * places) / pixels - (place + 0.5)) ** 2);
  const light = new Float32Array(height * width);
  for (let row = 0; row < rows; row++) {
    const inRow = new Float32Array(width);
    for (let column = 0; column < columns; column++) {
      const weight = weights[row * columns + column];
      for (let x = 0; x < width; x++) inRow[x] += weight * share(x, width, column, columns);
    }
    for (let y = 0; y < height; y++) {
      const part = share(y, height, row, rows);
      for (let x = 0; x < width; x++) light[y * width + x] += part * inRow[x];
    }
  }
  const highest = light.reduce((most, value) => Math.max(most, value), 0) || 1;
  return light.map((value) => value / highest);
}

interface Pixels {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly image: Uint8Array;
}

function paint({ channels, height, width, image }: Pixels, light: Float32Array | undefined, scale: number): Picture {
  const data = new Uint8Array(3 * height * width * scale * scale);
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const pixel = Math.floor(y / scale) * width + Math.floor(x / scale);
      const factor = light ? dimmest + (1 - dimmest) * light[pixel] : 1;
      for (let c = 0; c < 3; c++) {
        const value = image[Math.min(c, channels - 1) * height * width + pixel];
        data[3 * (y * width * scale + x) + c] = Math.round(factor * value);
      }
    }
  }
  return { width: width * scale, height: height * scale, channels: 3, data };
}
