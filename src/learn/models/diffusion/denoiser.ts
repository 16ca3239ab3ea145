/** What the networks of diffusion have in common: their contract, and how they are told time and class. */

import { concat, foldKey, type Tensor, type TensorTree, tensor } from "../../../core/trace/index.ts";
import { type Context, embedding, initializers, linear, silu } from "../../nn/index.ts";

/** What a network is told beside the noisy examples. */
export interface DenoiserInputs {
  /** Time, in thousandths: [B], or [1] where it is the same for all. */
  readonly time: Tensor;
  /** int32 [B], the number of classes standing for none of them; absent where there are no classes. */
  readonly label?: Tensor;
}

/** A network that looks at noisy examples: x [B, ...] -> [B, ...]. */
export interface Denoiser {
  init(key: Tensor): TensorTree;
  apply(parameters: TensorTree, x: Tensor, inputs: DenoiserInputs, context: Context): Tensor;
}

/** Thousandths in the whole of time. */
export const timeScale = 1000;

/** Before SiLU, as before ReLU. */
export const hiddenInit = { init: initializers.heUniform, biasInit: initializers.zeros };
/** Of what is added to a residual stream, and of outputs: the network begins as the identity, and gives 0. */
export const zeroInit = { init: initializers.zeros, biasInit: initializers.zeros };
export const plainInit = { init: initializers.glorotUniform, biasInit: initializers.zeros };

/** Parameter trees by name. A network knows its own structure, which types of traced records would only repeat. */
export type Trees = Readonly<Record<string, TensorTree>>;

interface Initialized {
  init(key: Tensor): TensorTree;
}

/** Fresh parameters of named parts. */
export function initParts(parts: Readonly<Record<string, Initialized>>, key: Tensor): Trees {
  return Object.fromEntries(Object.entries(parts).map(([name, part], i) => [name, part.init(foldKey(key, i))]));
}

/**
 * Sines and cosines of times at geometrically falling frequencies, 1 down to 1 / 10,000. Shapes: [B] -> [B, size].
 *
 * Source: Vaswani et al., "Attention is all you need" (2017), section 3.5, as Ho et al. (2020) use it for time.
 */
export function embedTime(time: Tensor, size: number): Tensor {
  const count = size / 2;
  const frequencies = Array.from({ length: count }, (_, i) => 10_000 ** (-i / count));
  const angles = time.reshape([time.size, 1]).mul(tensor(frequencies, [count]));
  return concat([angles.sin(), angles.cos()], 1);
}

export interface ConditioningOptions {
  /** Size of the vector that tells the network time and class. */
  readonly width: number;
  readonly classes?: number;
}

/** Numbers of sines and cosines. */
const frequencies = 64;

/** The vector of time and class. */
export interface Conditioning {
  init(key: Tensor): TensorTree;
  /** [B, width], after SiLU; [1, width] where nothing tells examples apart. */
  apply(parameters: TensorTree, inputs: DenoiserInputs, context: Context): Tensor;
}

/**
 * silu(W2 silu(W1 embedTime(t)) + table[label]); the table's last row stands for no class.
 *
 * Source: Ho et al. (2020) for time; Nichol and Dhariwal (2021) for adding classes.
 */
export function conditioning({ width, classes }: ConditioningOptions): Conditioning {
  const parts = {
    time1: linear({ inputs: frequencies, outputs: width, ...hiddenInit }),
    time2: linear({ inputs: width, outputs: width, ...plainInit }),
    ...(classes !== undefined && {
      label: embedding({ count: classes + 1, size: width, init: initializers.normal(0.02) }),
    }),
  };
  return {
    init: (key) => initParts(parts, key),
    apply: (tree, { time, label }, context) => {
      const { time1, time2, label: table } = tree as Readonly<Record<string, never>>;
      const embedded = parts.time1.apply(time1, embedTime(time, frequencies), context);
      const told = parts.time2.apply(time2, silu(embedded), context);
      return silu(parts.label && label ? told.add(parts.label.apply(table, label, context)) : told);
    },
  };
}
