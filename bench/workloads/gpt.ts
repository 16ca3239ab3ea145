/** Our side of the workload `gpt`: pre-norm blocks, learned positions, a head of its own.
 *
 * Source: Radford et al., "Language models are unsupervised multitask learners" (2019). */

import { foldKey, type Tensor } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import {
  type Context,
  embedding,
  initializers,
  layerNorm,
  linear,
  type TransformerBlockParameters,
  transformerBlock,
} from "../../src/learn/nn/index.ts";
import { categorical } from "../../src/learn/prob/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import allSizes from "./sizes.json" with { type: "json" };
import { makeTokenBatch } from "./tokens.ts";

const sizes = allSizes.gpt;
const { tokens: length, vocabulary, width, heads, layers } = sizes;

const small = initializers.normal(0.02);
const block = transformerBlock({ width, heads, init: small });

const ends = {
  token: embedding({ count: vocabulary, size: width, init: small }),
  position: embedding({ count: length, size: width, init: small }),
  norm: layerNorm({ shape: width }),
  head: linear({ inputs: width, outputs: vocabulary, bias: false, init: small }),
};

interface Parameters {
  readonly blocks: readonly TransformerBlockParameters[];
  readonly ends: { readonly [N in keyof typeof ends]: ReturnType<(typeof ends)[N]["init"]> };
}

/** Logits of the next token, [B, T, vocabulary]. */
function predict({ blocks, ends: p }: Parameters, tokens: Tensor, context: Context): Tensor {
  const embedded = ends.token.apply(p.token, tokens, context).add(p.position.weight); // [B, T, C]
  const mask = { causal: true };
  const x = blocks.reduce((y, parameters) => block.apply(parameters, y, { mask }, context).output, embedded);
  return ends.head.apply(p.head, ends.norm.apply(p.norm, x, context), context);
}

const family: TrainableFamily = {
  inputs: { tokens: { dtype: "int32", shape: [length + 1] } },
  init: (key) => ({
    blocks: Array.from({ length: layers }, (_, i) => block.init(foldKey(key, i))),
    ends: {
      token: ends.token.init(foldKey(key, layers)),
      position: ends.position.init(foldKey(key, layers + 1)),
      norm: ends.norm.init(key),
      head: ends.head.init(foldKey(key, layers + 2)),
    },
  }),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { tokens }, context) => {
        const logits = predict(parameters as never, tokens.slice(1, 0, length), context);
        const loss = categorical({ logits })
          .logProb(tokens.slice(1, 1, length))
          .mean()
          .neg();
        return { loss, metrics: {} };
      },
    },
  ],
};

export const program: FamilyProgram = { family, sizes, makeBatch: (index) => makeTokenBatch(index, sizes, length + 1) };
