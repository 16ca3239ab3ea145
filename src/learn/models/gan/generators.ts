/** Generators of images and vectors from latent codes, and perhaps a class. */

import { concat, foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  batchNorm,
  type Context,
  convTranspose2d,
  embedding,
  initializers,
  type Layer,
  linear,
  type Module,
  relu,
  sequential,
  subcontext,
} from "../../nn/index.ts";
import { conditionalBatchNorm } from "./conditional-batch-norm.ts";
import { imageLadder } from "./image-ladder.ts";

export interface Generator {
  init(key: Tensor): TensorTree;
  /** Latents [B, D] and perhaps labels [B] -> [B, ...]: images from -1 to 1, vectors of mean 0 and variance 1. */
  apply(parameters: TensorTree, latents: Tensor, labels: Tensor | undefined, context: Context): Tensor;
}

export interface ConvGeneratorOptions {
  /** [C, H, W]. */
  readonly shape: readonly number[];
  readonly latent: number;
  /** Channels of the layer next to the image; each one before has twice as many. */
  readonly width: number;
  readonly classes?: number;
}

export interface MlpGeneratorOptions {
  /** Values of a vector. */
  readonly size: number;
  readonly latent: number;
  readonly hidden: readonly number[];
  readonly classes?: number;
  /** Whether batch norm stands before each ReLU; false where absent. */
  readonly batchNorm?: boolean;
}

type Parameters = Readonly<Record<string, TensorTree>>;

const small = { init: initializers.normal(0.02), biasInit: initializers.zeros } as const;

/**
 * A fully connected layer to a small map, then transposed convolutions that double it, each after batch norm and ReLU;
 * tanh at the end. A class has a small map of its own, which is added to the first one, and chooses the scales and shifts
 * of the batch norms.
 *
 * Source: Radford, Metz and Chintala (2016); conditioning as in Miyato and Koyama (2018).
 */
export function convGenerator({ shape, latent, width, classes }: ConvGeneratorOptions): Generator {
  const { steps, smallest } = imageLadder(shape);
  const channels = steps.map((_, i) => width * 2 ** (steps.length - 1 - i));
  const [first] = channels;
  const mapSize = first * smallest[0] * smallest[1];
  const input = linear({ inputs: latent, outputs: mapSize, bias: false, ...small });
  const maps = classes === undefined ? undefined : embedding({ count: classes, size: mapSize, init: small.init });
  const blocks = channels.map((inputs, i) => {
    const last = i === channels.length - 1;
    const outputs = last ? shape[0] : channels[i + 1];
    return {
      norm: conditionalBatchNorm(inputs, classes),
      // The next norm takes a bias away.
      up: convTranspose2d({ inputs, outputs, kernel: 4, stride: 2, padding: 1, bias: last, ...small }) as Module,
    };
  });
  return {
    init: (key) => {
      const ofBlocks = blocks.map(({ norm, up }, i) => {
        const own = foldKey(key, i + 1);
        return [`block${i}`, { norm: norm.init(foldKey(own, 0)), up: up.init(foldKey(own, 1)) }] as const;
      });
      return {
        input: input.init(foldKey(key, 0)),
        ...(maps && { maps: maps.init(foldKey(key, blocks.length + 1)) }),
        ...Object.fromEntries(ofBlocks),
      };
    },
    apply: (parameters, latents, labels, context) => {
      const trees = parameters as Parameters;
      const start = input.apply(trees.input as never, latents, context);
      const told = maps && labels ? start.add(maps.apply(trees.maps as never, labels, context)) : start;
      let x = told.reshape([-1, first, ...smallest]);
      blocks.forEach(({ norm, up }, i) => {
        const own = trees[`block${i}`] as Parameters;
        const part = subcontext(context, i);
        x = up.apply(own.up, norm.apply(own.norm as never, x, labels, part).relu(), part);
      });
      return x.tanh();
    },
  };
}

/** Fully connected layers with ReLU; a class's learned vector is joined to the latents. */
export function mlpGenerator(options: MlpGeneratorOptions): Generator {
  const { size, latent, hidden, classes } = options;
  const joined = classes === undefined ? 0 : Math.min(classes, 32);
  const widths = [latent + joined, ...hidden];
  const hiddenInit = { init: initializers.heNormal, biasInit: initializers.zeros };
  const layers = hidden.flatMap((outputs, i): Layer[] => {
    const layer = linear({ inputs: widths[i], outputs, bias: !options.batchNorm, ...hiddenInit }) as Module;
    return options.batchNorm ? [layer, batchNorm({ channels: outputs }), relu] : [layer, relu];
  });
  const outputInit = { init: initializers.glorotNormal, biasInit: initializers.zeros };
  const network: Module = sequential(
    ...layers,
    linear({ inputs: widths[widths.length - 1], outputs: size, ...outputInit }),
  );
  const table = classes === undefined ? undefined : embedding({ count: classes, size: joined });
  return {
    init: (key) => ({
      network: network.init(foldKey(key, 0)),
      ...(table && { embedding: table.init(foldKey(key, 1)) }),
    }),
    apply: (parameters, latents, labels, context) => {
      const trees = parameters as Parameters;
      const told =
        table && labels ? concat([latents, table.apply(trees.embedding as never, labels, context)], 1) : latents;
      return network.apply(trees.network, told, context);
    },
  };
}
