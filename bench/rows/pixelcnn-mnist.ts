/** A gated PixelCNN on MNIST, digits binarized at random. */

import type { Row } from "./row.ts";
import { rowData, trainAndJudge } from "./train-and-judge.ts";

export const pixelCnnMnist: Row = {
  row: "pixelcnn-mnist",
  metric: "-log p(x) in nats, exact, all 10,000 test digits, binarized at random; cells of 2 x 2 pixels",
  bound: 84,
  direction: "at most",
  published: 81.3,
  source: "van den Oord, Kalchbrenner and Kavukcuoglu (2016), table 4: PixelCNN, of digits binarized once",
  run: async (context) => {
    const options = {
      conditional: false,
      channels: 48,
      layers: 8,
      steps: 10_000,
      averageDecay: 0.999,
      evaluateEvery: 1000,
    };
    const value = await trainAndJudge(context, { preset: "digits/pixelcnn", options, data: await rowData("mnist") });
    return { value, seed: context.seed };
  },
};
