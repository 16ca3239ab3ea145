/** The network of a recurrent language model, and of a recurrent decoder that looks at a memory. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, scan, type Tensor, type TensorTree, zeros } from "../../../core/trace/index.ts";
import {
  type AttentionScore,
  attentionalState,
  type Context,
  dropout,
  embedding,
  evaluationContext,
  initializers,
  type LstmState,
  linear,
  lstm,
  type SequenceAttentionParameters,
  sequenceAttention,
  subcontext,
} from "../../nn/index.ts";
import type { Memory, Stepping, TokenNetwork } from "../sequence/token-network.ts";
import { gatesOf, gateViews } from "./gate-views.ts";

export interface LstmAttentionOptions {
  readonly score: AttentionScore;
  /** Size of the memory's places. */
  readonly memory: number;
  /**
   * `after`: the state looks at the memory once it has read a token (Luong); `before`: the former state looks, and what it
   * saw is read together with the token (Bahdanau), so that training too goes place by place. `after` where absent.
   */
  readonly when?: "after" | "before";
  /**
   * Of `after`: what is read together with the next token, so that training too goes place by place. `seen`: what a state says
   * together with what it saw (Luong's input feeding); `where`: how much it looked at each place, and nothing of what was
   * there, so that it has to look again for each word; no gradient goes back through it. `nothing` where absent.
   */
  readonly feeds?: LstmFeed;
  /** Places of every memory, for `feeds` of `where`. */
  readonly places?: number;
  /**
   * What the first state knows: `mean`, the mean of the memory's places, or `nothing`, so that what is there must be looked at.
   * `mean` where absent.
   */
  readonly start?: LstmStart;
}

export const lstmStarts = ["mean", "nothing"] as const;

export type LstmStart = (typeof lstmStarts)[number];

export const lstmFeeds = ["nothing", "seen", "where"] as const;

export type LstmFeed = (typeof lstmFeeds)[number];

export interface LstmDecoderOptions {
  /** Number of tokens. */
  readonly vocabulary: number;
  /** Size of a token's vector. */
  readonly embedding: number;
  readonly hidden: number;
  readonly layers: number;
  readonly dropout?: number;
  /** Whether each state, on its way to the scores, is brought to mean 0 and deviation 1. */
  readonly attention?: LstmAttentionOptions;
  /** Whether the table of token vectors also gives the scores; needs vectors of the states' size. False where absent. */
  readonly tied?: boolean;
}

/** A type, not an interface, so that it is a parameter tree. */
export type LstmDecoderParameters = {
  readonly tokens: { readonly weight: Tensor };
  readonly recurrent: TensorTree;
  readonly head?: { readonly weight: Tensor; readonly bias?: Tensor };
  readonly attention?: SequenceAttentionParameters;
  /** Of the attentional state: [hidden, memory + hidden]. */
  readonly attend?: { readonly weight: Tensor };
  /** From the mean of the memory to the first states, all layers' h and c. */
  readonly start?: { readonly weight: Tensor; readonly bias: Tensor };
};

/** State by layers, rows first: [B, layers, hidden] each; a type, so that a loop can carry it. */
type RowsFirst = {
  readonly h: Tensor;
  readonly c: Tensor;
  /** What is read together with the next token, [B, hidden or places], where anything is. */
  readonly fed?: Tensor;
};

const rowsFirst = ({ h, c }: LstmState): RowsFirst => ({ h: h.transpose([1, 0, 2]), c: c.transpose([1, 0, 2]) });
const layersFirst = ({ h, c }: RowsFirst): LstmState => ({ h: h.transpose([1, 0, 2]), c: c.transpose([1, 0, 2]) });

/**
 * Stacked LSTMs that score the next token at each place, and where asked look at a memory.
 *
 * The first state is zero, or with a memory computed from the mean of its places, unless `start` is `nothing`.
 *
 * Shapes: see {@link TokenNetwork}. `inside` holds gates and cells, `input`, `forget`, `candidate`, `output`, `cell` and
 * `hidden`, [B, layers, T, hidden] each, and with a memory `memoryAttention` [B, 1, T, S].
 * @throws GalateaError `config` when sizes or options do not fit together.
 *
 * Source: Hochreiter and Schmidhuber (1997); Sutskever, Vinyals and Le, "Sequence to sequence learning" (2014); Bahdanau et
 * al. (2015); Luong et al. (2015), input feeding in section 3.3; weights fed: Chorowski et al., "Attention-based models for
 * speech recognition" (2015), there in the scores.
 */
export function lstmDecoder(options: LstmDecoderOptions): TokenNetwork<LstmDecoderParameters> {
  const { vocabulary, embedding: size, hidden, layers, attention, tied = false, dropout: rate = 0 } = options;
  if (tied && size !== hidden) {
    const seen = `vectors of ${size} numbers and states of ${hidden}`;
    throw new GalateaError("config", "tied", seen, "they must be of one size, or tied=false");
  }
  const isBefore = attention?.when === "before";
  const feeds = attention?.feeds ?? "nothing";
  if (isBefore && feeds !== "nothing") {
    const right = "what was seen is read already: choose one of both";
    throw new GalateaError("config", "feeds", `it looks before and is fed ${feeds}`, right);
  }
  const fedSizes = { nothing: 0, seen: hidden, where: attention?.places ?? 0 };
  if (feeds === "where" && fedSizes.where === 0) {
    throw new GalateaError("config", "feeds", "it is fed where it looked", "say how many places the memory has");
  }
  const fedSize = isBefore ? attention.memory : fedSizes[feeds];
  const table = embedding({ count: vocabulary, size, init: initializers.normal(size ** -0.5) });
  const recurrent = lstm({
    inputs: size + fedSize,
    hidden,
    layers,
    dropout: rate,
    forgetBias: 1,
  });
  const look = attention && sequenceAttention({ score: attention.score, query: hidden, memory: attention.memory });
  const attend = attention && linear({ inputs: attention.memory + hidden, outputs: hidden, bias: false });
  const knows = attention !== undefined && (attention.start ?? "mean") === "mean";
  const start = knows ? linear({ inputs: attention.memory, outputs: 2 * layers * hidden }) : undefined;
  const head = linear({ inputs: hidden, outputs: vocabulary });
  const drop = dropout(rate);

  const scoresOf = (parameters: LstmDecoderParameters, x: Tensor): Tensor => {
    const { weight, bias } = parameters.head ?? { ...parameters.tokens, bias: undefined };
    const [batch, count] = x.shape;
    const product = x.reshape([batch * count, hidden]).matmul(weight, { transposeB: true });
    return (bias ? product.add(bias) : product).reshape([batch, count, vocabulary]);
  };

  /** The state before the first token, rows first. */
  const firstState = (parameters: LstmDecoderParameters, batch: number, memory: Memory | undefined): RowsFirst => {
    const fed = feeds !== "nothing" && { fed: zeros([batch, fedSize]) };
    if (!memory || !start || !parameters.start) {
      const none = zeros([batch, layers, hidden]);
      return { h: none, c: none, ...fed };
    }
    const all = start.apply(parameters.start as never, meanOf(memory), evaluationContext()).tanh();
    const [h, c] = all.reshape([batch, 2, layers, hidden]).split(2, 1);
    return { h: h.reshape([batch, layers, hidden]), c: c.reshape([batch, layers, hidden]), ...fed };
  };

  const requireMemory = (memory: Memory | undefined, at: Tensor): void => {
    if ((memory === undefined) === (attention === undefined)) return;
    const seen = memory ? "got a memory without attention" : "attention without a memory";
    throw new GalateaError("config", at.path, seen, "give both, or none");
  };

  /** One token after a state, with what is looked at before or after: x [B, 1, size]. */
  const advance = (
    parameters: LstmDecoderParameters,
    state: RowsFirst,
    x: Tensor,
    memory: Memory | undefined,
    prepared: ReturnType<NonNullable<typeof look>["prepare"]> | undefined,
    context: Context,
  ) => {
    const attended = (query: Tensor) =>
      look && prepared && parameters.attention
        ? look.attend(parameters.attention, query, prepared, memory?.visible)
        : undefined;
    const batch = x.shape[0];
    const before = isBefore ? attended(state.h.slice(1, layers - 1, 1).reshape([batch, 1, hidden])) : undefined;
    const told = before?.context ?? state.fed?.reshape([batch, 1, fedSize]);
    const entering = told ? concat([x, told], 2) : x;
    const { output, last, steps } = recurrent.run(parameters.recurrent as never, entering, context, layersFirst(state));
    const after = isBefore ? before : attended(output);
    const seen =
      after && parameters.attend ? attentionalState(parameters.attend.weight, after.context, output) : output;
    // Without gradients no look serves to tell later words what was there.
    const next = feeds === "where" ? after?.weights.stopGradient() : seen;
    const fed = feeds !== "nothing" && next && { fed: next.reshape([batch, fedSize]) };
    return { seen, state: { ...rowsFirst(last), ...fed }, weights: after?.weights, gates: gatesOf(steps) };
  };

  return {
    vocabulary,
    views: {
      ...gateViews({ kind: "read" as const }, "gates"),
      ...(attention && {
        memoryAttention: {
          kind: "attention",
          title: "where it looks for each token that it writes",
          rows: { kind: "said" },
          columns: { kind: "memory" },
        },
      }),
    },
    init: (key) => ({
      tokens: table.init(foldKey(key, 0)),
      recurrent: recurrent.init(foldKey(key, 1)),
      ...(!tied && { head: head.init(foldKey(key, 2)) }),
      ...(look && { attention: look.init(foldKey(key, 3)) }),
      ...(attend && { attend: attend.init(foldKey(key, 4)) as { weight: Tensor } }),
      ...(start && { start: start.init(foldKey(key, 5)) as { weight: Tensor; bias: Tensor } }),
    }),
    read: (parameters, tokens, memory, context) => {
      requireMemory(memory, tokens);
      const [batch, count] = tokens.shape;
      const x = drop.apply({}, table.apply(parameters.tokens, tokens, context), subcontext(context, 0));
      const first = firstState(parameters, batch, memory);
      const prepared = memory && look && parameters.attention && look.prepare(parameters.attention, memory.places);
      if (fedSize === 0) {
        const { seen, weights, gates } = advance(parameters, first, x, memory, prepared, subcontext(context, 1));
        const logits = scoresOf(parameters, drop.apply({}, seen, subcontext(context, 2)));
        return {
          logits,
          states: seen,
          inside: {
            ...gates,
            ...(weights && { memoryAttention: weights.reshape([batch, 1, count, weights.shape[2]]) }),
          },
        };
      }
      const inOrder = x.transpose([1, 0, 2]).reshape([count, batch, 1, size]);
      const { ys } = scan(
        (state: RowsFirst, entering: Tensor) => {
          const found = advance(parameters, state, entering, memory, prepared, subcontext(context, 1));
          const weights = found.weights as Tensor;
          return { carry: found.state, y: { seen: found.seen, weights, gates: { ...found.gates } } };
        },
        first,
        inOrder,
      );
      const byRows = (y: Tensor): Tensor => y.reshape([count, batch, y.shape[3]]).transpose([1, 0, 2]);
      const seen = byRows(ys.seen);
      const weights = byRows(ys.weights);
      return {
        logits: scoresOf(parameters, drop.apply({}, seen, subcontext(context, 2))),
        states: seen,
        inside: {
          // [T, B, layers, 1, hidden]
          ...Object.fromEntries(
            Object.entries(ys.gates).map(([name, gate]) => [
              name,
              gate.reshape([count, batch, layers, hidden]).transpose([1, 2, 0, 3]),
            ]),
          ),
          memoryAttention: weights.reshape([batch, 1, count, weights.shape[2]]),
        },
      };
    },
    begin: (parameters, { batch }, memory): Stepping => {
      requireMemory(memory, parameters.tokens.weight);
      const context = evaluationContext();
      const prepared = memory && look && parameters.attention && look.prepare(parameters.attention, memory.places);
      return {
        state: firstState(parameters, batch, memory),
        step: (state, token) => {
          const x = table.apply(parameters.tokens, token.reshape([batch, 1]), context);
          const found = advance(parameters, state as RowsFirst, x, memory, prepared, context);
          return {
            logits: scoresOf(parameters, found.seen).reshape([batch, vocabulary]),
            states: found.seen.reshape([batch, hidden]),
            state: found.state,
          };
        },
      };
    },
  };
}

/** The mean of the places that may be seen, [B, size]. */
function meanOf({ places, visible }: Memory): Tensor {
  if (!visible) return places.mean(1);
  const [batch, count] = visible.shape;
  const counts = visible.cast("float32").reshape([batch, count, 1]);
  return places.mul(counts).sum(1).div(counts.sum(1).maximum(1));
}
