/** Our side of the workload `dcgan`: the discriminator's step and the generator's, each on fresh noise.
 *
 * Source: Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional generative
 * adversarial networks" (2016), for images of 32 x 32. */

import { foldKey, randomNormal, type Tensor, type TensorTree } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import {
  batchNorm,
  type Context,
  conv2d,
  convTranspose2d,
  initializers,
  leakyRelu,
  relu,
  reshape,
  sequential,
  subcontext,
  tanh,
} from "../../src/learn/nn/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { makeImageBatch } from "./images.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.dcgan;
const { batch, image, latent } = sizes;
const [colours] = image;
const [low, middle, high] = sizes.channels;

const common = { kernel: 4, bias: false, init: initializers.normal(0.02) } as const;
const halving = { ...common, stride: 2, padding: 1 } as const;
const slope = (x: Tensor): Tensor => leakyRelu(x, 0.2);

const discriminator = sequential(
  conv2d({ inputs: colours, outputs: low, ...halving }), // [B, 64, 16, 16]
  slope,
  conv2d({ inputs: low, outputs: middle, ...halving }), // [B, 128, 8, 8]
  batchNorm({ channels: middle }),
  slope,
  conv2d({ inputs: middle, outputs: high, ...halving }), // [B, 256, 4, 4]
  batchNorm({ channels: high }),
  slope,
  conv2d({ inputs: high, outputs: 1, ...common }), // [B, 1, 1, 1]
  reshape([]),
);

const generator = sequential(
  reshape([latent, 1, 1]),
  convTranspose2d({ inputs: latent, outputs: high, ...common }), // [B, 256, 4, 4]
  batchNorm({ channels: high }),
  relu,
  convTranspose2d({ inputs: high, outputs: middle, ...halving }), // [B, 128, 8, 8]
  batchNorm({ channels: middle }),
  relu,
  convTranspose2d({ inputs: middle, outputs: low, ...halving }), // [B, 64, 16, 16]
  batchNorm({ channels: low }),
  relu,
  convTranspose2d({ inputs: low, outputs: colours, ...halving }), // [B, 3, 32, 32]
  tanh,
);

type Parameters = { readonly discriminator: TensorTree; readonly generator: TensorTree };

function judge(parameters: Parameters, images: Tensor, context: Context): Tensor {
  return discriminator.apply(parameters.discriminator as never, images, context);
}

function generate(parameters: Parameters, context: Context): Tensor {
  const noise = randomNormal(foldKey(context.key as Tensor, 1), [batch, latent]);
  return generator.apply(parameters.generator as never, noise, context);
}

const family: TrainableFamily = {
  inputs: { image: { dtype: "uint8", shape: image } },
  init: (key): Parameters => ({
    discriminator: discriminator.init(foldKey(key, 0)),
    generator: generator.init(foldKey(key, 1)),
  }),
  phases: [
    {
      name: "discriminator",
      trains: (path) => path.startsWith("discriminator."),
      loss: (tree, { image: pixels }, context) => {
        const parameters = tree as Parameters;
        const real = judge(
          parameters,
          pixels
            .cast("float32")
            .mul(2 / 255)
            .sub(1),
          subcontext(context, 0),
        );
        const fake = judge(parameters, generate(parameters, context).stopGradient(), subcontext(context, 1));
        // -log D(real) - log(1 - D(fake))
        return { loss: real.neg().softplus().mean().add(fake.softplus().mean()), metrics: {} };
      },
    },
    {
      name: "generator",
      trains: (path) => path.startsWith("generator."),
      loss: (tree, _, context) => {
        const parameters = tree as Parameters;
        // -log D(fake)
        return { loss: judge(parameters, generate(parameters, context), context).neg().softplus().mean(), metrics: {} };
      },
    },
  ],
};

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => makeImageBatch(index, batch, image),
  random: (key) => [0, 1].map((stream) => randomNormal(foldKey(key, stream), [batch, latent])),
};
