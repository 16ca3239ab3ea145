/** Why a number of docs/performance.md misses what was promised. */

import type { WorkloadName } from "./workloads/index.ts";

/** What a workload can miss: speed against a peer, by its name, or one of our own promises. */
export type Gap = "pytorch" | "pytorch-cached" | "tfjs" | "jax-js" | "memory" | "sgemm" | "start" | "random";

export type Explanations = Readonly<Partial<Record<WorkloadName, Readonly<Partial<Record<Gap, string>>>>>>;

/** Of steps that are almost nothing but matrix products. */
function boundByProducts(most: string): string {
  return (
    "Out of reach here, for anybody who computes the same products in float32: divide the ratio by the share of SGEMM, " +
    `and ${most} is what a step would reach that consisted of products at the machine's full speed and nothing ` +
    "else. PyTorch's own step is not far from that, once OpenBLAS has the right kernels for the processor; without " +
    "them, as it picks by itself here, it takes several times as long. What we spend besides: softmax, GELU, layer " +
    "norm and their gradients, each once through memory, and the copies that turn heads."
  );
}

/** Of small steps of convolutions. */
const workingCopies =
  "Convolutions run on channels in blocks: their weights stand a second time in that layout from the forward to the backward " +
  "pass, and the gradient by weights needs the patches of an image as a matrix, for a moment the largest tensor of the step.";

/** Of texts by a GPT, by the backend's `compileRecorded` with two threads. */
const oneText =
  "Most of a token's time is products of one row with the weights, 13 MB that are read once for each token, about as fast as a " +
  "core reads memory; three times PyTorch's speed would leave next to nothing for the other kernels, nearly 200 calls a token.";
const sixteenTexts =
  "Nearly half of a token's time is products, for which the runtime packs the weights anew each time, as they are no constants; a " +
  "quarter is attention, which looks at all 128 places, of which the later ones are masked, where PyTorch reads its cache as far as " +
  "it goes; and a fifth copies the last block of keys and values, which a loop of the runtime cannot write in place.";

/** By workload, what misses its number and why, with the measurements that show it. */
export const explanations: Explanations = {
  dcgan: {
    memory:
      "Convolutions run on channels in blocks, and the weights' gradient on patches laid out as a matrix, which is the " +
      "largest tensor of the step.",
    start: "Two phases, each with its own passes over a graph of blocked convolutions, and a session of 1,500 nodes.",
  },
  flow: {
    pytorch:
      "Small: 0.35 GFLOP in some 650 kernels, 14 us each on average. What is left is the runtime's cost of starting them, " +
      "and threads that wake for work too small to share. Parameters of at most 4,096 values are updated as one vector " +
      "for this reason; the layers' own chains of elementwise kernels are what to join next.",
  },
  gpt: {
    pytorch: boundByProducts("1.8"),
    start: "Half a second of it is the first step itself, and as much the session of the initialization.",
    sgemm:
      "The share was 0.74, 0.60, 0.68, 0.62 and 0.59 in runs of several days: " +
      "what is left are softmax, GELU and layer norm, which are bound by memory, and the copies that turn heads.",
  },
  seq2seq: {
    pytorch: boundByProducts("1.8"),
    start:
      "Half a second of it is the first step itself; the rest is our passes over six layers and a session of 2,000 nodes.",
  },
  lstm: {
    pytorch:
      "The 64 steps of each layer follow one another: a product of the state with a matrix of 256 x 1024 each, whose " +
      "rows are too few for SGEMM's full speed, and the arithmetic of the gates. Inputs, outputs and all gradients by " +
      "weights are products over all steps at once already.",
  },
  unet: {
    memory:
      "As in dcgan; and the blocked copies of the weights, made once a step, live until the backward pass needs them.",
    start:
      "The first step is a quarter of it. The rest is our passes over a graph of 4,000 to 6,000 nodes, and the runtime's " +
      "making of a session of 4,900 nodes; a third of those are reshapes around convolutions in blocks.",
  },
  diffusion: {
    pytorch:
      "Even, within the quartiles: convolutions in blocks are two fifths of the step. The group norms and SiLUs between them, with " +
      "their gradients, are some 1,300 elementwise kernels and sums, which PyTorch has as one kernel each; joining them " +
      "in the graph is what to do next.",
    memory: workingCopies,
    start: "As in unet: our passes, and a session of 3,600 nodes.",
  },
  "diffusion-sampling": {
    pytorch:
      "A sample is 20 passes of a U-Net over 128 images, 100 ms each, of the same kernels as the training step, " +
      "where both sides are about even. A compiled loop saves the cost of calls, and there is little of that to " +
      "save; where there is, as in pixelcnn-sampling, the loop is far more than 3 times as fast.",
    start:
      "The first sampling is 2 s of it: the loop has to run to its end. The rest is our passes and the runtime's session.",
  },
  spline: {
    pytorch:
      "Small: 6 ms in 1,300 kernels of 5 us each, of which the runtime's cost of starting one is a good part. A spline is " +
      "gathered, summed and compared by whole tensors of pieces; PyTorch pays for fewer, larger kernels there.",
  },
  "maf-sampling": {
    pytorch:
      "1.3 ms in all, for 16 passes of a network of 64 units over 64 points: the products take microseconds, and both sides " +
      "pay for starting kernels, ours once each from C++ and PyTorch's from Python. Points in the plane leave a loop " +
      "nothing to keep from pass to pass.",
  },
  glow: {
    memory: workingCopies,
    start: "16 steps of flow, each a network of three convolutions with its gradient: a session of 4,000 nodes.",
  },
  vqvae: { memory: workingCopies },
  "wgan-gp": { memory: workingCopies },
  cyclegan: {
    memory:
      `${workingCopies} Four networks and two phases are one session, so that nothing is freed between the phases, where ` +
      "PyTorch frees the graph of one before it builds the next.",
    start: "Four networks in two phases, with blocked convolutions throughout: our passes and the session again.",
  },
  "gpt-generation": { pytorch: oneText },
  "gpt-generation-16": { pytorch: sixteenTexts, memory: "The copies: two of everything that is carried." },
};
