/** Images at other sizes. */

import { formatShape, GalateaError } from "../base/index.ts";
import { tensor } from "./functions.ts";
import { apply, type Tensor } from "./tensor.ts";

export interface ResizeOptions {
  /** `nearest` repeats or leaves out pixels; `bilinear` weighs the four around each place. `nearest` where absent. */
  readonly mode?: "nearest" | "bilinear";
  /** For `bilinear`: whether corner pixels keep their places, instead of the image's edges. False where absent. */
  readonly alignCorners?: boolean;
}

function requireImage(name: string, x: Tensor): void {
  if (x.rank === 4) return;
  const seen = `${name}: its input has shape ${formatShape(x.shape)}`;
  throw new GalateaError("shape", x.path, seen, "it must be [B, C, H, W]");
}

/**
 * An image at another size, as PyTorch's `interpolate` without antialiasing.
 *
 * Shapes: x [B, C, H, W] -> [B, C, ...size].
 * Units and ranges: bilinear resizing is two matrix products; an infinite pixel makes all of its row and column NaN.
 * @throws GalateaError `shape` where x has not four axes or no pixels, or the size is no pair of whole numbers from 1 up.
 */
export function resize2d(
  x: Tensor,
  size: readonly [height: number, width: number],
  { mode = "nearest", alignCorners = false }: ResizeOptions = {},
): Tensor {
  requireImage("resize2d", x);
  const isPossible = size.every((extent) => Number.isInteger(extent) && extent >= 1);
  if (!isPossible || x.shape[2] === 0 || x.shape[3] === 0) {
    const seen = `resize2d: from ${formatShape(x.shape)} to ${formatShape(size)}`;
    throw new GalateaError("shape", x.path, seen, "sizes are whole numbers from 1 up");
  }
  return mode === "nearest" ? nearest(x, size) : bilinear(x, size, alignCorners);
}

/** Whole factors repeat each pixel; other sizes take pixels by number. */
function nearest(x: Tensor, size: readonly [number, number]): Tensor {
  const factors = ([0, 1] as const).map((axis) =>
    size[axis] % x.shape[axis + 2] === 0 ? size[axis] / x.shape[axis + 2] : 1,
  );
  const [height, width] = [x.shape[2] * factors[0], x.shape[3] * factors[1]];
  const kernel = [factors[0], factors[1]] as const;
  const repeated =
    factors[0] === 1 && factors[1] === 1
      ? x
      : apply("averagePool2dGradient", [x], {
          kernel,
          stride: kernel,
          padding: [0, 0, 0, 0],
          divisor: "none",
          size: [height, width],
        });
  return [2, 3].reduce((image, axis) => {
    const [from, to] = [image.shape[axis], size[axis - 2]];
    if (from === to) return image;
    const places = Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
    return image.gather(tensor(places, [to], "int32"), axis);
  }, repeated);
}

/** Row i holds the weights of the old places in new place i. */
function interpolation(from: number, to: number, alignCorners: boolean): Tensor {
  const weights = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const aligned = to === 1 ? 0 : (i * (from - 1)) / (to - 1);
    const place = alignCorners ? aligned : Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const before = Math.min(Math.floor(place), from - 1);
    const after = Math.min(before + 1, from - 1);
    weights[i * from + before] += 1 - (place - before);
    weights[i * from + after] += place - before;
  }
  return tensor(weights, [to, from]);
}

function bilinear(x: Tensor, [height, width]: readonly [number, number], alignCorners: boolean): Tensor {
  const [batch, channels, rows, columns] = x.shape;
  const wide =
    columns === width
      ? x
      : x
          .reshape([batch * channels * rows, columns])
          .matmul(interpolation(columns, width, alignCorners), { transposeB: true });
  if (rows === height) return wide.reshape([batch, channels, height, width]);
  const planes = wide.reshape([batch * channels, rows, width]);
  return interpolation(rows, height, alignCorners).matmul(planes).reshape([batch, channels, height, width]);
}

/**
 * Channels as pixels: each `factor` x `factor` block of the result holds so many channels of one pixel, row by row.
 *
 * Shapes: x [B, C factor^2, H, W] -> [B, C, H factor, W factor].
 * @throws GalateaError `shape` where the channels are no multiple of factor^2.
 *
 * Source: Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional
 * neural network" (2016).
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  requireImage("pixelShuffle", x);
  const [batch, channels, height, width] = x.shape;
  const left = channels / factor ** 2;
  if (!Number.isInteger(factor) || factor < 1 || !Number.isInteger(left)) {
    const seen = `pixelShuffle: ${channels} channels by a factor of ${factor}`;
    throw new GalateaError("shape", x.path, seen, "the channels must be a multiple of its square");
  }
  const blocks = x.reshape([batch, left, factor, factor, height, width]).transpose([0, 1, 4, 2, 5, 3]);
  return blocks.reshape([batch, left, height * factor, width * factor]);
}

/**
 * The inverse of {@link pixelShuffle}: pixels as channels, also known as space to depth.
 *
 * Shapes: x [B, C, H factor, W factor] -> [B, C factor^2, H, W].
 * @throws GalateaError `shape` where a side is no multiple of the factor.
 */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  requireImage("pixelUnshuffle", x);
  const [batch, channels, height, width] = x.shape;
  const [rows, columns] = [height / factor, width / factor];
  if (!Number.isInteger(factor) || factor < 1 || !Number.isInteger(rows) || !Number.isInteger(columns)) {
    const seen = `pixelUnshuffle: ${formatShape(x.shape)} by a factor of ${factor}`;
    throw new GalateaError("shape", x.path, seen, "its sides must be multiples of the factor");
  }
  const blocks = x.reshape([batch, channels, rows, factor, columns, factor]).transpose([0, 1, 3, 5, 2, 4]);
  return blocks.reshape([batch, channels * factor ** 2, rows, columns]);
}
