/** Gated recurrent units. */

import { concat, scan, type Tensor, zeros } from "../../core/trace/index.ts";
import {
  type Cell,
  type Entering,
  type RecurrentLayer,
  type RecurrentOptions,
  recurrent,
  unlessPadding,
} from "./recurrent.ts";

export type GruState = { readonly h: Tensor };

/** What a GRU did at each step. */
export type GruSteps = {
  /** How much of the old state the candidate sees, 0 to 1. */
  readonly reset: Tensor;
  /** How much of the old state stays, 0 to 1. */
  readonly update: Tensor;
  readonly candidate: Tensor;
  readonly hidden: Tensor;
};

const cell: Cell<GruState, GruSteps> = {
  name: "gru",
  gates: 3,
  parts: ["h"],
  scan: ({ weightInput, weightHidden, biasInput, biasHidden }, x, start, reverse, counts) => {
    const hidden = weightHidden.shape[1];
    // The candidate's hidden bias stands inside of the product with the reset gate, the others are added at once.
    const outer = concat([biasHidden.slice(0, 0, 2 * hidden), zeros([hidden, 1])]);
    const candidateBias = biasHidden.slice(0, 2 * hidden, hidden);
    const entering = weightInput.matmul(x).add(biasInput.add(outer)); // [T, 3 hidden, B]
    const step = ({ h }: GruState, { entered, counts: counting }: Entering) => {
      const [fromInput, fromState] = [entered, weightHidden.matmul(h)].map((part) => part.split(3, 0));
      const reset = fromInput[0].add(fromState[0]).sigmoid();
      const update = fromInput[1].add(fromState[1]).sigmoid();
      const candidate = fromInput[2].add(reset.mul(fromState[2].add(candidateBias))).tanh();
      const next = unlessPadding(candidate.add(update.mul(h.sub(candidate))), h, counting);
      return { carry: { h: next }, y: { reset, update, candidate, hidden: next } };
    };
    const { carry: last, ys: steps } = scan(step, start, { entered: entering, ...(counts && { counts }) } as Entering, {
      reverse,
    });
    return { last, steps };
  },
};

/**
 * A gated recurrent unit: one gate says what of the old state the new one sees, another how much of it stays.
 *
 * r = sigmoid(W_ir x_t + b_ir + W_hr h + b_hr); z = sigmoid(W_iz x_t + b_iz + W_hz h + b_hz);
 * n = tanh(W_in x_t + b_in + r (W_hn h + b_hn)); h' = (1 - z) n + z h
 *
 * Shapes: x [B, T, inputs] -> [B, T, directions * hidden]; parameters: {@link RecurrentParameters}, gates in the order
 * r, z, n. `run` also gives the last state and gates.
 * @throws GalateaError `config` when a size is no positive integer or dropout is outside [0, 1).
 *
 * Source: Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014); the place of the reset gate,
 * names and layouts as PyTorch's `nn.GRU`.
 */
export function gru(options: RecurrentOptions): RecurrentLayer<GruState, GruSteps> {
  return recurrent(cell, options);
}
