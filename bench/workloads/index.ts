/** The training steps that are timed against peers. A program beside this file is our side of one; it
 * imports Galatea's public doors and ends in serveContender. */

import { pytorchPeer } from "./pytorch.ts";
import type { Workload } from "./workload.ts";

export type { Peer, Workload } from "./workload.ts";

export const workloads: readonly Workload[] = [
  {
    name: "vae",
    description:
      "One training step of an MLP VAE in float32: encoder 784-512-512 with ReLU, then 32 means and 32 log " +
      "variances; decoder 32-512-512-784; Bernoulli likelihood on logits, analytic KL, one sample by " +
      "reparameterization; forward, backward and Adam (learning rate 1e-3), batch 128. Both sides cycle " +
      "through 16 batches made beforehand and read the loss of every step.",
    ours: "vae.ts",
    peers: [pytorchPeer("vae")],
    bound: 1.3,
    warmUpSteps: 60,
    blocks: 24,
    stepsPerBlock: 20,
    lossTolerance: 0.05,
  },
];
