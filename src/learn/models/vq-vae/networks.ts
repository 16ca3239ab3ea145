/** The convolutional encoder and decoder of a VQ-VAE. */

import type { Shape } from "../../../core/base/index.ts";
import { conv2d, initializers, type Layer, type Module, relu, sequential } from "../../nn/index.ts";
import { doubling, halving, halvings, type Size } from "../strided.ts";

/** An encoder [B, C, H, W] -> [B, D, h, w] and a decoder back, with the grid that lies between. */
export interface VqVaeNetworks {
  readonly encoder: Module;
  readonly decoder: Module;
  /** [h, w] */
  readonly grid: Size;
}

export interface VqConvOptions {
  /** [C, H, W]. */
  readonly shape: Shape;
  /** Dimensions of a code. */
  readonly codeSize: number;
  /** Channels of the layers that halve height and width; the decoder has them in reverse. */
  readonly channels: readonly number[];
  /** Residual blocks on either side of the codes. */
  readonly residualBlocks: number;
}

const beforeRelu = { init: initializers.heUniform, biasInit: initializers.zeros } as const;
const plain = { init: initializers.glorotUniform, biasInit: initializers.zeros } as const;

/** x + W2 relu(W1 * relu(x)): a 3 x 3 convolution to half the channels, a 1 x 1 one back. */
function residualBlock(channels: number): Module {
  const inner = Math.max(1, Math.floor(channels / 2));
  const body: Module = sequential({
    conv1: sequential(relu, conv2d({ inputs: channels, outputs: inner, kernel: 3, padding: 1, ...beforeRelu })),
    conv2: sequential(relu, conv2d({ inputs: inner, outputs: channels, kernel: 1, ...plain })),
  });
  return { init: body.init, apply: (parameters, x, context) => x.add(body.apply(parameters, x, context)) };
}

/**
 * Halvings, then residual blocks and a 1 x 1 convolution onto the codes; the decoder in reverse.
 * @throws GalateaError `config` when the image is too small to be halved that often.
 *
 * Source: van den Oord, Vinyals and Kavukcuoglu (2017), section 4.1.
 */
export function vqConvNetworks({ shape, codeSize, channels, residualBlocks }: VqConvOptions): VqVaeNetworks {
  const depth = channels.length;
  const sizes = halvings(shape, depth);
  const widths = [shape[0], ...channels];
  const inner = widths[depth];
  const down = channels.flatMap((outputs, i): Layer[] => {
    const layer = halving({ inputs: widths[i], outputs, ...beforeRelu });
    return i === 0 ? [layer] : [relu, layer];
  });
  const up = channels.flatMap((_, i): Layer[] => {
    const level = depth - i;
    const ends = { inputs: widths[level], outputs: widths[level - 1] };
    return [relu, doubling({ ...ends, ...(level === 1 ? plain : beforeRelu) }, sizes[level], sizes[level - 1])];
  });
  const blocks = (): Module[] => Array.from({ length: residualBlocks }, () => residualBlock(inner));
  return {
    encoder: sequential(...down, ...blocks(), relu, conv2d({ inputs: inner, outputs: codeSize, kernel: 1, ...plain })),
    decoder: sequential(
      conv2d({ inputs: codeSize, outputs: inner, kernel: 3, padding: 1, ...plain }),
      ...blocks(),
      ...up,
    ),
    grid: sizes[depth],
  };
}
