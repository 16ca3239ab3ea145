/** A denoiser of images and clips: a transformer over patches. */

import { formatShape, GalateaError, type Shape } from "../../../core/base/index.ts";
import { foldKey, full, type Tensor, zeros } from "../../../core/trace/index.ts";
import { type Context, gelu, initializers, linear, multiHeadAttention } from "../../nn/index.ts";
import { conditioning, type Denoiser, hiddenInit, initParts, plainInit, type Trees, zeroInit } from "./denoiser.ts";

export interface TransformerDenoiserOptions {
  /** [C, H, W], or of clips [T, C, H, W]. */
  readonly shape: Shape;
  /** Side of a patch, in pixels; divides height and width. */
  readonly patch: number;
  /** Frames of a patch of a clip; divides their number. 1 where absent. */
  readonly patchFrames?: number;
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Divides the width. */
  readonly heads: number;
  /** Width of the blocks' feed-forward layers, in widths; 4 where absent. */
  readonly expansion?: number;
  readonly classes?: number;
}

const epsilon = 1e-6;

/** Normalized over the last axis; scale and shift come from time and class instead. */
function normalized(x: Tensor): Tensor {
  const width = x.shape[x.rank - 1];
  return x.layerNorm(full([width], 1), zeros([width]), epsilon);
}

/** A block whose two parts are scaled, shifted and gated by time and class; the gates begin at 0. */
function block({ width, heads, expansion = 4 }: TransformerDenoiserOptions) {
  const attention = multiHeadAttention({ width, heads });
  const parts = {
    attention,
    linear1: linear({ inputs: width, outputs: expansion * width, ...hiddenInit }),
    linear2: linear({ inputs: expansion * width, outputs: width, ...plainInit }),
    modulation: linear({ inputs: width, outputs: 6 * width, ...zeroInit }),
  };
  return {
    init: (key: Tensor) => initParts(parts, key),
    apply: (tree: Trees, x: Tensor, condition: Tensor, context: Context): Tensor => {
      const p = tree as Readonly<Record<string, never>>;
      const told = parts.modulation.apply(p.modulation, condition, context); // [B or 1, 6 width]
      const [shift1, scale1, gate1, shift2, scale2, gate2] = told.reshape([told.shape[0], 1, 6 * width]).split(6);
      const modulated = (y: Tensor, shift: Tensor, scale: Tensor): Tensor => normalized(y).mul(scale.add(1)).add(shift);
      const seen = modulated(x, shift1, scale1);
      const h = x.add(attention.attend(p.attention, seen, seen, {}, context).output.mul(gate1));
      const wide = gelu(parts.linear1.apply(p.linear1, modulated(h, shift2, scale2), context));
      return h.add(parts.linear2.apply(p.linear2, wide, context).mul(gate2));
    },
  };
}

/** How examples are cut into patches. */
interface Cut {
  /** Numbers of patches: along time, and of each frame. */
  readonly steps: number;
  readonly places: number;
  /** Values of a patch. */
  readonly values: number;
  /** [B, ...shape] -> [B, steps * places, values]. */
  patchify(x: Tensor): Tensor;
  unpatchify(x: Tensor): Tensor;
}

function cutOf({ shape, patch, patchFrames = 1 }: TransformerDenoiserOptions): Cut {
  const [channels, height, columns] = shape.slice(-3);
  const frames = shape.length === 4 ? shape[0] : 1;
  if (![height, columns].every((side) => Number.isInteger(side / patch))) {
    const seen = `patches of ${patch} for images of ${formatShape(shape.slice(-3))}`;
    throw new GalateaError("config", "patch", seen, "it must divide height and width");
  }
  if (!Number.isInteger(frames / patchFrames)) {
    const seen = `patches of ${patchFrames} frames for ${frames}`;
    throw new GalateaError("config", "patchFrames", seen, "it must divide the number of frames");
  }
  const [steps, rows, across] = [frames / patchFrames, height / patch, columns / patch];
  const [places, values] = [rows * across, patchFrames * channels * patch * patch];
  return {
    steps,
    places,
    values,
    patchify: (x) =>
      x
        .reshape([x.shape[0], steps, patchFrames, channels, rows, patch, across, patch])
        .transpose([0, 1, 4, 6, 2, 3, 5, 7])
        .reshape([x.shape[0], steps * places, values]),
    unpatchify: (x) =>
      x
        .reshape([x.shape[0], steps, rows, across, patchFrames, channels, patch, patch])
        .transpose([0, 1, 4, 5, 2, 6, 3, 7])
        .reshape([x.shape[0], ...shape]),
  };
}

/**
 * A diffusion transformer: patches as tokens with learned positions, blocks with adaptive layer norm whose gates begin
 * at 0, and a linear layer back to patches. Of clips, patches lie in space and time, every one attends to all, and its
 * position is the sum of one within the frame and one in time.
 *
 * Nearly all of it is matrix products, which suits processors better than convolutions of few channels.
 *
 * Shapes: x [B, C, H, W] or [B, T, C, H, W] -> the same.
 * @throws GalateaError `config` when the patch does not divide the image or the clip, or the heads the width.
 *
 * Source: Peebles and Xie, "Scalable diffusion models with transformers" (2023): DiT with adaLN-Zero. Positions are
 * learned rather than fixed.
 */
export function transformerDenoiser(options: TransformerDenoiserOptions): Denoiser {
  const { shape, width, depth, classes } = options;
  const { steps, places, values, patchify, unpatchify } = cutOf(options);
  const isClip = shape.length === 4;
  const blocks = Array.from({ length: depth }, () => block(options));
  const told = conditioning({ width, ...(classes !== undefined && { classes }) });
  const ends = {
    conditioning: told,
    input: linear({ inputs: values, outputs: width, ...plainInit }),
    modulation: linear({ inputs: width, outputs: 2 * width, ...zeroInit }),
    output: linear({ inputs: width, outputs: values, ...zeroInit }),
  };
  const positions = (key: Tensor, count: number): Tensor =>
    initializers.normal(0.1)(key, [count, width], { inputs: count, outputs: width });
  return {
    init: (key) => ({
      ...initParts(ends, foldKey(key, 0)),
      position: positions(foldKey(key, 1), places),
      ...(isClip && { time: positions(foldKey(key, depth + 2), steps) }),
      blocks: blocks.map(({ init }, i) => init(foldKey(key, i + 2))),
    }),
    apply: (tree, x, inputs, context) => {
      const p = tree as Readonly<Record<string, never>> & {
        readonly blocks: readonly Trees[];
        readonly position: Tensor;
        readonly time?: Tensor;
      };
      const position = p.time
        ? p.time
            .reshape([steps, 1, width])
            .add(p.position)
            .reshape([steps * places, width])
        : p.position;
      const condition = told.apply(p.conditioning, inputs, context);
      let h = ends.input.apply(p.input, patchify(x), context).add(position); // [B, tokens, width]
      blocks.forEach(({ apply }, i) => {
        h = apply(p.blocks[i], h, condition, context);
      });
      const last = ends.modulation.apply(p.modulation, condition, context);
      const [shift, scale] = last.reshape([last.shape[0], 1, 2 * width]).split(2);
      return unpatchify(ends.output.apply(p.output, normalized(h).mul(scale.add(1)).add(shift), context));
    },
  };
}
