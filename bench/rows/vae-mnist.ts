/** The VAE of pythae's table of reproduced results: 784-400-40, binary MNIST. */

import type { Row } from "./row.ts";
import { rowData, trainAndJudge } from "./train-and-judge.ts";

export const vaeMnist: Row = {
  row: "vae-mnist",
  metric: "-log p(x) in nats, 200 importance samples, all 10,000 test digits",
  bound: 90.5,
  direction: "at most",
  published: 89.78,
  source: "pythae (Chadebec, Vincent and Allassonniere, 2022), table of reproduced results; its reference is 89.9",
  run: async (context) => {
    // One hidden layer of 400 and 40 latents; digits are binarized at random, anew each time they are seen.
    const options = {
      hidden: [400],
      latent: 40,
      prior: "standard",
      binarize: "random",
      batchSize: 100,
      steps: 160_000,
      learningRate: 1e-3,
      schedule: "cosine",
      averageDecay: 0.999,
      evaluateEvery: 5000,
    };
    const value = await trainAndJudge(context, { preset: "digits/vae", options, data: await rowData("mnist") });
    return { value, seed: context.seed };
  },
};
