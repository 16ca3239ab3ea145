/** A GPT over the characters of tiny Shakespeare, in the configuration that nanoGPT names for a processor. */

import { join } from "node:path";
import { readTextFile, textSplits } from "../../src/run/data/index.ts";
import type { Row } from "./row.ts";
import { dataFolder, trainAndJudge } from "./train-and-judge.ts";

/** Share of the text that is trained on; the rest is validated on, as there. */
const trained = 0.9;

export const gptShakespeare: Row = {
  row: "gpt-shakespeare",
  metric: "cross-entropy of the last tenth of the text, nats a character, windows of 64 that follow one another",
  bound: 1.88,
  direction: "at most",
  published: 1.88,
  source:
    "nanoGPT (Karpathy, 2022), README: 4 layers, 4 heads, 128 wide, context 64, batch 12, 2,000 steps on a processor",
  run: async (context) => {
    const text = await readTextFile(join(dataFolder(), "tiny-shakespeare/input.txt.gz"));
    const cut = Math.floor(trained * text.length);
    const [train, rest] = [text.slice(0, cut), text.slice(cut)];
    const reading = { tokenizer: "characters", vocabulary: 0, places: 64 };
    const parts = { train, validation: rest, test: rest };
    const data = await textSplits("tiny-shakespeare", "tiny Shakespeare", parts, reading);
    const training = { preset: "text/gpt", options: { evaluateEvery: 500 }, data };
    return { value: await trainAndJudge(context, training, "crossEntropy"), seed: context.seed };
  },
};
