/** SCAN: commands to actions, by LSTMs of two layers of 200. */

import { judgeAnswers, trainOn } from "./answer-and-judge.ts";
import type { Row } from "./row.ts";
import { withBackend } from "./train-and-judge.ts";

const metric = (split: string): string =>
  `sequences that are right in every action, %, SCAN's ${split} split, all of its test`;

/** Two layers of 200 and dropout 0.5 as there; ours read in both directions (100 each) and look back at what they read. */
const options = {
  tokenizer: "words",
  minimumFrequency: 1,
  shared: false,
  sourcePlaces: 10,
  targetPlaces: 50,
  embedding: 200,
  hidden: 200,
  layers: 2,
  dropout: 0.5,
  smoothing: 0,
  batchSize: 32,
  steps: 3000,
  optimizer: "muon",
  momentum: 0.95,
  learningRate: 0.003,
  warmupSteps: 200,
  evaluateEvery: 500,
};

export const lstmScan: Row = {
  row: "lstm-scan-simple",
  metric: metric("simple"),
  bound: 99.5,
  direction: "at least",
  published: 99.8,
  source: "Lake and Baroni, Generalization without systematicity (2018), experiment 1: LSTM, 2 layers of 200",
  also: [
    {
      row: "lstm-scan-jump",
      metric: metric("jump"),
      published: 0.08,
      source: "Lake and Baroni (2018), experiment 3: the same LSTM; the best that was found for this split: 1.2",
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      const rightOf = async (split: string, name: string): Promise<number> => {
        const source = `scan-${split}`;
        const training = { preset: "translate/lstm-attention", options, source, name };
        const { run, data } = await trainOn(context, backend, training);
        const { sequenceAccuracy } = await judgeAnswers(context, backend, run, data, ["sequenceAccuracy"]);
        return sequenceAccuracy;
      };
      const value = await rightOf("simple", "simple");
      return { value, seed: context.seed, also: { "lstm-scan-jump": await rightOf("jump", "jump") } };
    }),
};
