/** The GPT of bench/workloads/gpt.ts in jax-js. */

import { nn, numpy as np } from "@jax-js/jax";
import { tokenBatches } from "../data.mjs";
import { crossEntropy, dense, layerNorm, normal, normParameters, trainer } from "./layers.mjs";

function affine(inputs, outputs) {
  return { weight: normal([inputs, outputs], 0.02), bias: np.zeros([outputs]) };
}

function blockParameters(width) {
  return {
    norm1: normParameters(width),
    qkv: affine(width, 3 * width),
    out: affine(width, width),
    norm2: normParameters(width),
    up: affine(width, 4 * width),
    down: affine(4 * width, width),
  };
}

function applyBlock(p, x, { batch, tokens, width, heads }) {
  const size = width / heads;
  const joint = dense(p.qkv, layerNorm(p.norm1, x)).reshape([batch, tokens, 3, heads, size]);
  const [q, k, v] = np.unstack(np.transpose(joint, [2, 0, 3, 1, 4])); // [B, heads, T, D] each
  const scores = np.matmul(q, np.matrixTranspose(k)).mul(size ** -0.5);
  const visible = np.tri(tokens, tokens, 0, { dtype: np.bool });
  const weights = nn.softmax(np.where(visible, scores, -1e9), -1);
  const mixed = np.transpose(np.matmul(weights, v), [0, 2, 1, 3]).reshape([batch, tokens, width]);
  const attended = x.ref.add(dense(p.out, mixed));
  const inner = nn.gelu(dense(p.up, layerNorm(p.norm2, attended)), { approximate: false });
  return attended.ref.add(dense(p.down, inner));
}

export async function build(sizes) {
  const { batch, tokens, vocabulary, width, layers } = sizes;
  const batches = tokenBatches(sizes, tokens + 1).map((data) => {
    const text = np.array(data).reshape([batch, tokens + 1]);
    return { inputs: text.ref.slice([], [0, tokens]), labels: text.slice([], [1, tokens + 1]) };
  });
  const parameters = {
    table: normal([vocabulary, width], 0.02),
    positions: normal([tokens, width], 0.02),
    blocks: Array.from({ length: layers }, () => blockParameters(width)),
    norm: normParameters(width),
    head: { weight: normal([width, vocabulary], 0.02) },
  };
  return trainer(sizes, parameters, batches, (p, { inputs, labels }) => {
    const embedded = np.matmul(nn.oneHot(inputs.ref, vocabulary), p.table.ref).add(p.positions.ref);
    const x = p.blocks.reduce((y, block) => applyBlock(block, y, sizes), embedded);
    return crossEntropy(dense(p.head, layerNorm(p.norm, x)), labels);
  });
}
