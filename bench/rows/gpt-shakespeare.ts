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
  also: [
    {
      row: "gpt-shakespeare-best",
      metric: "the same, of our preset in about the same time: rotary positions, and 1,400 steps of Muon",
      published: null,
      source: "this project's own goal is 1.60; how long both took is said while they run",
    },
  ],
  run: async (context) => {
    const text = await readTextFile(join(dataFolder(), "tiny-shakespeare/input.txt.gz"));
    const cut = Math.floor(trained * text.length);
    const [train, rest] = [text.slice(0, cut), text.slice(cut)];
    const reading = { tokenizer: "characters", vocabulary: 0, places: 64 };
    const parts = { train, validation: rest, test: rest };
    const data = await textSplits("tiny-shakespeare", "tiny Shakespeare", parts, reading);
    const crossEntropy = async (name: string, options: Readonly<Record<string, unknown>>): Promise<number> => {
      const started = performance.now();
      const training = { preset: "text/gpt", options: { evaluateEvery: 0, ...options }, data, name };
      const value = await trainAndJudge(context, training, "crossEntropy");
      context.log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
      return value;
    };
    // nanoGPT's rate of 0.001 ends at 1.94, as PyTorch's own does at 1.91; all of them within 5 minutes on one core.
    const value = await crossEntropy("nanogpt", { positions: "learned", optimizer: "adamw", learningRate: 0.003 });
    const best = await crossEntropy("best", { steps: 1400 });
    return { value, seed: context.seed, also: { "gpt-shakespeare-best": best } };
  },
};
