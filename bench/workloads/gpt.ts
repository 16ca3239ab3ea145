/** Our side of the workload `gpt`: pre-norm blocks, learned positions, a head of its own.
 *
 * Source: Radford et al., "Language models are unsupervised multitask learners" (2019). */

import { foldKey, type Tensor, type TensorTree } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import {
  type Context,
  embedding,
  gelu,
  initializers,
  layerNorm,
  linear,
  sequential,
} from "../../src/learn/nn/index.ts";
import { categorical } from "../../src/learn/prob/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { attend, future, initAll, joinHeads, splitHeads, type Trees } from "./attention.ts";
import allSizes from "./sizes.json" with { type: "json" };
import { makeTokenBatch } from "./tokens.ts";

const sizes = allSizes.gpt;
const { tokens: length, vocabulary, width, heads, layers } = sizes;

const small = initializers.normal(0.02);
const affine = { init: small, biasInit: initializers.zeros };

const block = {
  norm1: layerNorm({ shape: width }),
  qkv: linear({ inputs: width, outputs: 3 * width, ...affine }),
  out: linear({ inputs: width, outputs: width, ...affine }),
  norm2: layerNorm({ shape: width }),
  mlp: sequential(
    linear({ inputs: width, outputs: 4 * width, ...affine }),
    gelu,
    linear({ inputs: 4 * width, outputs: width, ...affine }),
  ),
};

function applyBlock(p: Trees, x: Tensor, context: Context): Tensor {
  const normed = block.norm1.apply(p.norm1, x, context);
  const [q, k, v] = block.qkv
    .apply(p.qkv, normed, context)
    .split(3)
    .map((part) => splitHeads(part, heads));
  const attended = x.add(block.out.apply(p.out, joinHeads(attend(q, k, v, future(length))), context));
  return attended.add(block.mlp.apply(p.mlp, block.norm2.apply(p.norm2, attended, context), context));
}

const ends = {
  token: embedding({ count: vocabulary, size: width, init: small }),
  position: embedding({ count: length, size: width, init: small }),
  norm: layerNorm({ shape: width }),
  head: linear({ inputs: width, outputs: vocabulary, bias: false, init: small }),
};

type Parameters = { readonly blocks: readonly TensorTree[]; readonly ends: Trees };

/** Logits of the next token, [B, T, vocabulary]. */
function predict({ blocks, ends: p }: Parameters, tokens: Tensor, context: Context): Tensor {
  const position = p.position as { readonly weight: Tensor };
  const embedded = ends.token.apply(p.token, tokens, context).add(position.weight); // [B, T, C]
  const x = blocks.reduce<Tensor>((y, parameters) => applyBlock(parameters as Trees, y, context), embedded);
  return ends.head.apply(p.head, ends.norm.apply(p.norm, x, context), context);
}

const family: TrainableFamily = {
  inputs: { tokens: { dtype: "int32", shape: [length + 1] } },
  init: (key) => ({
    blocks: Array.from({ length: layers }, (_, i) => initAll(block, foldKey(key, i))),
    ends: initAll(ends, foldKey(key, layers)),
  }),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { tokens }, context) => {
        const logits = predict(parameters as Parameters, tokens.slice(1, 0, length), context);
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
