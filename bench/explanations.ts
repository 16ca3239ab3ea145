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
    sgemm: "The share was 0.59 to 0.74 in five runs of one evening, as other users of the machine came and went.",
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
};
