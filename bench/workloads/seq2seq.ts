/** Our side of the workload `seq2seq`: an encoder-decoder transformer, post-norm, one table of vectors for source,
 * target and output.
 *
 * Source: Vaswani et al., "Attention is all you need" (2017). */

import { foldKey, type Tensor, type TensorTree, tensor } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import {
  type Context,
  embedding,
  initializers,
  layerNorm,
  linear,
  relu,
  sequential,
} from "../../src/learn/nn/index.ts";
import type { HostBatch } from "../../src/run/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import { crossAttention, future, initAll, type Modules, type Trees } from "./attention.ts";
import allSizes from "./sizes.json" with { type: "json" };
import { makeTokenBatch } from "./tokens.ts";

const sizes = allSizes.seq2seq;
const { tokens: length, vocabulary, width, heads, layers, feedForward, smoothing } = sizes;

const affine = { init: initializers.glorotUniform, biasInit: initializers.zeros };
const norm = layerNorm({ shape: width });
const attention = crossAttention(width, heads, affine);
const mlp = sequential(
  linear({ inputs: width, outputs: feedForward, ...affine }),
  relu,
  linear({ inputs: feedForward, outputs: width, ...affine }),
);
const table = embedding({ count: vocabulary, size: width, init: initializers.normal(width ** -0.5) });

const encoderLayer = { attention, mlp, norm1: norm, norm2: norm };
const decoderLayer = { attention, cross: attention, mlp, norm1: norm, norm2: norm, norm3: norm };

function encode(p: Trees, x: Tensor, context: Context): Tensor {
  const attended = norm.apply(p.norm1, x.add(attention.apply(p.attention, x, x, context)), context);
  return norm.apply(p.norm2, attended.add(mlp.apply(p.mlp, attended, context)), context);
}

function decode(p: Trees, x: Tensor, memory: Tensor, context: Context): Tensor {
  const own = norm.apply(p.norm1, x.add(attention.apply(p.attention, x, x, context, future(length))), context);
  const crossed = norm.apply(p.norm2, own.add(attention.apply(p.cross, own, memory, context)), context);
  return norm.apply(p.norm3, crossed.add(mlp.apply(p.mlp, crossed, context)), context);
}

/** Sines and cosines of positions at geometrically falling frequencies, by turns: [T, C]. */
function positions(): Tensor {
  const numbers = Array.from({ length: length * width }, (_, place) => {
    const [position, i] = [Math.floor(place / width), place % width];
    const angle = position * 10_000 ** (-(i - (i % 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return tensor(numbers, [length, width]);
}

type Parameters = {
  readonly table: { readonly weight: Tensor };
  readonly encoder: readonly TensorTree[];
  readonly decoder: readonly TensorTree[];
};

/** Logits of the target's next token, [B * T, vocabulary]. */
function predict(parameters: Parameters, source: Tensor, target: Tensor, context: Context): Tensor {
  const { weight } = parameters.table;
  const embed = (tokens: Tensor): Tensor =>
    table.apply(parameters.table, tokens, context).mul(Math.sqrt(width)).add(positions());
  const memory = parameters.encoder.reduce<Tensor>((x, p) => encode(p as Trees, x, context), embed(source));
  const y = parameters.decoder.reduce<Tensor>((x, p) => decode(p as Trees, x, memory, context), embed(target));
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
    encoder: stack(encoderLayer, foldKey(key, 1)),
    decoder: stack(decoderLayer, foldKey(key, 2)),
  }),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { source, target }, context) => {
        const logits = predict(parameters as Parameters, source, target.slice(1, 0, length), context);
        return { loss: smoothedLoss(logits, target.slice(1, 1, length).reshape([-1])), metrics: {} };
      },
    },
  ],
};

function stack(modules: object, key: Tensor): TensorTree[] {
  return Array.from({ length: layers }, (_, i) => initAll(modules as Modules, foldKey(key, i)));
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
