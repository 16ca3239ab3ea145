/** A denoiser of images and clips: a U-Net of residual convolutions with self-attention where images are small. */

import { formatShape, GalateaError, type Shape } from "../../../core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  type Context,
  conv2d,
  groupNorm,
  initializers,
  linear,
  type Module,
  pixelShuffle,
  pixelUnshuffle,
  silu,
  sinusoidalPositions,
} from "../../nn/index.ts";
import { conditioning, type Denoiser, hiddenInit, initParts, plainInit, zeroInit } from "./denoiser.ts";

export interface UnetDenoiserOptions {
  /** [C, H, W], or of clips [T, C, H, W], whose frames share all weights and attend to one another. */
  readonly shape: Shape;
  /** Channels at each level, of which each has half the height and width of the one above. */
  readonly channels: readonly number[];
  /** Residual blocks at each level on the way down; one more on the way up. 1 where absent. */
  readonly blocks?: number;
  /** Self-attention at the levels whose images have at most so many rows, besides the middle; 0 where absent. */
  readonly attentionSize?: number;
  /** Groups of the normalization; 8 where absent. */
  readonly groups?: number;
  /**
   * Side of the squares of pixels that become channels before the first level and pixels after the last; 1, where
   * absent, leaves images as they are.
   */
  readonly patch?: number;
  readonly classes?: number;
}

/** A part of the network: of images and of the vector of time and class. */
interface Part {
  init(key: Tensor): TensorTree;
  apply(parameters: TensorTree, x: Tensor, condition: Tensor, context: Context): Tensor;
}

type Named = Readonly<Record<string, never>>;

interface Sizes {
  readonly groups: number;
  /** Width of the vector of time and class. */
  readonly told: number;
}

function conv(inputs: number, outputs: number, kernel: number, init: object = hiddenInit, stride = 1): Module {
  return conv2d({ inputs, outputs, kernel, stride, padding: kernel >> 1, ...init });
}

/** conv(silu(norm(x))), the vector of time and class added, conv(silu(norm(...))), x added. */
function residual(inputs: number, outputs: number, { groups, told }: Sizes): Part {
  const parts = {
    norm1: groupNorm({ groups, channels: inputs }),
    conv1: conv(inputs, outputs, 3),
    condition: linear({ inputs: told, outputs, ...plainInit }),
    norm2: groupNorm({ groups, channels: outputs }),
    conv2: conv(outputs, outputs, 3, zeroInit),
    ...(inputs !== outputs && { skip: conv(inputs, outputs, 1, plainInit) }),
  };
  return {
    init: (key) => initParts(parts, key),
    apply: (tree, x, condition, context) => {
      const p = tree as Named;
      const shift = parts.condition.apply(p.condition, condition, context);
      const inner = parts.conv1
        .apply(p.conv1, silu(parts.norm1.apply(p.norm1, x, context)), context)
        .add(shift.reshape([...shift.shape, 1, 1]));
      const outer = parts.conv2.apply(p.conv2, silu(parts.norm2.apply(p.norm2, inner, context)), context);
      return (parts.skip ? parts.skip.apply(p.skip, x, context) : x).add(outer);
    },
  };
}

/** Self-attention with one head over all places of the image. */
function attention(width: number, { groups }: Sizes): Part {
  const parts = {
    norm: groupNorm({ groups, channels: width }),
    qkv: conv(width, 3 * width, 1, plainInit),
    out: conv(width, width, 1, zeroInit),
  };
  return {
    init: (key) => initParts(parts, key),
    apply: (tree, x, _, context) => {
      const p = tree as Named;
      const joint = parts.qkv.apply(p.qkv, parts.norm.apply(p.norm, x, context), context).flatten(2); // [B, 3C, N]
      const [q, k, v] = joint.split(3, 1);
      const scores = q.matmul(k, { transposeA: true }).mul(width ** -0.5);
      const mixed = v.matmul(scores.softmax(), { transposeB: true }).reshape(x.shape);
      return parts.out.apply(p.out, mixed, context).add(x);
    },
  };
}

/**
 * Self-attention with one head over the frames of a clip, at each place of the image for itself.
 *
 * Shapes: [B T, C, H, W] -> the same, frames in order.
 */
function attentionOverTime(width: number, frames: number, { groups }: Sizes): Part {
  const parts = {
    norm: groupNorm({ groups, channels: width }),
    qkv: conv(width, 3 * width, 1, plainInit),
    out: conv(width, width, 1, zeroInit),
  };
  return {
    init: (key) => ({ ...initParts(parts, key), times: sinusoidalPositions(frames, width).mul(0.5) }),
    apply: (tree, x, _, context) => {
      const { times, ...p } = tree as Named & { readonly times: Tensor };
      const [count, , height, columns] = x.shape;
      const clips = count / frames;
      const area = height * columns;
      const normal = parts.norm.apply(p.norm, x, context).reshape([clips, frames, width, height, columns]);
      const timed = normal.add(times.reshape([frames, width, 1, 1])).reshape(x.shape);
      const joint = parts.qkv
        .apply(p.qkv, timed, context)
        .reshape([clips, frames, 3 * width, area])
        .transpose([0, 3, 1, 2])
        .reshape([clips * area, frames, 3 * width]);
      const [q, k, v] = joint.split(3, 2);
      const scores = q.matmul(k, { transposeB: true }).mul(width ** -0.5);
      const mixed = scores
        .softmax()
        .matmul(v)
        .reshape([clips, area, frames, width])
        .transpose([0, 2, 3, 1])
        .reshape(x.shape);
      return parts.out.apply(p.out, mixed, context).add(x);
    },
  };
}

/** A convolution, which is told nothing. */
function plain(module: Module): Part {
  return { init: module.init, apply: (tree, x, _, context) => module.apply(tree, x, context) };
}

/** Each pixel four times, then a convolution. */
function upsampling(inputs: number, outputs: number): Part {
  const smooth = conv(inputs, outputs, 3, plainInit);
  return {
    init: smooth.init,
    apply: (tree, x, _, context) => {
      const [count, , height, columns] = x.shape;
      const doubled = x
        .reshape([count, inputs, height, 1, columns, 1])
        .expand([count, inputs, height, 2, columns, 2])
        .reshape([count, inputs, 2 * height, 2 * columns]);
      return smooth.apply(tree, doubled, context);
    },
  };
}

/** A row of parts, and whether their result is kept for the way up, or their input joined with what was kept. */
interface Stage {
  readonly parts: readonly Part[];
  readonly keeps?: boolean;
  readonly joins?: boolean;
}

interface Plan {
  /** Frames of a clip; 1 of an image. */
  readonly frames: number;
  /** Channels that come in, and rows of their images. */
  readonly inputs: number;
  readonly size: number;
}

/** The network as a row of stages: down, the middle, and up again. */
function plan(options: UnetDenoiserOptions, { frames, inputs, size }: Plan, sizes: Sizes): Stage[] {
  const { channels, blocks = 1, attentionSize = 0 } = options;
  const stages: Stage[] = [{ parts: [plain(conv(inputs, channels[0], 3, plainInit))], keeps: true }];
  const kept = [channels[0]];
  const last = channels.length - 1;
  /** Frames see one another below the first level, whose images are large. */
  const overTime = (level: number): Part[] =>
    frames > 1 && (level > 0 || last === 0) ? [attentionOverTime(channels[level], frames, sizes)] : [];
  const attending = (level: number): Part[] => [
    ...(size >> level <= attentionSize ? [attention(channels[level], sizes)] : []),
    ...overTime(level),
  ];
  let width = channels[0];
  channels.forEach((outputs, level) => {
    for (let i = 0; i < blocks; i++) {
      stages.push({ parts: [residual(width, outputs, sizes), ...attending(level)], keeps: true });
      width = outputs;
      kept.push(width);
    }
    if (level === last) return;
    stages.push({ parts: [plain(conv(width, width, 3, plainInit, 2))], keeps: true });
    kept.push(width);
  });
  stages.push({
    parts: [residual(width, width, sizes), attention(width, sizes), ...overTime(last), residual(width, width, sizes)],
  });
  for (let level = last; level >= 0; level--) {
    for (let i = 0; i <= blocks; i++) {
      const joined = width + (kept.pop() ?? 0);
      width = channels[level];
      stages.push({ parts: [residual(joined, width, sizes), ...attending(level)], joins: true });
    }
    if (level > 0) stages.push({ parts: [upsampling(width, width)] });
  }
  return stages;
}

function requireSizes({ shape, channels, patch = 1, groups = 8 }: UnetDenoiserOptions): void {
  const [height, width] = shape.slice(-2);
  const parts = patch * 2 ** (channels.length - 1);
  if (![height, width].every((side) => Number.isInteger(side / parts))) {
    const seen = `${channels.length} levels below patches of ${patch} for images of ${formatShape(shape)}`;
    const right = `height and width must be multiples of ${parts}: name fewer channels or another patch`;
    throw new GalateaError("config", "channels", seen, right);
  }
  const odd = channels.find((count) => !Number.isInteger(count / groups));
  if (odd === undefined) return;
  throw new GalateaError("config", "channels", `${odd} in groups of normalization`, `give multiples of ${groups}`);
}

/**
 * A U-Net: residual blocks at falling sizes, a middle with self-attention, and the same at rising sizes, where each
 * block also sees what the way down had there. Group normalization and SiLU before each convolution; time and class are
 * added between the two of a block.
 *
 * Shapes: x [B, C, H, W], or [B, T, C, H, W] of clips -> the same.
 * @throws GalateaError `config` when the image cannot be halved that often, or groups do not divide the channels.
 *
 * Source: Ronneberger, Fischer and Brox, "U-Net" (2015); Ho, Jain and Abbeel (2020), appendix B. `patch` is the
 * space-to-depth of Hoogeboom et al., "Simple diffusion" (2023), section 2.3: few channels at full size cost most of the
 * time and add least. Attention over time: Ho et al., "Video diffusion models" (2022), section 3.
 */
export function unetDenoiser(options: UnetDenoiserOptions): Denoiser {
  requireSizes(options);
  const { shape, channels, patch = 1, groups = 8, classes } = options;
  const image = shape.slice(-3);
  const frames = shape.length > 3 ? shape[0] : 1;
  const values = image[0] * patch * patch;
  const sizes = { groups, told: 4 * channels[0] };
  const stages = plan(options, { frames, inputs: values, size: image[1] / patch }, sizes);
  const told = conditioning({ width: sizes.told, ...(classes !== undefined && { classes }) });
  const ends = {
    conditioning: told,
    norm: groupNorm({ groups, channels: channels[0] }),
    output: conv(channels[0], values, 3, { init: initializers.zeros, biasInit: initializers.zeros }),
  };
  const [fold, unfold] = [pixelUnshuffle(patch), pixelShuffle(patch)];
  return {
    init: (key) => ({
      ...initParts(ends, foldKey(key, 0)),
      stages: stages.map(({ parts }, i) => parts.map((part, j) => part.init(foldKey(foldKey(key, i + 1), j)))),
    }),
    apply: (tree, x, inputs, context) => {
      const p = tree as Named & { readonly stages: readonly (readonly TensorTree[])[] };
      const condition = ofEachFrame(told.apply(p.conditioning, inputs, context), frames);
      const kept: Tensor[] = [];
      const images = x.rank === 4 ? x : x.reshape([x.shape[0] * frames, ...image]);
      let h = patch === 1 ? images : fold(images);
      stages.forEach(({ parts, keeps, joins }, i) => {
        if (joins) h = concat([h, kept.pop() as Tensor], 1);
        parts.forEach((part, j) => {
          h = part.apply(p.stages[i][j], h, condition, context);
        });
        if (keeps) kept.push(h);
      });
      const out = ends.output.apply(p.output, silu(ends.norm.apply(p.norm, h, context)), context);
      const made = patch === 1 ? out : unfold(out);
      return x.rank === 4 ? made : made.reshape(x.shape);
    },
  };
}

/** What clips are told, as what their frames are told: [B, width] -> [B T, width]; [1, width] is for all. */
function ofEachFrame(condition: Tensor, frames: number): Tensor {
  const [count, width] = condition.shape;
  if (frames === 1 || count === 1) return condition;
  return condition
    .unsqueeze(1)
    .expand([count, frames, width])
    .reshape([count * frames, width]);
}
