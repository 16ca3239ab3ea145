/** Networks that turn an image into another of its size, and judges of patches of images. */

import { GalateaError, type Shape } from "../../../core/base/index.ts";
import type { Tensor, TensorTree } from "../../../core/trace/index.ts";
import {
  conv2d,
  convTranspose2d,
  initializers,
  instanceNorm,
  type Layer,
  leakyRelu,
  type Module,
  relu,
  sequential,
} from "../../nn/index.ts";

export interface TranslatorOptions {
  /** [C, H, W] of both domains. */
  readonly shape: Shape;
  /** Channels at full size; twice as many at half and four times as many at a quarter of it. */
  readonly width: number;
  /** Residual blocks at a quarter of the size. */
  readonly blocks: number;
}

export interface PatchJudgeOptions {
  readonly channels: number;
  /** Channels of the first layer; the next two have twice as many each. */
  readonly width: number;
}

const common = { init: initializers.normal(0.02), biasInit: initializers.zeros } as const;

/** What lies outside an image is its mirror image. */
function mirrored(margin: number): (x: Tensor) => Tensor {
  return (x) => x.padReflect([0, 0, margin, margin], [0, 0, margin, margin]);
}

/** x + f(x). */
function residual(module: Module): Module {
  return {
    init: module.init,
    apply: (parameters: TensorTree, x, context) => x.add(module.apply(parameters, x, context)),
  };
}

function residualBlock(channels: number): Module {
  const convolution = (): Layer[] => [
    mirrored(1),
    // Instance norm takes a bias away.
    conv2d({ inputs: channels, outputs: channels, kernel: 3, bias: false, ...common }) as Module,
    instanceNorm({ channels }) as Module,
  ];
  return residual(sequential(...convolution(), relu, ...convolution()));
}

/**
 * A residual network between images: down to a quarter of the size, residual blocks, and up again, with instance norm.
 *
 * Shapes: [B, C, H, W] -> the same, from -1 to 1.
 * @throws GalateaError `data` when the sides are no multiples of 4 from 8 up.
 *
 * Source: Zhu, Park, Isola and Efros, "Unpaired image-to-image translation using cycle-consistent adversarial networks"
 * (2017), appendix, after Johnson, Alahi and Fei-Fei (2016).
 */
export function translator({ shape, width, blocks }: TranslatorOptions): Module {
  const [channels, height, breadth] = shape;
  if (height % 4 !== 0 || breadth % 4 !== 0 || Math.min(height, breadth) < 8) {
    const right = "sides must be multiples of 4 from 8 up: choose an image size";
    throw new GalateaError("data", "image", `images of ${height} x ${breadth}`, right);
  }
  const half = { kernel: 3, stride: 2, padding: 1, bias: false, ...common } as const;
  const down = (inputs: number): Layer[] => [
    conv2d({ inputs, outputs: 2 * inputs, ...half }) as Module,
    instanceNorm({ channels: 2 * inputs }) as Module,
    relu,
  ];
  const up = (outputs: number): Layer[] => [
    convTranspose2d({ inputs: 2 * outputs, outputs, ...half, outputPadding: 1 }) as Module,
    instanceNorm({ channels: outputs }) as Module,
    relu,
  ];
  return sequential(
    mirrored(3),
    conv2d({ inputs: channels, outputs: width, kernel: 7, bias: false, ...common }) as Module,
    instanceNorm({ channels: width }) as Module,
    relu,
    ...down(width),
    ...down(2 * width),
    ...Array.from({ length: blocks }, () => residualBlock(4 * width)),
    ...up(2 * width),
    ...up(width),
    mirrored(3),
    conv2d({ inputs: width, outputs: channels, kernel: 7, ...common }) as Module,
    (x: Tensor): Tensor => x.tanh(),
  );
}

/**
 * A discriminator of patches: it says of each patch of an image how real it looks.
 *
 * Shapes: [B, channels, H, W] -> [B, 1, H / 4 - 1, W / 4 - 1]; each output sees 22 x 22 pixels.
 *
 * Source: Isola, Zhu, Zhou and Efros, "Image-to-image translation with conditional adversarial networks" (2017), with fewer
 * layers than their patches of 70 x 70 take, as our images are small.
 */
export function patchJudge({ channels, width }: PatchJudgeOptions): Module {
  const slope = (x: Tensor): Tensor => leakyRelu(x, 0.2);
  const layer = (inputs: number, outputs: number, stride: number, bias = true): Module =>
    conv2d({ inputs, outputs, kernel: 4, stride, padding: 1, bias, ...common }) as Module;
  return sequential(
    layer(channels, width, 2),
    slope,
    layer(width, 2 * width, 2, false),
    instanceNorm({ channels: 2 * width }) as Module,
    slope,
    layer(2 * width, 1, 1),
  );
}
