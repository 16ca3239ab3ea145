/** Beam search: of each example the most probable beginnings are followed, several at a time. */

import { mapTree } from "../../../core/base/index.ts";
import { full, loop, range, type Tensor, type TensorTree, tensor, where, zeros } from "../../../core/trace/index.ts";
import { type Generated, type GenerateOptions, without } from "./generate.ts";
import { impossible } from "./next-token.ts";
import type { Stepping } from "./token-network.ts";

export interface BeamOptions extends Pick<GenerateOptions, "vocabulary" | "most" | "end" | "pad" | "never"> {
  /** The token that is read first. */
  readonly begin: number;
  /** Beginnings that are followed of each example; 1 is greedy. */
  readonly beams: number;
  /** Exponent of the length that log-probabilities are divided by: 0 prefers short sequences, 1 takes the mean. */
  readonly lengthPenalty: number;
}

/**
 * The most probable sequences that are found, one of each example.
 *
 * score = log p / ((5 + length) / 6)^lengthPenalty. Sequences that have ended stay among the beams as they are; the search
 * ends when all have, or at `most` tokens.
 *
 * @param stepping of B beams rows, those of an example in a row
 *
 * Source: Wu et al., "Google's neural machine translation system" (2016), section 7, equation 14, without coverage.
 */
export function beamSearch({ state, step }: Stepping, batch: number, options: BeamOptions): Generated {
  const { vocabulary, most, begin, end, pad, beams, lengthPenalty } = options;
  const rows = batch * beams;
  type Carry = {
    readonly place: Tensor;
    readonly token: Tensor;
    readonly tokens: Tensor;
    readonly done: Tensor;
    readonly length: Tensor;
    readonly logProb: Tensor;
    readonly state: TensorTree;
  };
  const divisor = (length: Tensor): Tensor =>
    length
      .cast("float32")
      .add(5)
      .mul(1 / 6)
      .pow(lengthPenalty);
  const scoreOf = (logProb: Tensor, length: Tensor): Tensor =>
    lengthPenalty === 0 ? logProb : logProb.div(divisor(length));
  /** 0 for the first beam of each example, else log 0: at first all beams are the same one. */
  const onlyFirst = where(range(beams, "int32").equal(0), zeros([beams]), impossible).reshape([1, beams]);
  const start: Carry = {
    place: tensor([0], [], "int32"),
    token: full([rows], begin, "int32"),
    tokens: full([rows, most], pad, "int32"),
    done: full([rows], 0, "bool"),
    length: full([rows], 0, "int32"),
    logProb: onlyFirst.expand([batch, beams]).reshape([rows]),
    state,
  };
  const firstRow = range(batch, "int32").mul(beams).reshape([batch, 1]);
  // Of a sequence that has ended one continuation is left, padding, at no cost.
  const onlyPad = where(range(vocabulary, "int32").equal(pad), zeros([vocabulary]), impossible).reshape([
    1,
    vocabulary,
  ]);

  const last = loop(
    (carry: Carry) => {
      const { place, token, tokens, done, length, logProb } = carry;
      const read = step(carry.state, token, place);
      const over = done.reshape([rows, 1]);
      const logs = where(over, onlyPad.expand([rows, vocabulary]), without(read.logits, options.never).logSoftmax(1));
      const total = logs.add(logProb.reshape([rows, 1])); // [rows, V]
      const lengths = length.add(done.not().cast("int32")); // of what each row becomes
      const scores = scoreOf(total, lengths.reshape([rows, 1]).expand([rows, vocabulary]));
      const best = scores
        .reshape([batch, beams * vocabulary])
        .topK(beams, 1)
        .indices.cast("int32"); // [B, beams]
      const beam = best.div(vocabulary); // rounds toward 0
      const from = beam.add(firstRow).reshape([rows]);
      const chosen = best.sub(beam.mul(vocabulary)).reshape([rows]);
      const kept = total
        .reshape([batch, beams * vocabulary])
        .takeAlongAxis(best, 1)
        .reshape([rows]);
      const wasDone = done.gather(from);
      const ended = end === undefined ? wasDone : wasDone.or(chosen.equal(end));
      const row = (x: Tensor): Tensor => x.gather(from);
      return {
        carry: {
          place: place.add(1),
          token: chosen,
          tokens: row(tokens).dynamicUpdateSlice(1, place, chosen.reshape([rows, 1])),
          done: ended,
          length: row(lengths),
          logProb: kept,
          state: mapTree<Tensor, Tensor>(read.state as never, row) as TensorTree,
        } as Carry,
        goesOn: ended.all().not(),
      };
    },
    start,
    { most },
  );
  const scores = scoreOf(last.logProb, last.length).reshape([batch, beams]);
  const winner = scores.argMax(1).cast("int32").reshape([batch, 1]).add(firstRow).reshape([batch]);
  const { tokens, length, logProb } = last;
  return {
    tokens: tokens.gather(winner),
    length: length.gather(winner),
    logProb: logProb.gather(winner),
  };
}

/** Each row `times` in a row: [B, ...] -> [B times, ...]. */
export function repeatRows(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const [batch, ...rest] = x.shape;
  const repeated = x.reshape([batch, 1, ...rest]).expand([batch, times, ...rest]);
  return repeated.reshape([batch * times, ...rest]);
}
