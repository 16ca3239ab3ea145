/** Captions from English to German: Multi30k, test set of 2016. */

import { trainAndAnswer } from "./pairs.ts";
import type { Row } from "./row.ts";

/** What these rows share: the texts as they are, and one vocabulary of byte pairs for both languages. */
const reading = {
  source: "en",
  target: "de",
  only: ".",
  tokenizer: "pairs",
  vocabulary: 5000,
  sourcePlaces: 52,
  targetPlaces: 52,
  longer: "cut",
};

interface TranslateRow {
  readonly kind: string;
  readonly preset: string;
  readonly bound: number;
  readonly published: number | null;
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>>;
}

function translateRow({ kind, preset, bound, published, source, options }: TranslateRow): Row {
  const about = "Multi30k en-de, test 2016, beams of 5";
  return {
    row: `translate-${kind}`,
    metric: `BLEU whatever the case (13a tokens), ${about}`,
    bound,
    direction: "at least",
    published,
    source,
    also: [
      {
        row: `translate-${kind}-cased`,
        metric: `BLEU as sacreBLEU computes it, case included, ${about}`,
        published: null,
        source: "the published number is of texts in lower case",
      },
    ],
    run: async (context) => {
      const found = await trainAndAnswer(context, {
        preset,
        options: { ...reading, ...options },
        path: "multi30k",
        metrics: ["bleuLowerCase", "bleu", "chrf"],
        controls: { beams: 5 },
      });
      return {
        value: found.bleuLowerCase,
        seed: context.seed,
        also: { [`translate-${kind}-cased`]: found.bleu },
      };
    },
  };
}

export const translateTransformer = translateRow({
  kind: "transformer",
  preset: "translate/transformer",
  bound: 36,
  published: 41.02,
  source: "Wu et al., Good for misconceived reasons (2021), table 1: Transformer-Tiny, 2.6 M parameters",
  options: { steps: 5000, batchSize: 128, evaluateEvery: 500, learningRate: 0.003, warmupSteps: 1000 },
});

export const translateLstm = translateRow({
  kind: "lstm",
  preset: "translate/lstm-attention",
  bound: 30,
  published: null,
  source: "no published number of this model on this data",
  options: {
    steps: 3500,
    batchSize: 96,
    optimizer: "muon",
    momentum: 0.95,
    learningRate: 0.003,
    warmupSteps: 300,
    evaluateEvery: 500,
  },
});
