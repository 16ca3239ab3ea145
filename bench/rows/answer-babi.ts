/** bAbI's 20 tasks, 1,000 questions of each to train on, all learned together by one transformer. */

import { type Dataset, subset } from "../../src/run/index.ts";
import { judgeAnswers, trainOn } from "./answer-and-judge.ts";
import type { Row } from "./row.ts";
import { withBackend } from "./train-and-judge.ts";

/** The examples of each task, by its name. */
async function byTask(dataset: Dataset): Promise<readonly Dataset[]> {
  const { label } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
  return (dataset.classes ?? []).map((name, task) => {
    const own = Array.from(label, Number).flatMap((number, i) => (number === task ? [i] : []));
    return subset(dataset, own, name);
  });
}

const source = "Dehghani et al., Universal transformers (2019), table 1: bAbI 1k, trained on all tasks";

export const answerBabi: Row = {
  row: "answer-babi",
  metric: "mean error of 20 tasks, %, 1,000 test questions each, bAbI 1k, one model for all tasks",
  bound: 22.1,
  direction: "at most",
  published: 22.1,
  source: `${source}: transformer`,
  also: [
    {
      row: "answer-babi-failed",
      metric: "tasks of 20 with an error above 5 %",
      published: 12,
      source: `${source}: transformer`,
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      // The story's last 40 sentences: of task 3, whose stories are far longer, half of the questions lose some.
      const options = {
        sentences: 40,
        steps: 30_000,
        evaluateEvery: 3000,
        recurrentDepth: true,
        learningRate: 0.001,
        warmupSteps: 1000,
      };
      const { run, data } = await trainOn(context, backend, { preset: "answer/transformer", options, source: "babi" });
      const errors: number[] = [];
      for (const test of await byTask(data.test)) {
        const { exactMatch } = await judgeAnswers(context, backend, run, { ...data, test }, ["exactMatch"]);
        errors.push(100 - exactMatch);
      }
      context.log(`errors of tasks 1 to 20, %: ${errors.map((error) => error.toFixed(1)).join(", ")}`);
      const value = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      return { value, seed: context.seed, also: { "answer-babi-failed": errors.filter((error) => error > 5).length } };
    }),
};
