/** Subjects of e-mails: AESLC, by a transformer that may copy. */

import { judgeAnswers, trainOn } from "./answer-and-judge.ts";
import type { Row } from "./row.ts";
import { withBackend } from "./train-and-judge.ts";

const source = "Zhang et al., PEGASUS (2020), table 1: transformer of base size without pre-training, AESLC";

const metric = (kind: string): string => `ROUGE-${kind}, F1 with stemmed words, 1,906 test e-mails, original subjects`;

export const summarizeAeslc: Row = {
  row: "summarize-aeslc",
  metric: metric("1"),
  bound: 15,
  direction: "at least",
  published: 15,
  source,
  also: [
    { row: "summarize-aeslc-2", metric: metric("2"), bound: 5.4, direction: "at least", published: 5.4, source },
    { row: "summarize-aeslc-l", metric: metric("L"), bound: 14.9, direction: "at least", published: 14.9, source },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      // ROUGE knows no case. Half of the e-mails are longer than 128 tokens; what they are about stands in front.
      const options = {
        lowerCase: true,
        steps: 3000,
        optimizer: "muon",
        momentum: 0.95,
        learningRate: 0.003,
        warmupSteps: 300,
        evaluateEvery: 500,
      };
      const training = { preset: "summarize/pointer", options, source: "aeslc" };
      const { run, data } = await trainOn(context, backend, training);
      const names = ["rouge1", "rouge2", "rougeL"];
      const { rouge1, rouge2, rougeL } = await judgeAnswers(context, backend, run, data, names, ["beams=4"]);
      return {
        value: rouge1,
        seed: context.seed,
        also: { "summarize-aeslc-2": rouge2, "summarize-aeslc-l": rougeL },
      };
    }),
};
