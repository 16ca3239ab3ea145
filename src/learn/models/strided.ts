/** Networks that halve images again and again, and those that enlarge them back: shared by families over images. */

import { formatShape, GalateaError, type Shape } from "../../core/base/index.ts";
import { type Conv2dOptions, conv2d, convTranspose2d, type Module } from "../nn/index.ts";

/** Height and width. */
export type Size = readonly [number, number];

const layout = { kernel: 4, stride: 2, padding: 1 } as const;

/** What a 4 x 4 convolution of stride 2 and padding 1 makes of a size, and what its transpose makes of that. */
function halved(size: number): number {
  return Math.floor((size + 2 * layout.padding - layout.kernel) / layout.stride) + 1;
}
function doubled(size: number): number {
  return (size - 1) * layout.stride - 2 * layout.padding + layout.kernel;
}

/**
 * Sizes of an image [C, H, W], and of what each halving makes of the last one.
 * @throws GalateaError `config` when the image is too small to be halved that often.
 */
export function halvings(shape: Shape, times: number): readonly Size[] {
  const sizes: Size[] = [[shape[1], shape[2]]];
  for (let i = 0; i < times; i++) sizes.push([halved(sizes[i][0]), halved(sizes[i][1])]);
  if (Math.min(...sizes[times]) >= 1) return sizes;
  const seen = `${times} layers halve images of ${formatShape(shape)} to nothing`;
  throw new GalateaError("config", "channels", seen, "name fewer channels or use larger images");
}

type LayerOptions = Pick<Conv2dOptions<true>, "inputs" | "outputs" | "init" | "biasInit">;

/** A 4 x 4 convolution that halves height and width. */
export function halving(options: LayerOptions): Module {
  return conv2d({ ...options, ...layout });
}

/** A transposed 4 x 4 convolution from one size to about twice that. */
export function doubling(options: LayerOptions, from: Size, to: Size): Module {
  const outputPadding = [to[0] - doubled(from[0]), to[1] - doubled(from[1])] as const;
  return convTranspose2d({ ...options, ...layout, outputPadding });
}
