/** Maps that only move numbers: their Jacobian determinant is 1. */

import { formatShape, GalateaError } from "../../../core/base/index.ts";
import type { Tensor } from "../../../core/trace/index.ts";

/** Sides of the squares that become channels. */
export type ImageSqueeze = { readonly factor?: number };

/**
 * Squares of pixels as channels: [B, C, H, W] -> [B, f f C, H / f, W / f], with f = 2 where absent.
 *
 * Channel (c f + i) f + j of the result is channel c of the pixels in row i and column j of their squares.
 * @throws GalateaError `shape` when f does not divide height and width.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio (2017), section 3.6.
 */
export function squeeze(x: Tensor, { factor = 2 }: ImageSqueeze = {}): Tensor {
  const [batch, channels, height, width] = x.shape;
  if (height % factor !== 0 || width % factor !== 0) {
    const seen = `squeeze: images ${formatShape([channels, height, width])}`;
    throw new GalateaError("shape", x.path, seen, `height and width must be multiples of ${factor}`);
  }
  const [rows, columns] = [height / factor, width / factor];
  return x
    .reshape([batch, channels, rows, factor, columns, factor])
    .transpose([0, 1, 3, 5, 2, 4])
    .reshape([batch, channels * factor * factor, rows, columns]);
}

/** The inverse of {@link squeeze}. */
export function unsqueeze(y: Tensor, { factor = 2 }: ImageSqueeze = {}): Tensor {
  const [batch, channels, rows, columns] = y.shape;
  const outputs = channels / (factor * factor);
  return y
    .reshape([batch, outputs, factor, factor, rows, columns])
    .transpose([0, 1, 4, 2, 5, 3])
    .reshape([batch, outputs, rows * factor, columns * factor]);
}
