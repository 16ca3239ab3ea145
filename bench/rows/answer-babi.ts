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

const metric = "mean error of 20 tasks, %, 1,000 test questions each, bAbI 1k, one model for all tasks";

/** The story's last 32 sentences: of task 3, whose stories are far longer, most questions lose some. */
const options = {
  sentences: 32,
  steps: 9000,
  optimizer: "muon",
  momentum: 0.95,
  learningRate: 0.003,
  warmupSteps: 300,
  evaluateEvery: 1000,
};

export const answerBabi: Row = {
  row: "answer-babi",
  metric,
  bound: 22.1,
  direction: "at most",
  published: 22.1,
  source: `${source}: transformer`,
  also: [
    {
      row: "answer-babi-failed",
      metric: "tasks of 20 with an error above 5 %, of the same model",
      published: 12,
      source: `${source}: transformer`,
    },
    {
      row: "answer-babi-recurrent",
      metric: `${metric}; one block applied four times`,
      published: 7.78,
      source: `${source}: universal transformer; Sukhbaatar et al. (2015), table 1, best memory network: 12.4`,
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      const errorsOf = async (name: string, own: Readonly<Record<string, unknown>>): Promise<readonly number[]> => {
        const training = { preset: "answer/transformer", options: { ...options, ...own }, source: "babi", name };
        const { run, data } = await trainOn(context, backend, training);
        const errors: number[] = [];
        for (const test of await byTask(data.test)) {
          const { exactMatch } = await judgeAnswers(context, backend, run, { ...data, test }, ["exactMatch"]);
          errors.push(100 - exactMatch);
        }
        context.log(`${name}, errors of tasks 1 to 20, %: ${errors.map((error) => error.toFixed(1)).join(", ")}`);
        return errors;
      };
      const mean = (errors: readonly number[]): number => errors.reduce((sum, error) => sum + error, 0) / errors.length;
      const plain = await errorsOf("transformer", {});
      const recurrent = await errorsOf("recurrent", { recurrentDepth: true });
      const also = {
        "answer-babi-failed": plain.filter((error) => error > 5).length,
        "answer-babi-recurrent": mean(recurrent),
      };
      return { value: mean(plain), seed: context.seed, also };
    }),
};
