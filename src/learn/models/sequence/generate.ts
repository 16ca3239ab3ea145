/** Sequences token by token, as one loop that ends when all of them have ended. */

import { GalateaError } from "../../../core/base/index.ts";
import {
  concat,
  constant,
  foldKey,
  full,
  loop,
  oneHot,
  type Tensor,
  type TensorTree,
  tensor,
  where,
  zeros,
} from "../../../core/trace/index.ts";
import { type DrawingOptions, drawToken, impossible } from "./next-token.ts";
import type { StepBlocks, Stepping } from "./token-network.ts";

export interface GenerateOptions extends DrawingOptions {
  /** Number of tokens. */
  readonly vocabulary: number;
  /** Tokens that are made at most. */
  readonly most: number;
  /** The token that is read first, of all sequences or int32 [B]. */
  readonly begin: number | Tensor;
  /** The token after which nothing comes; there is none where absent. */
  readonly end?: number;
  /** What stands after the end. */
  readonly pad: number;
  /** Tokens that are never made, such as padding. */
  readonly never?: readonly number[];
}

/** A type, so that it can be carried. */
export type Generated = {
  /** int32 [B, most]: what was made, the end included, then padding. */
  readonly tokens: Tensor;
  /** Tokens of each row, the end included: int32 [B]. */
  readonly length: Tensor;
  /** log p of each row's tokens under the network, temperature and choice left out: [B], in nats. */
  readonly logProb: Tensor;
};

/** Scores [B, V] without some tokens. */
export function without(logits: Tensor, never: readonly number[] = []): Tensor {
  const [, vocabulary] = logits.shape;
  if (never.length === 0) return logits;
  const numbers = Array.from({ length: vocabulary }, (_, token) => (never.includes(token) ? impossible : 0));
  return logits.add(tensor(numbers, [1, vocabulary]));
}

/** One place of sequences that are being made. */
interface Place {
  /** What is read there, int32 [B], and its number. */
  readonly token: Tensor;
  readonly place: Tensor;
  readonly state: TensorTree;
  /** How often each token has occurred, [B, V]; needed with a penalty for repetition only. */
  readonly occurred: Tensor | undefined;
}

/** Reads a place and draws what comes after it. */
export function drawNext(
  step: Stepping["step"],
  { token, place, state, occurred }: Place,
  key: Tensor,
  options: GenerateOptions,
): { readonly drawn: Tensor; readonly logits: Tensor; readonly state: TensorTree } {
  const read = step(state, token, place);
  const allowed = without(read.logits, options.never);
  const drawn = drawToken(allowed, foldKey(key, place.cast("uint32")), options, occurred);
  return { drawn, logits: read.logits, state: read.state };
}

/**
 * Draws sequences.
 *
 * @param prompt int32 [B, P], what the sequences begin with; a number below 0 and all after it are free. Nothing is given
 * where absent
 * @param key random key, uint32 [2]
 * @throws GalateaError `shape`, while tracing, when a prompt is longer than what is made.
 */
export function generate(
  { state, step, blocks }: Stepping,
  batch: number,
  key: Tensor,
  options: GenerateOptions,
  prompt?: Tensor,
): Generated {
  const { vocabulary, most, begin, end, pad, repetitionPenalty } = options;
  if (prompt && prompt.shape[1] > most) {
    throw new GalateaError("shape", prompt.path, `a prompt of ${prompt.shape[1]} tokens`, `at most ${most} are made`);
  }
  const given = prompt ? concat([prompt, full([batch, most + 1 - prompt.shape[1]], -1, "int32")], 1) : undefined;
  const counts = repetitionPenalty !== 1;
  type Carry = {
    readonly place: Tensor;
    readonly token: Tensor;
    readonly tokens: Tensor;
    readonly done: Tensor;
    readonly length: Tensor;
    readonly logProb: Tensor;
    readonly state: TensorTree;
    readonly occurred?: Tensor;
  };
  const start: Carry = {
    place: tensor([0], [], "int32"),
    token: typeof begin === "number" ? full([batch], begin, "int32") : begin,
    tokens: full([batch, most], pad, "int32"),
    done: full([batch], 0, "bool"),
    length: full([batch], 0, "int32"),
    logProb: zeros([batch]),
    state,
    ...(counts && { occurred: zeros([batch, vocabulary]) }),
  };
  const readOne = (carry: Carry): { readonly carry: Carry; readonly goesOn: Tensor } => {
    const { place, token, tokens, done, length, logProb, occurred } = carry;
    const { drawn, ...read } = drawNext(step, { token, place, state: carry.state, occurred }, key, options);
    const wanted = given?.dynamicSlice(1, place, 1).reshape([batch]);
    const chosen = wanted ? where(wanted.less(0), drawn, wanted) : drawn;
    const next = where(done, constant(pad, "int32"), chosen);
    const log = read.logits.crossEntropy(chosen).neg();
    const going = done.not();
    const ended = end === undefined ? done : done.or(next.equal(end).and(wanted ? wanted.less(0) : going));
    const column = next.reshape([batch, 1]);
    return {
      carry: {
        place: place.add(1),
        token: next,
        tokens: tokens.dynamicUpdateSlice(1, place, column),
        done: ended,
        length: length.add(going.cast("int32")),
        logProb: logProb.add(where(done, constant(0), log)),
        state: read.state,
        ...(occurred && { occurred: occurred.add(oneHot(next, vocabulary)) }),
      } as Carry,
      goesOn: ended
        .all()
        .not()
        .and(place.less(most - 1)),
    };
  };
  /** The places of a block, then the block is settled. */
  const readBlock = (carry: Carry, size: number, settle: StepBlocks["settle"]) => {
    const read = loop(readOne, carry, { most: size });
    const next: Carry = { ...read, state: settle(read.state, carry.place) };
    return { carry: next, goesOn: read.done.all().not().and(read.place.less(most)) };
  };
  const last = blocks
    ? loop((carry: Carry) => readBlock(carry, blocks.size, blocks.settle), start, {
        most: Math.ceil(most / blocks.size),
      })
    : loop(readOne, start, { most });
  const { tokens, length, logProb } = last;
  return { tokens, length, logProb };
}
