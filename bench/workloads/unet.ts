/** Our side of the workload `unet`: predicting the noise in images, as a diffusion model is trained.
 *
 * Source: Ho, Jain and Abbeel, "Denoising diffusion probabilistic models" (2020), appendix B. */

import {
  concat,
  foldKey,
  randomNormal,
  randomUniform,
  type Tensor,
  type TensorTree,
  tensor,
} from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import { type Context, conv2d, groupNorm, linear, type Module, silu } from "../../src/learn/nn/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.unet;
const { batch, image, channels, groups, attentionSize, timeSteps } = sizes;
const [colours, size] = image;
const base = channels[0];
const timeWidth = 4 * base;

/** A part of the network: of an image and of the embedded time, [B, timeWidth]. */
interface Part {
  init(key: Tensor): TensorTree;
  apply(parameters: TensorTree, x: Tensor, time: Tensor, context: Context): Tensor;
}

/** Parts by name, initialized together. */
type Parts = Readonly<Record<string, Pick<Part, "init">>>;
type Trees = Readonly<Record<string, never>>;

function initOf(parts: Parts): (key: Tensor) => TensorTree {
  return (key) => Object.fromEntries(Object.entries(parts).map(([name, { init }], i) => [name, init(foldKey(key, i))]));
}

function conv(inputs: number, outputs: number, kernel: number, stride = 1): Module {
  return conv2d({ inputs, outputs, kernel, stride, padding: kernel >> 1 });
}

function residual(inputs: number, outputs: number): Part {
  const parts = {
    norm1: groupNorm({ groups, channels: inputs }),
    conv1: conv(inputs, outputs, 3),
    time: linear({ inputs: timeWidth, outputs }),
    norm2: groupNorm({ groups, channels: outputs }),
    conv2: conv(outputs, outputs, 3),
    ...(inputs !== outputs && { skip: conv(inputs, outputs, 1) }),
  };
  return {
    init: initOf(parts),
    apply: (tree, x, time, context) => {
      const p = tree as Trees;
      const shift = parts.time.apply(p.time, silu(time), context).reshape([batch, outputs, 1, 1]);
      const inner = parts.conv1.apply(p.conv1, silu(parts.norm1.apply(p.norm1, x, context)), context).add(shift);
      const outer = parts.conv2.apply(p.conv2, silu(parts.norm2.apply(p.norm2, inner, context)), context);
      return (parts.skip ? parts.skip.apply(p.skip, x, context) : x).add(outer);
    },
  };
}

/** Self-attention with one head over all places of the image. */
function attention(width: number): Part {
  const parts = {
    norm: groupNorm({ groups, channels: width }),
    qkv: conv(width, 3 * width, 1),
    out: conv(width, width, 1),
  };
  return {
    init: initOf(parts),
    apply: (tree, x, _, context) => {
      const p = tree as Trees;
      const joint = parts.qkv.apply(p.qkv, parts.norm.apply(p.norm, x, context), context).flatten(2); // [B, 3C, N]
      const [q, k, v] = joint.split(3, 1);
      const weights = q
        .matmul(k, { transposeA: true })
        .mul(width ** -0.5)
        .softmax(); // [B, N, N]
      const mixed = v.matmul(weights, { transposeB: true }).reshape(x.shape);
      return parts.out.apply(p.out, mixed, context).add(x);
    },
  };
}

/** A convolution, of which the time is no concern. */
function timeless(module: Module): Part {
  return { init: module.init, apply: (tree, x, _, context) => module.apply(tree, x, context) };
}

/** Nearest neighbours, then a convolution. */
function upsampling(width: number): Part {
  const smooth = conv(width, width, 3);
  return {
    init: smooth.init,
    apply: (tree, x, _, context) => {
      const [count, , height, columns] = x.shape;
      const doubled = x
        .reshape([count, width, height, 1, columns, 1])
        .expand([count, width, height, 2, columns, 2])
        .reshape([count, width, 2 * height, 2 * columns]);
      return smooth.apply(tree, doubled, context);
    },
  };
}

/** What happens to a part's input and output: kept for the way up, or joined with what was kept. */
interface Stage {
  readonly parts: readonly Part[];
  readonly keeps: boolean;
  readonly joins: boolean;
}

/** The network as a row of stages: down, the middle, and up again. */
function plan(): Stage[] {
  const stages: Stage[] = [{ parts: [timeless(conv(colours, base, 3))], keeps: true, joins: false }];
  const kept = [base];
  let width = base;
  channels.forEach((outputs, level) => {
    const attends = size >> level === attentionSize;
    stages.push({
      parts: [residual(width, outputs), ...(attends ? [attention(outputs)] : [])],
      keeps: true,
      joins: false,
    });
    width = outputs;
    kept.push(width);
    if (level === channels.length - 1) return;
    stages.push({ parts: [timeless(conv(width, width, 3, 2))], keeps: true, joins: false });
    kept.push(width);
  });
  stages.push({
    parts: [residual(width, width), attention(width), residual(width, width)],
    keeps: false,
    joins: false,
  });
  for (let level = channels.length - 1; level >= 0; level--) {
    const outputs = channels[level];
    const attends = size >> level === attentionSize;
    for (let i = 0; i < 2; i++) {
      const parts = [residual(width + (kept.pop() ?? 0), outputs), ...(attends ? [attention(outputs)] : [])];
      stages.push({ parts, keeps: false, joins: true });
      width = outputs;
    }
    if (level > 0) stages.push({ parts: [upsampling(width)], keeps: false, joins: false });
  }
  return stages;
}

const stages = plan();
const ends = {
  time1: linear({ inputs: base, outputs: timeWidth }),
  time2: linear({ inputs: timeWidth, outputs: timeWidth }),
  norm: groupNorm({ groups, channels: base }),
  out: conv(base, colours, 3),
};

/** Sines and cosines of the time at geometrically falling frequencies: [B] -> [B, base]. */
function embedTime(time: Tensor): Tensor {
  const count = base / 2;
  const frequencies = Array.from({ length: count }, (_, i) => 10_000 ** (-i / count));
  const angles = time.reshape([batch, 1]).mul(tensor(frequencies, [count]));
  return concat([angles.sin(), angles.cos()], 1);
}

type Parameters = { readonly stages: readonly (readonly TensorTree[])[]; readonly ends: Trees };

/** The noise in images [B, C, H, W] of the given times [B]. */
function predictNoise(parameters: Parameters, images: Tensor, times: Tensor, context: Context): Tensor {
  const p = parameters.ends;
  const time = ends.time2.apply(p.time2, silu(ends.time1.apply(p.time1, embedTime(times), context)), context);
  const kept: Tensor[] = [];
  let x = images;
  for (const [i, { parts, keeps, joins }] of stages.entries()) {
    if (joins) x = concat([x, kept.pop() as Tensor], 1);
    for (const [j, part] of parts.entries()) x = part.apply(parameters.stages[i][j], x, time, context);
    if (keeps) kept.push(x);
  }
  return ends.out.apply(p.out, silu(ends.norm.apply(p.norm, x, context)), context);
}

/** Products of 1 - beta up to each time step, for the linear schedule from 1e-4 to 0.02: [timeSteps]. */
function signalShares(): Tensor {
  let share = 1;
  const shares = Array.from({ length: timeSteps }, (_, t) => {
    share *= 1 - (1e-4 + (t * (0.02 - 1e-4)) / (timeSteps - 1));
    return share;
  });
  return tensor(shares, [timeSteps]);
}

/** Times as whole numbers in float32 [B], and standard normal noise of the images' shape. */
function draw(key: Tensor): { readonly times: Tensor; readonly noise: Tensor } {
  const times = randomUniform(foldKey(key, 0), [batch], 0, timeSteps).cast("int32");
  return { times, noise: randomNormal(foldKey(key, 1), [batch, ...image]) };
}

const family: TrainableFamily = {
  inputs: { image: { dtype: "uint8", shape: image } },
  init: (key): Parameters => ({
    stages: stages.map(({ parts }, i) => parts.map((part, j) => part.init(foldKey(foldKey(key, i), j)))),
    ends: initOf(ends)(foldKey(key, stages.length)) as Trees,
  }),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { image: pixels }, context) => {
        const { times, noise } = draw(context.key as Tensor);
        const clean = pixels
          .cast("float32")
          .mul(2 / 255)
          .sub(1);
        const share = signalShares().gather(times).reshape([batch, 1, 1, 1]);
        const noisy = clean.mul(share.sqrt()).add(noise.mul(share.neg().add(1).sqrt()));
        const predicted = predictNoise(parameters as Parameters, noisy, times.cast("float32"), context);
        return { loss: predicted.sub(noise).square().mean(), metrics: {} };
      },
    },
  ],
};

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => makeImageBatch(index, batch, image),
  random: (key) => Object.values(draw(key)).map((tensorOfOne) => tensorOfOne.cast("float32")),
};
