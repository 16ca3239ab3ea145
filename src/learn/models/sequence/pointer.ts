/** Copying: a network of tokens that may also point at a token that was read, and write that. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, scan, type Tensor, type TensorTree, zeros } from "../../../core/trace/index.ts";
import {
  evaluationContext,
  linear,
  type SequenceAttended,
  type SequenceAttentionParameters,
  sequenceAttention,
} from "../../nn/index.ts";
import type { Memory, TokenNetwork } from "./token-network.ts";

export interface PointerOptions<P extends TensorTree> {
  /** Writes by itself, from states that it shows; its vocabulary is that of the tokens that were read, too. */
  readonly network: TokenNetwork<P>;
  /** Size of its states. */
  readonly states: number;
  /** Size of the memory's places. */
  readonly memory: number;
  /** Weight of the loss for looking at a place again; above 0, pointing knows where it has pointed. 0 where absent. */
  readonly coverage?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type PointerParameters<P extends TensorTree> = {
  readonly network: P;
  readonly attention: SequenceAttentionParameters;
  /** From state and context to the odds of writing by itself: [1, states + memory]. */
  readonly generate: { readonly weight: Tensor; readonly bias: Tensor };
};

/** A type, so that a loop can carry it. */
type PointerState = { readonly network: TensorTree; readonly coverage?: Tensor };

/** Far below the probability of any token that is ever right, and above the least number there is. */
const least = 1e-12;

/**
 * The log-probability of each token where a token is written or copied.
 *
 * log (p softmax(logits)_w + (1 - p) sum of the weights of the places where w was read)
 *
 * Shapes: logits [B, T, V], generates p [B, T, 1], weights [B, T, S], read int32 [B, S] -> [B, T, V].
 *
 * Source: See, Liu and Manning (2017), equation 9.
 */
export function copyMixture(logits: Tensor, generates: Tensor, weights: Tensor, read: Tensor): Tensor {
  const [, , vocabulary] = logits.shape;
  const [batch, steps, places] = weights.shape;
  const copies = generates.neg().add(1).mul(weights);
  const numbers = read.reshape([batch, 1, places]).expand([batch, steps, places]);
  const copied = copies.scatterAddAlongAxis(numbers, vocabulary, 2);
  return logits.softmax(2).mul(generates).add(copied).add(least).log();
}

/**
 * A network that writes each token either by itself or by copying one that was read, and decides at each place which.
 *
 * a = attention of the state over the memory, c its context, p = sigmoid(w [state; c]); then {@link copyMixture}. With
 * coverage the attention knows the sum of its former weights, and the least of both is a penalty at each place.
 *
 * Its logits are log-probabilities. Pointing has an attention of its own, so that it goes with every network that looks at
 * a memory in whatever way. `inside` gains `copyAttention` [B, 1, T, S] and `generates`, p at each place, [B, 1, T, 1].
 * @throws GalateaError `config`, while tracing, without a memory of tokens, or when the network shows no states.
 *
 * Source: See, Liu and Manning, "Get to the point: summarization with pointer-generator networks" (2017). There one
 * attention serves for both, p also sees the token that was read last, and words outside the vocabulary have places in an
 * extended one: byte pairs know no such words.
 */
export function pointerNetwork<P extends TensorTree>(options: PointerOptions<P>): TokenNetwork<PointerParameters<P>> {
  const { network, states: size, memory: width, coverage: penalty = 0 } = options;
  const covers = penalty > 0;
  const look = sequenceAttention({
    score: covers ? "additive" : "general",
    query: size,
    memory: width,
    coverage: covers,
  });
  const gate = linear({ inputs: size + width, outputs: 1 });

  const requireMemory = (memory: Memory | undefined, at: Tensor): Memory & { readonly tokens: Tensor } => {
    const { tokens } = memory ?? {};
    if (memory && tokens) return { ...memory, tokens };
    throw new GalateaError("config", at.path, "a pointer without tokens to point at", "give an encoder of tokens");
  };
  const requireStates = (states: Tensor | undefined, at: Tensor): Tensor => {
    if (states) return states;
    throw new GalateaError("config", at.path, "a pointer over a network without states", "choose another network");
  };
  /** What is written, of states [B, T, size] that looked somewhere. */
  const mixed = (
    parameters: PointerParameters<P>,
    logits: Tensor,
    states: Tensor,
    { context, weights }: SequenceAttended,
    tokens: Tensor,
  ) => {
    const [batch, steps] = states.shape;
    const both = concat([states, context], 2).reshape([batch * steps, size + width]);
    const odds = gate.apply(parameters.generate as never, both, evaluationContext());
    const generates = odds.sigmoid().reshape([batch, steps, 1]);
    return { logits: copyMixture(logits, generates, weights, tokens), generates };
  };
  /** One place's look, with what was looked at before: states [B, 1, size], coverage [B, S]. */
  const lookOnce = (
    parameters: PointerParameters<P>,
    states: Tensor,
    prepared: ReturnType<typeof look.prepare>,
    memory: Memory,
    coverage: Tensor,
  ) => {
    const attended = look.attend(parameters.attention, states, prepared, memory.visible, coverage);
    const [batch, places] = coverage.shape;
    const now = attended.weights.reshape([batch, places]);
    return { attended, coverage: coverage.add(now), again: now.minimum(coverage).sum(1) };
  };

  return {
    views: {
      ...network.views,
      copyAttention: {
        kind: "attention",
        title: "where words are copied from",
        rows: { kind: "said" },
        columns: { kind: "memory" },
      },
      generates: {
        kind: "states",
        title: "how sure it is to write a word of its own rather than to copy one",
        rows: { kind: "said" },
        columns: { kind: "units" },
        range: [0, 1],
      },
    },
    vocabulary: network.vocabulary,
    init: (key) => ({
      network: network.init(foldKey(key, 0)),
      attention: look.init(foldKey(key, 1)),
      generate: gate.init(foldKey(key, 2)) as PointerParameters<P>["generate"],
    }),
    read: (parameters, tokens, memory, context) => {
      const given = requireMemory(memory, tokens);
      const reading = network.read(parameters.network, tokens, given, context);
      const states = requireStates(reading.states, tokens);
      const [batch, steps] = tokens.shape;
      const prepared = look.prepare(parameters.attention, given.places);
      const places = given.places.shape[1];
      let attended: SequenceAttended;
      let penalties: Tensor | undefined;
      if (covers) {
        const { ys } = scan(
          (carry: { readonly coverage: Tensor }, state: Tensor) => {
            const found = lookOnce(parameters, state, prepared, given, carry.coverage);
            return { carry: { coverage: found.coverage }, y: { ...found.attended, again: found.again } };
          },
          { coverage: zeros([batch, places]) },
          states.transpose([1, 0, 2]).reshape([steps, batch, 1, size]),
        );
        const byRows = (y: Tensor): Tensor => y.reshape([steps, batch, y.shape[3]]).transpose([1, 0, 2]);
        attended = { context: byRows(ys.context), weights: byRows(ys.weights) };
        penalties = ys.again.transpose([1, 0]).mul(penalty);
      } else {
        attended = look.attend(parameters.attention, states, prepared, given.visible);
      }
      const { logits, generates } = mixed(parameters, reading.logits, states, attended, given.tokens);
      return {
        logits,
        states,
        ...(penalties && { penalties }),
        inside: {
          ...reading.inside,
          copyAttention: attended.weights.reshape([batch, 1, steps, places]),
          generates: generates.reshape([batch, 1, steps, 1]),
        },
      };
    },
    begin: (parameters, sizes, memory) => {
      const given = requireMemory(memory, parameters.generate.weight);
      const inner = network.begin(parameters.network, sizes, given);
      const prepared = look.prepare(parameters.attention, given.places);
      const { batch } = sizes;
      const none = zeros([batch, given.places.shape[1]]);
      const first: PointerState = { network: inner.state, ...(covers && { coverage: none }) };
      const { blocks } = inner;
      const settle = (state: TensorTree, start: Tensor): TensorTree => {
        const { network: before, ...rest } = state as PointerState;
        return { ...rest, network: blocks ? blocks.settle(before, start) : before };
      };
      return {
        state: first as TensorTree,
        ...(blocks && { blocks: { size: blocks.size, settle } }),
        step: (state, token, place) => {
          const { network: before, coverage = none } = state as PointerState;
          const read = inner.step(before, token, place);
          const states = requireStates(read.states, token).reshape([batch, 1, size]);
          const found = lookOnce(parameters, states, prepared, given, coverage);
          const logits = read.logits.reshape([batch, 1, network.vocabulary]);
          const { logits: written } = mixed(parameters, logits, states, found.attended, given.tokens);
          const next: PointerState = { network: read.state, ...(covers && { coverage: found.coverage }) };
          return {
            logits: written.reshape([batch, network.vocabulary]),
            states: states.reshape([batch, size]),
            state: next as TensorTree,
          };
        },
      };
    },
  };
}
