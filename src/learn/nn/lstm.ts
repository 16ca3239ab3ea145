/** Long short-term memory. */

import { concat, full, scan, type Tensor } from "../../core/trace/index.ts";
import {
  type Cell,
  type Entering,
  type RecurrentLayer,
  type RecurrentOptions,
  recurrent,
  unlessPadding,
} from "./recurrent.ts";

export interface LstmOptions extends RecurrentOptions {
  /** What both biases of each forget gate sum up to at first, such as 1; as `init` says where absent. */
  readonly forgetBias?: number;
}

export type LstmState = {
  /** The hidden state. */
  readonly h: Tensor;
  /** The cell state. */
  readonly c: Tensor;
};

/** What an LSTM did at each step: the gates, 0 to 1 but for the candidate, and what came of them. */
export type LstmSteps = {
  readonly input: Tensor;
  readonly forget: Tensor;
  /** What may enter the cell, -1 to 1. */
  readonly candidate: Tensor;
  readonly output: Tensor;
  readonly cell: Tensor;
  readonly hidden: Tensor;
};

const cell: Cell<LstmState, LstmSteps> = {
  name: "lstm",
  gates: 4,
  parts: ["h", "c"],
  scan: ({ weightInput, weightHidden, biasInput, biasHidden }, x, start, reverse, counts) => {
    const entering = weightInput.matmul(x); // [T, 4 hidden, B]
    const bias = biasInput.add(biasHidden).expand(entering.shape.slice(1));
    const step = ({ h, c }: LstmState, { entered, counts: counting }: Entering) => {
      const gates = weightHidden.matmul(h).add(entered).add(bias).split(4, 0);
      const [input, forget, output] = [gates[0], gates[1], gates[3]].map((gate) => gate.sigmoid());
      const candidate = gates[2].tanh();
      const cell = unlessPadding(forget.mul(c).add(input.mul(candidate)), c, counting);
      const hidden = unlessPadding(output.mul(cell.tanh()), h, counting);
      return { carry: { h: hidden, c: cell }, y: { input, forget, candidate, output, cell, hidden } };
    };
    const { carry: last, ys: steps } = scan(step, start, { entered: entering, ...(counts && { counts }) } as Entering, {
      reverse,
    });
    return { last, steps };
  },
};

/**
 * A long short-term memory: gates decide at each step what enters the cell, what stays in it and what is seen of it.
 *
 * [i f g o] = W_ih x_t + b_ih + W_hh h + b_hh; c' = sigmoid(f) c + sigmoid(i) tanh(g); h' = sigmoid(o) tanh(c')
 *
 * Shapes: x [B, T, inputs] -> [B, T, directions * hidden]; parameters: {@link RecurrentParameters}, gates in the order
 * i, f, g, o. `run` also gives the last state, gates and cells.
 * @throws GalateaError `config` when a size is no positive integer or dropout is outside [0, 1).
 *
 * Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000), no
 * peepholes; names and layouts as PyTorch's `nn.LSTM`. A forget bias of 1: Jozefowicz et al. (2015).
 */
export function lstm(options: LstmOptions): RecurrentLayer<LstmState, LstmSteps> {
  const layer = recurrent(cell, options);
  const { forgetBias, hidden } = options;
  if (forgetBias === undefined) return layer;
  const init: typeof layer.init = (key) => {
    const withBias = ([name, parameter]: [string, Tensor]): [string, Tensor] => {
      if (!name.startsWith("bias")) return [name, parameter];
      const forget = full([hidden], name.startsWith("bias_ih") ? forgetBias : 0);
      const [before, after] = [parameter.slice(0, 0, hidden), parameter.slice(0, 2 * hidden, 2 * hidden)];
      return [name, concat([before, forget, after])];
    };
    return Object.fromEntries(Object.entries(layer.init(key)).map(withBias));
  };
  return { ...layer, init };
}
