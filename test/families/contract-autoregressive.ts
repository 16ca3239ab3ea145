/** Autoregressive families under contract. */

import { type Family, imagePixelCnn, made } from "../../src/learn/models/index.ts";
import { independentBernoulli, thresholded } from "./digits.ts";
import { type FamilyUnderContract, shape } from "./under-contract.ts";

/** Digits above the threshold, as binary vectors. */
const asBits: Partial<FamilyUnderContract> = {
  steps: 150,
  bound: (images) => independentBernoulli(thresholded(images)),
  fields: (start, count, images) => ({
    bits: {
      dtype: "uint8",
      shape: [count, 784],
      data: images.slice(784 * start, 784 * (start + count)).map((grey) => Number(grey > 127.5)),
    },
  }),
};

function autoregressive(
  name: string,
  family: unknown,
  changes: Partial<FamilyUnderContract> = {},
): FamilyUnderContract {
  return {
    name,
    family: family as Family,
    steps: 60,
    learningRate: 0.01,
    bound: independentBernoulli,
    running: [],
    ...changes,
  };
}

export const autoregressiveUnderContract: readonly FamilyUnderContract[] = [
  autoregressive("made, images", made({ event: { field: "image", shape }, hidden: [64], binarize: "random" })),
  autoregressive(
    "made, bits, ensemble",
    made({ event: { field: "bits", shape: [784] }, hidden: [32, 32], masks: 3, ordering: "random", direct: false }),
    asBits,
  ),
  autoregressive(
    "pixelcnn, patches",
    imagePixelCnn({ shape, channels: 8, layers: 2, head: 16, firstKernel: 3, patch: 2, binarize: "random" }),
  ),
];
