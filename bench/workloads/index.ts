/** The training steps that are timed against peers. Their sizes are in sizes.json, which all sides read; a program
 * beside this file is our side of one, made of Galatea's public doors. */

import { jaxPeer, omitted, tfjsPeer } from "./javascript.ts";
import { pytorchPeer, pytorchVariant } from "./pytorch.ts";
import type { Workload } from "./workload.ts";

export { goals, type Peer, type Workload, type WorkloadKind, type WorkloadName } from "./workload.ts";

const noFilterGradient =
  "its wasm backend has no kernel Conv2DBackpropFilter: a convolution has no gradient by its weights there";

const slowConvolutions =
  "a step of conv-vae takes it 57 s of processor time, where ours takes a fifth of a second: the gradients of " +
  "convolutions run as plain loops";

const cached = { name: "cached", note: "keeping the rows and columns that it has computed, as ours does" };

/** Of wasm peers: at most a fifth of our speed. Their steps take long and vary little. */
const wasm = { bound: 5, warmUpSteps: 2, blocks: 3, stepsPerBlock: 1 };

export const workloads: readonly Workload[] = [
  {
    name: "vae",
    description:
      "An MLP VAE: encoder 784-512-512 with ReLU, then 32 means and 32 log variances; decoder 32-512-512-784; " +
      "Bernoulli likelihood on logits, analytic KL, one sample by reparameterization; batch 128.",
    peers: [
      pytorchPeer("vae", { bound: 1.3, warmUpSteps: 60, blocks: 24, stepsPerBlock: 20 }),
      tfjsPeer("vae", { ...wasm, blocks: 5 }),
      jaxPeer("vae", { ...wasm, warmUpSteps: 6, blocks: 7, stepsPerBlock: 4 }),
    ],
    lossTolerance: { first: 0.15, last: 0.05 },
  },
  {
    name: "conv-vae",
    description:
      "The VAE of preset digits/conv-vae on 28 x 28: 4 x 4 convolutions of stride 2 to 32 and 64 channels, a layer " +
      "of 256, 10 latents, and the same in reverse with transposed convolutions; batch 128.",
    peers: [
      pytorchPeer("conv-vae", { bound: 1, warmUpSteps: 5, blocks: 14, stepsPerBlock: 4 }),
      omitted("tfjs", noFilterGradient),
      omitted("jax-js", slowConvolutions),
    ],
    lossTolerance: { first: 0.25, last: 0.1 },
  },
  {
    name: "dcgan",
    description:
      "A DCGAN on 32 x 32 in colour: 64, 128 and 256 channels, 4 x 4 kernels of stride 2, batch norm, leaky ReLU and " +
      "ReLU, 100 latents; the discriminator's step on real and generated images, then the generator's, each on " +
      "fresh noise and with an Adam of its own (beta1 0.5); batch 64.",
    peers: [
      pytorchPeer("dcgan", { bound: 1, warmUpSteps: 3, blocks: 10, stepsPerBlock: 2 }),
      omitted("tfjs", noFilterGradient),
      omitted("jax-js", slowConvolutions),
    ],
    // Two networks that work against each other: after some steps their losses say nothing.
    lossTolerance: { first: 0.4 },
  },
  {
    name: "flow",
    description:
      "A RealNVP of 8 affine coupling layers over vectors of 64 features, the halves changing places between them; " +
      "conditioners of two hidden layers of 128 with ReLU; negative log-likelihood; batch 256.",
    peers: [
      pytorchPeer("flow", { bound: 2, warmUpSteps: 60, blocks: 24, stepsPerBlock: 20 }),
      tfjsPeer("flow", { ...wasm, blocks: 5 }),
      jaxPeer("flow", wasm),
    ],
    lossTolerance: { first: 0.05, last: 0.05 },
  },
  {
    name: "gpt",
    description:
      "A GPT of 4 layers, 256 wide, 4 heads, over 16 texts of 128 tokens of a vocabulary of 65: pre-norm, learned " +
      "positions, exact GELU, cross-entropy, no dropout.",
    peers: [
      pytorchPeer("gpt", { bound: 2.3, warmUpSteps: 3, blocks: 12, stepsPerBlock: 2 }),
      tfjsPeer("gpt", { ...wasm, warmUpSteps: 1, blocks: 2 }),
      jaxPeer("gpt", wasm),
    ],
    lossTolerance: { first: 0.03, last: 0.15 },
    sgemmGoal: 0.65,
  },
  {
    name: "seq2seq",
    description:
      "An encoder-decoder transformer of 3 + 3 layers, 256 wide, 4 heads, feed-forward layers of 1024 with ReLU, " +
      "post-norm, one table of vectors for both vocabularies of 6000; 32 pairs of 32 tokens; cross-entropy with " +
      "label smoothing 0.1, no dropout.",
    peers: [
      pytorchPeer("seq2seq", { bound: 2, warmUpSteps: 3, blocks: 12, stepsPerBlock: 2 }),
      tfjsPeer("seq2seq", { ...wasm, warmUpSteps: 1, blocks: 1 }),
      jaxPeer("seq2seq", wasm),
    ],
    lossTolerance: { first: 0.03, last: 0.05 },
  },
  {
    name: "lstm",
    description:
      "A language model of 2 LSTM layers, 256 wide, over 32 texts of 64 tokens of a vocabulary of 100, with " +
      "embedded tokens and a linear head; cross-entropy, no dropout.",
    peers: [
      pytorchPeer("lstm", { bound: 2, warmUpSteps: 8, blocks: 12, stepsPerBlock: 5 }),
      tfjsPeer("lstm", { ...wasm, warmUpSteps: 1, blocks: 2 }),
      jaxPeer("lstm", wasm),
    ],
    lossTolerance: { first: 0.03, last: 0.1 },
  },
  {
    name: "unet",
    description:
      "A U-Net that predicts the noise in images of 32 x 32 in colour: 64, 128 and 128 channels at 32, 16 and 8, a " +
      "residual block each on the way down and two on the way up, group norm in 8 groups, SiLU, embedded time, " +
      "attention at 16 and in the middle, nearest upsampling; batch 16.",
    peers: [
      pytorchPeer("unet", { bound: 1, warmUpSteps: 2, blocks: 6, stepsPerBlock: 1 }),
      omitted("tfjs", noFilterGradient),
      omitted("jax-js", slowConvolutions),
    ],
    lossTolerance: { first: 0.15, last: 0.5 },
  },
  {
    name: "pixelcnn",
    description:
      "The gated PixelCNN of preset digits/pixelcnn on 28 x 28 binary pixels in squares of 4, told the label: 6 layers " +
      "of 32 channels in both stacks, kernels of 5 and 3, cut to what a mask would leave on both sides; batch 32.",
    peers: [pytorchPeer("pixelcnn", { bound: 1, warmUpSteps: 3, blocks: 10, stepsPerBlock: 3 })],
    lossTolerance: { first: 0.15, last: 0.1 },
  },
  {
    name: "pixelcnn-sampling",
    kind: "sampling",
    description:
      "64 samples of preset digits/pixelcnn, 196 cells each. Ours is one compiled loop that keeps what it has computed. " +
      "pytorch does what public implementations do, the whole network for each cell; pytorch-cached does what we do.",
    peers: [
      pytorchPeer("pixelcnn-sampling", { bound: 3, warmUpSteps: 1, blocks: 2, stepsPerBlock: 1 }),
      pytorchVariant("pixelcnn-sampling", cached, { bound: 3, warmUpSteps: 2, blocks: 10, stepsPerBlock: 2 }),
    ],
    lossTolerance: { first: 0.2 },
  },
  {
    name: "gpt-generation",
    kind: "sampling",
    description:
      "A text of 128 tokens by the network of gpt, drawn one after another with keys and values kept, on both sides. Ours " +
      "is one compiled loop.",
    peers: [pytorchPeer("gpt-generation", { bound: 3, warmUpSteps: 3, blocks: 12, stepsPerBlock: 3 })],
    // Of 128 uniform numbers.
    lossTolerance: { first: 0.4 },
  },
  {
    name: "gpt-generation-16",
    kind: "sampling",
    description: "The same, 16 texts at a time.",
    peers: [pytorchPeer("gpt-generation-16", { bound: 3, warmUpSteps: 3, blocks: 10, stepsPerBlock: 2 })],
    lossTolerance: { first: 0.15 },
  },
  {
    name: "diffusion",
    description:
      "The diffusion of preset digits/diffusion on 28 x 28, told the label: a U-Net of 32 and 64 channels over squares of 4 " +
      "pixels, attention at 7 x 7, which predicts v at times of a cosine schedule; a tenth of the labels hidden; batch 64.",
    peers: [pytorchPeer("diffusion", { bound: 1, warmUpSteps: 3, blocks: 10, stepsPerBlock: 2 })],
    lossTolerance: { first: 0.15, last: 0.5 },
  },
  {
    name: "diffusion-sampling",
    kind: "sampling",
    description:
      "64 samples of preset digits/diffusion by DDIM in 20 steps, guided: each step looks at 128 images, with their labels " +
      "and without. Ours is one compiled loop.",
    peers: [pytorchPeer("diffusion-sampling", { bound: 3, warmUpSteps: 2, blocks: 6, stepsPerBlock: 1 })],
    lossTolerance: { first: 0.05 },
  },
  {
    name: "spline",
    description:
      "The neural spline flow of preset points/spline over points in the plane: 4 couplings of 8 pieces, each after a " +
      "learned LU matrix; conditioners of two hidden layers of 64; batch 256.",
    peers: [pytorchPeer("spline", { bound: 2, warmUpSteps: 40, blocks: 20, stepsPerBlock: 20 })],
    lossTolerance: { first: 0.05, last: 0.15 },
  },
  {
    name: "maf",
    description:
      "The masked autoregressive flow of preset points/maf over points in the plane: 8 layers in orders that take turns, " +
      "actnorm after each; networks of two hidden layers of 64; batch 256.",
    peers: [pytorchPeer("maf", { bound: 2, warmUpSteps: 40, blocks: 20, stepsPerBlock: 20 })],
    lossTolerance: { first: 0.05, last: 0.15 },
  },
  {
    name: "maf-sampling",
    kind: "sampling",
    description:
      "64 samples of preset points/maf: each layer undone number by number, a pass of its network for each, on both sides.",
    peers: [pytorchPeer("maf-sampling", { bound: 3, warmUpSteps: 10, blocks: 20, stepsPerBlock: 20 })],
    // Of 128 normal numbers.
    lossTolerance: { first: 0.6 },
  },
  {
    name: "glow",
    description:
      "Glow as in preset digits/glow with curve=0 on 28 x 28: two levels of 8 steps of actnorm, an invertible 1 x 1 convolution and an " +
      "affine coupling with 64 hidden channels; dequantized, logits of pixels; batch 64. Adam, at a twentieth of the " +
      "rate to which the preset's Muon rises over 50 steps.",
    peers: [pytorchPeer("glow", { bound: 1, warmUpSteps: 3, blocks: 8, stepsPerBlock: 2 })],
    lossTolerance: { first: 0.1, last: 0.2 },
  },
  {
    name: "vqvae",
    description:
      "The VQ-VAE of preset digits/vqvae on 28 x 28 with its prior, trained together: convolutions to 32 and 64 channels, a " +
      "residual block on either side of 7 x 7 codes, 128 of them, of 16 dimensions, which follow running averages, dead ones " +
      "revived; a gated PixelCNN of 6 layers over the codes, told the label; batch 64.",
    peers: [pytorchPeer("vqvae", { bound: 1, warmUpSteps: 3, blocks: 10, stepsPerBlock: 3 })],
    lossTolerance: { first: 0.15, last: 0.25 },
  },
  {
    name: "wgan-gp",
    description:
      "The Wasserstein GAN of preset digits/wgan-gp on 28 x 28, told the label: three updates of the critic, each with a " +
      "gradient penalty and on examples of its own, then one of the generator; 32 and 64 channels, batch norm by label in the " +
      "generator, 64 latents; Adam (beta1 0.5, beta2 0.9); batch 64.",
    peers: [pytorchPeer("wgan-gp", { bound: 1, warmUpSteps: 3, blocks: 10, stepsPerBlock: 3 })],
    // Penalties of fresh critics differ: from one seed to another the first loss goes from 0.7 to 2.4.
    lossTolerance: { first: 0.6 },
  },
  {
    name: "made",
    description:
      "The masked autoencoder of preset binary/made on 28 x 28 binary pixels: a hidden layer of 1000, and each pixel also by " +
      "those before it directly; batch 100.",
    peers: [pytorchPeer("made", { bound: 1, warmUpSteps: 40, blocks: 20, stepsPerBlock: 10 })],
    lossTolerance: { first: 0.15, last: 0.1 },
  },
  {
    name: "cyclegan",
    description:
      "The CycleGAN of preset style/cyclegan on 32 x 32 in colour: two translators of 12 to 48 channels with 6 residual " +
      "blocks, each used three times, then two discriminators of patches; least squares, cycle and identity losses, an Adam " +
      "each (beta1 0.5); batch 8.",
    peers: [pytorchPeer("cyclegan", { bound: 1, warmUpSteps: 3, blocks: 8, stepsPerBlock: 2 })],
    // Networks that work against each other, as in dcgan.
    lossTolerance: { first: 0.25 },
  },
];
