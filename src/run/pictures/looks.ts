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
 * Brightness is attention by its highest value, between the middles of the map's places linearly.
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
    const light = weights && brightness(weights, map, [height, width]);
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

/** Weights of a map as 0 to 1 for each pixel of an image, the highest weight as 1. */
function brightness(
  weights: Float32Array,
  [rows, columns]: LookPage["map"],
  [height, width]: readonly [number, number],
): Float32Array {
  if (weights.length !== rows * columns) {
    throw new GalateaError("shape", "attention", `${weights.length} weights for ${formatShape([rows, columns])}`);
  }
  const highest = weights.reduce((most, weight) => Math.max(most, weight), 0) || 1;
  /** The places on both sides of a pixel, and how far it is from the first to the second. */
  const between = (pixel: number, pixels: number, places: number) => {
    const at = Math.max(0, Math.min(places - 1, ((pixel + 0.5) * places) / pixels - 0.5));
    const first = Math.floor(at);
    return { first, second: Math.min(places - 1, first + 1), share: at - first };
  };
  const across = Array.from({ length: width }, (_, x) => between(x, width, columns));
  const light = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const down = between(y, height, rows);
    for (const [x, { first, second, share }] of across.entries()) {
      const inRow = (row: number): number =>
        (1 - share) * weights[row * columns + first] + share * weights[row * columns + second];
      const value = (1 - down.share) * inRow(down.first) + down.share * inRow(down.second);
      light[y * width + x] = value / highest;
    }
  }
  return light;
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
