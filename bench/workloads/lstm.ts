/** Our side of the workload `lstm`: a language model of stacked LSTM layers.
 *
 * Source: Zaremba, Sutskever and Vinyals, "Recurrent neural network regularization" (2014), without dropout. */

import { foldKey } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import { embedding, linear, lstm, sequential } from "../../src/learn/nn/index.ts";
import { categorical } from "../../src/learn/prob/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import allSizes from "./sizes.json" with { type: "json" };
import { makeTokenBatch } from "./tokens.ts";

const sizes = allSizes.lstm;
const { tokens: length, vocabulary, width, layers } = sizes;

const network = sequential(
  embedding({ count: vocabulary, size: width }),
  lstm({ inputs: width, hidden: width, layers }),
  linear({ inputs: width, outputs: vocabulary }),
);

const family: TrainableFamily = {
  inputs: { tokens: { dtype: "int32", shape: [length + 1] } },
  init: (key) => network.init(foldKey(key, 0)),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { tokens }, context) => {
        const logits = network.apply(parameters as never, tokens.slice(1, 0, length), context);
        return {
          loss: categorical({ logits })
            .logProb(tokens.slice(1, 1, length))
            .mean()
            .neg(),
          metrics: {},
        };
      },
    },
  ],
};

export const program: FamilyProgram = {
  family,
  sizes,
  makeBatch: (index) => makeTokenBatch(index, sizes, length + 1),
};
