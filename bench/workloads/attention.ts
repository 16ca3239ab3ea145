/** Attention of the transformer workloads: many heads, each over its share of the width. */

import { foldKey, range, type Tensor, type TensorTree, where } from "../../src/core/index.ts";
import { type Context, linear, type Module } from "../../src/learn/nn/index.ts";

/** Modules by name, and their parameters by the same names. */
export type Modules = Readonly<Record<string, Module>>;
export type Trees = Readonly<Record<string, never>>;

/** Parameters of all modules, by name. */
export function initAll(modules: Modules, key: Tensor): TensorTree {
  const trees = Object.entries(modules).map(([name, { init }], i) => [name, init(foldKey(key, i))] as const);
  return Object.fromEntries(trees);
}

/** True where a token would look at one after it: bool [T, T]. */
export function future(length: number): Tensor {
  return range(length).reshape([length, 1]).less(range(length));
}

/** Weighted means of v: q [B, heads, T, D], k and v [B, heads, S, D], hidden bool [T, S] -> [B, heads, T, D]. */
export function attend(q: Tensor, k: Tensor, v: Tensor, hidden?: Tensor): Tensor {
  const scores = q.matmul(k, { transposeB: true }).mul((q.shape.at(-1) as number) ** -0.5);
  return (hidden ? where(hidden, -1e9, scores) : scores).softmax().matmul(v);
}

/** [B, T, heads * D] -> [B, heads, T, D]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape;
  return x.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]);
}

/** [B, heads, T, D] -> [B, T, heads * D]. */
export function joinHeads(x: Tensor): Tensor {
  const [batch, heads, length, size] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([batch, length, heads * size]);
}

export interface CrossAttention {
  init(key: Tensor): TensorTree;
  /** Queries from x [B, T, C], keys and values from a memory [B, S, C]. */
  apply(parameters: TensorTree, x: Tensor, memory: Tensor, context: Context, hidden?: Tensor): Tensor;
}

/** Attention with a matrix of its own for queries, keys, values and the result. */
export function crossAttention(width: number, heads: number, options: object): CrossAttention {
  const square = linear({ inputs: width, outputs: width, ...options });
  const modules = { query: square, key: square, value: square, out: square };
  return {
    init: (key) => initAll(modules, key),
    apply: (tree, x, memory, context, hidden) => {
      const p = tree as Trees;
      const [q, k, v] = (
        [
          ["query", x],
          ["key", memory],
          ["value", memory],
        ] as const
      ).map(([name, from]) => splitHeads(square.apply(p[name], from, context), heads));
      return square.apply(p.out, joinHeads(attend(q, k, v, hidden)), context);
    },
  };
}
