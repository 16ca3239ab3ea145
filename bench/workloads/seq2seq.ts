/** Our side of the workload `seq2seq`: an encoder-decoder transformer, post-norm, one table of vectors for source,
 * target and output.
 *
 * Source: Vaswani et al., "Attention is all you need" (2017). */

import { foldKey, type Tensor, tensor } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import {
  type Context,
  embedding,
  initializers,
  type TransformerBlock,
  type TransformerBlockParameters,
  transformerBlock,
} from "../../src/learn/nn/index.ts";
import type { HostBatch } from "../../src/run/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import allSizes from "./sizes.json" with { type: "json" };
import { makeTokenBatch } from "./tokens.ts";

const sizes = allSizes.seq2seq;
const { tokens: length, vocabulary, width, heads, layers, feedForward, smoothing } = sizes;

const table = embedding({ count: vocabulary, size: width, init: initializers.normal(width ** -0.5) });
const common = { width, heads, hidden: feedForward, init: initializers.glorotUniform } as const;
const encoder = transformerBlock({ ...common, activation: "relu", norm: "after" });
const decoder = transformerBlock({ ...common, activation: "relu", norm: "after", cross: true });

/** Sines and cosines of positions at geometrically falling frequencies, by turns: [T, C]. */
function positions(): Tensor {
  const numbers = Array.from({ length: length * width }, (_, place) => {
    const [position, i] = [Math.floor(place / width), place % width];
    const angle = position * 10_000 ** (-(i - (i % 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return tensor(numbers, [length, width]);
}

interface Parameters {
  readonly table: { readonly weight: Tensor };
  readonly encoder: readonly TransformerBlockParameters[];
  readonly decoder: readonly TransformerBlockParameters[];
}

/** Logits of the target's next token, [B * T, vocabulary]. */
function predict(parameters: Parameters, source: Tensor, target: Tensor, context: Context): Tensor {
  const { weight } = parameters.table;
  const embed = (tokens: Tensor): Tensor =>
    table.apply(parameters.table, tokens, context).mul(Math.sqrt(width)).add(positions());
  const memory = parameters.encoder.reduce((x, p) => encoder.apply(p, x, {}, context).output, embed(source));
  const inputs = { mask: { causal: true }, memory };
  const y = parameters.decoder.reduce((x, p) => decoder.apply(p, x, inputs, context).output, embed(target));
  return y.reshape([sizes.batch * length, width]).matmul(weight, { transposeB: true });
}

/** Cross-entropy against the right token with weight 1 - smoothing, and all tokens with the rest. */
function smoothedLoss(logits: Tensor, labels: Tensor): Tensor {
  const count = logits.shape[0];
  const chosen = logits.reshape([-1]).gather(labels.add(rowStarts(count))); // [N]
  const logProb = chosen
    .mul(1 - smoothing)
    .add(logits.mean(1).mul(smoothing))
    .sub(logits.logSumExp(1));
  return logProb.mean().neg();
}

function rowStarts(count: number): Tensor {
  return tensor(
    Array.from({ length: count }, (_, row) => row * vocabulary),
    [count],
    "int32",
  );
}

const family: TrainableFamily = {
  inputs: {
    source: { dtype: "int32", shape: [length] },
    target: { dtype: "int32", shape: [length + 1] },
  },
  init: (key) => ({
    table: table.init(foldKey(key, 0)),
    encoder: stack(encoder, foldKey(key, 1)),
    decoder: stack(decoder, foldKey(key, 2)),
  }),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { source, target }, context) => {
        const logits = predict(parameters as never, source, target.slice(1, 0, length), context);
        return { loss: smoothedLoss(logits, target.slice(1, 1, length).reshape([-1])), metrics: {} };
      },
    },
  ],
};

function stack(block: TransformerBlock, key: Tensor): TransformerBlockParameters[] {
  return Array.from({ length: layers }, (_, i) => block.init(foldKey(key, i)));
}

/** The translation is the source, every token exchanged for the next one of the vocabulary. */
function makeBatch(index: number): HostBatch {
  const { tokens } = makeTokenBatch(index, sizes, length + 1);
  const numbers = tokens.data as Int32Array;
  const target = numbers.map((token) => (token + 1) % vocabulary);
  const source = numbers.filter((_, place) => place % (length + 1) > 0);
  return {
    source: { dtype: "int32", shape: [sizes.batch, length], data: source },
    target: { dtype: "int32", shape: [sizes.batch, length + 1], data: target },
  };
}

export const program: FamilyProgram = { family, sizes, makeBatch };
