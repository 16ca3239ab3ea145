/** A gated PixelCNN on MNIST, digits binarized at random. */

import { resolveData } from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { dataFolder, trainAndJudge } from "./train-and-judge.ts";

export const pixelCnnMnist: Row = {
  row: "pixelcnn-mnist",
  metric: "-log p(x) in nats, exact, all 10,000 test digits, binarized at random; cells of 2 x 2 pixels",
  bound: 84,
  direction: "at most",
  published: 81.3,
  source: "van den Oord, Kalchbrenner and Kavukcuoglu (2016), table 4: PixelCNN, of digits binarized once",
  run: async (context) => {
    const { seed } = context;
    const data = await resolveData("mnist", { dataFolder: dataFolder() });
    const value = await trainAndJudge(
      context,
      "digits/pixelcnn",
      {
        seed,
        conditional: false,
        channels: 48,
        layers: 8,
        steps: 10_000,
        averageDecay: 0.999,
        evaluateEvery: 1000,
      },
      data,
    );
    return { value, seed };
  },
};
